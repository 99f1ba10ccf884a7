"""Which of the seats that were taken can be given back."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from licbot.domain.licenses import LicenseSet, LicenseType
from licbot.domain.removals import Dependencies, Held, closure, dependencies


@dataclass(frozen=True, kw_only=True, slots=True)
class Returns:
    """What users get back, and what they hand over for it.

    given: by user; what they hold already is among it. withdrawn: what they had got instead.
    """

    given: Held
    withdrawn: Held


def fitting(
    wanted: Held, held: Held, in_use: Mapping[str, int], sets: Sequence[LicenseSet]
) -> Held:
    """The wanted seats that can be given back, by user; what they hold already is among them.

    Who can't have one back gets nothing back that depends on it. Where there is no room for all,
    the first user ids come first.

    held: what these users hold now. in_use: seats in use by module key. sets: in force.
    """
    return returns(wanted, {}, held, in_use, sets).given


def returns(
    wanted: Held,
    instead: Held,
    held: Held,
    in_use: Mapping[str, int],
    sets: Sequence[LicenseSet],
) -> Returns:
    """As fitting, for users who got other seats in place of the wanted ones.

    instead: what they got. They hand it over only where the plans they had come back to them, and
    where nothing they hold besides needs it: nobody is left without a plan for it.
    """
    depends = dependencies(sets)
    limits = _limits(sets)
    plans = _plans(wanted, sets)
    used = Counter(in_use)
    given: dict[str, frozenset[str]] = {}
    withdrawn: dict[str, frozenset[str]] = {}
    for user, modules in sorted(wanted.items()):
        has = held.get(user, frozenset())
        got = instead.get(user, frozenset()) & has
        had = modules & plans if got else frozenset[str]()
        used.subtract(got)
        back = _back(modules, has - got, frozenset(), used, limits, depends)
        if had <= back and closure(has, got, depends, back) == got:
            withdrawn[user] = got
        else:
            used.update(got)
            back, got = _back(modules, has, had, used, limits, depends), frozenset()
        used.update(back - (has - got))
        given[user] = back
    return Returns(given=given, withdrawn={user: got for user, got in withdrawn.items() if got})


def _back(
    modules: frozenset[str],
    has: frozenset[str],
    barred: frozenset[str],
    used: Mapping[str, int],
    limits: Mapping[str, float],
    depends: Dependencies,
) -> frozenset[str]:
    """What a user has of these modules once what fits was given back; nothing of ``barred``."""
    new = modules - has
    full = frozenset(
        module for module in new if module in barred or used[module] >= limits.get(module, 0)
    )
    return (modules & has) | (new - closure(has | new, full, depends))


def overfull(
    more: Mapping[str, int], in_use: Mapping[str, int], sets: Sequence[LicenseSet]
) -> Sequence[str]:
    """Keys of the licences in which more seats are to be given than are free, sorted.

    more: seats to be given, and in_use: seats in use, both by module key. sets: in force.
    """
    limits = _limits(sets)
    return sorted(
        key for key, seats in more.items() if in_use.get(key, 0) + seats > limits.get(key, 0)
    )


def _limits(sets: Iterable[LicenseSet]) -> Mapping[str, float]:
    """How many seats users may hold, by module key; none of what is not for users."""
    return {
        module.key: math.inf if module.unrestricted else module.number
        for license_set in sets
        for module in license_set.modules
        if module.type is LicenseType.USER
    }


def _plans(wanted: Held, sets: Iterable[LicenseSet]) -> frozenset[str]:
    """Those of the wanted licences that are user plans, or not granted any longer."""
    known = {module.key: module for each in sets for module in each.modules}
    return frozenset(
        key
        for modules in wanted.values()
        for key in modules
        if key not in known or known[key].is_plan
    )
