"""Planned deselections, and what each of them takes along."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from licbot.domain.licenses import LicenseSet, LicenseType, fold

Held = Mapping[str, frozenset[str]]
"""The module keys that each user holds, by user id."""

Seat = tuple[str, str]
"""A user's id and a module key."""


def by_user(seats: Iterable[Seat]) -> Held:
    """Who holds these seats; users without one are absent."""
    held: dict[str, set[str]] = {}
    for user, module in seats:
        held.setdefault(user, set()).add(module)
    return {user: frozenset(modules) for user, modules in held.items()}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Removal:
    """A seat that is planned to be taken.

    module: the key of the module licence.
    picked: a person ticked it; otherwise it goes along with one that was ticked.
    done: people have taken it already, by hand.
    """

    user: str
    module: str
    picked: bool
    done: bool = False


class Lane(StrEnum):
    """How freely a seat may be taken from a holder."""

    READY = "ready"
    NEEDS_REVIEW = "needs review"
    PROTECTED = "protected"


@dataclass(frozen=True, kw_only=True, slots=True)
class RemovalAdvice:
    """What to know before a holder is picked: the lane, and why, in a few words."""

    lane: Lane
    why: str = ""


def strictest(advice: Iterable[RemovalAdvice]) -> RemovalAdvice:
    """The advice with the strictest lane; ready where there is none."""
    lanes = list(Lane)
    return max(advice, key=lambda a: lanes.index(a.lane), default=RemovalAdvice(lane=Lane.READY))


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependencies:
    """Which licences go along when one is taken, by module key.

    dependents: the licences that have the key as their prerequisite.
    plans: for each user plan the hidden user licences that come with it.
    """

    dependents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    plans: Mapping[str, frozenset[str]] = field(default_factory=dict)


def dependencies(sets: Iterable[LicenseSet]) -> Dependencies:
    """Read the dependencies off licence sets."""
    modules = [module for license_set in sets for module in license_set.modules]
    hidden = {m.key for m in modules if m.hidden and m.type is LicenseType.USER}
    dependents: dict[str, set[str]] = {}
    for module in modules:
        if module.prerequisite:
            dependents.setdefault(fold(module.prerequisite), set()).add(module.key)
    plans: dict[str, frozenset[str]] = {}
    for module in modules:
        if module.type is LicenseType.USER and module.plan_members & hidden:
            plans[module.key] = plans.get(module.key, frozenset()) | module.plan_members & hidden
    return Dependencies(
        dependents={key: frozenset(names) for key, names in dependents.items()},
        plans=plans,
    )


def closure(held: frozenset[str], taken: frozenset[str], depends: Dependencies) -> frozenset[str]:
    """All licences one user loses when ``taken`` are taken, out of those ``held``.

    Along go the licences that have a taken one as prerequisite, the hidden licences of a taken
    plan that no plan left needs, and the plans that cannot do without a taken hidden licence.
    """
    removed = taken & held
    while True:
        grown = removed | (_taken_along(held, removed, depends) & held)
        if grown == removed:
            return removed
        removed = grown


def _taken_along(
    held: frozenset[str], removed: frozenset[str], depends: Dependencies
) -> frozenset[str]:
    plans_left = {key: depends.plans[key] for key in held - removed if key in depends.plans}
    needed = frozenset().union(*plans_left.values())
    along: set[str] = set()
    for key in removed:
        along |= depends.dependents.get(key, frozenset())
        along |= depends.plans.get(key, frozenset()) - needed
    along |= {plan for plan, members in plans_left.items() if members & removed}
    return frozenset(along)


def plan_removals(picks: Held, held: Held, depends: Dependencies) -> tuple[Removal, ...]:
    """The removals that follow from the picks: what was ticked, with what it takes along.

    Picks of people who no longer hold the licence fall away.
    """
    # Thousands of people hold the same few licences.
    losses: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    removals: list[Removal] = []
    for user, ticked in sorted(picks.items()):
        case = (held.get(user, frozenset()), ticked)
        if case not in losses:
            losses[case] = sorted(closure(*case, depends))
        removals += [
            Removal(user=user, module=module, picked=module in ticked) for module in losses[case]
        ]
    return tuple(removals)


def keep_done(
    plan: Iterable[Removal], stored: Iterable[Removal], picks: Held, held: Held
) -> tuple[Removal, ...]:
    """The plan, and what of the stored one people have carried out by hand since.

    A seat that is gone stays in the plan as done, as long as its user is picked.
    """
    gone = (
        replace(removal, done=True)
        for removal in stored
        if picks.get(removal.user) and removal.module not in held.get(removal.user, frozenset())
    )
    return tuple(sorted([*plan, *gone]))


def lost(removals: Iterable[Removal]) -> dict[str, int]:
    """Seats that removals take in all, by module key."""
    return dict(Counter(removal.module for removal in removals))


def freed(removals: Iterable[Removal]) -> dict[str, int]:
    """Seats that removals are still to free, by module key."""
    return lost(removal for removal in removals if not removal.done)


def settle_ticks(
    *,
    shown: frozenset[str],
    ticked: frozenset[str],
    current: frozenset[str],
    mine: frozenset[str],
    listed: frozenset[str],
) -> dict[str, bool]:
    """What a person who changed a group of check boxes wants, as user → picked.

    A client sends the whole group, so a box that another person changed since the group was
    drawn looks like a wish of this one. It counts as theirs only where it differs from what was
    drawn, or where they themselves changed it in this very drawing.

    listed: the users of the group; shown: ticked when it was drawn; ticked: as sent;
    current: picked now; mine: whose pick this person was the last to change, with this drawing.
    """
    wanted = {}
    for user in listed:
        tick = user in ticked
        if tick == (user in current):
            continue
        if tick != (user in shown) or user in mine:
            wanted[user] = tick
    return wanted
