"""Which of the seats that were taken can be given back."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from licbot.domain.licenses import LicenseSet, LicenseType
from licbot.domain.removals import Held, closure, dependencies


def fitting(
    wanted: Held, held: Held, in_use: Mapping[str, int], sets: Sequence[LicenseSet]
) -> Held:
    """The wanted seats that can be given back, by user; what they hold already is among them.

    Who can't have one back gets nothing back that depends on it. Where there is no room for all,
    the first user ids come first.

    held: what these users hold now. in_use: seats in use by module key. sets: in force.
    """
    depends = dependencies(sets)
    limits = _limits(sets)
    used = Counter(in_use)
    given: dict[str, frozenset[str]] = {}
    for user, modules in sorted(wanted.items()):
        has = held.get(user, frozenset())
        new = modules - has
        full = frozenset(module for module in new if used[module] >= limits.get(module, 0))
        fits = new - closure(has | new, full, depends)
        used.update(fits)
        given[user] = (modules & has) | fits
    return given


def _limits(sets: Iterable[LicenseSet]) -> Mapping[str, float]:
    """How many seats users may hold, by module key; none of what is not for users."""
    return {
        module.key: math.inf if module.unrestricted else module.number
        for license_set in sets
        for module in license_set.modules
        if module.type is LicenseType.USER
    }
