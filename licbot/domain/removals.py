"""Planned deselections, and what each of them takes along."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from licbot.domain.licenses import LicenseSet, LicenseType, fold

Held = Mapping[str, frozenset[str]]
"""The module keys that each user holds, by user id."""

Seat = tuple[str, str]
"""A user's id and a module key."""

Instead = Mapping[Seat, str]
"""The key of the plan that is to be given in place of a seat."""


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
    instead: the key of the plan that the user gets in its place; empty where they lose it.
    gives: the keys of all seats that are given in its place, the plan's hidden ones too, as far
    as the user lacks them. Empty beside a plan that this user cannot be given.
    """

    user: str
    module: str
    picked: bool
    done: bool = False
    instead: str = ""
    gives: tuple[str, ...] = ()

    @property
    def is_stuck(self) -> bool:
        """Whether it cannot be carried out: the user can't be given the plan."""
        return bool(self.instead) and not self.gives and not self.done


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


def closure(
    held: frozenset[str],
    taken: frozenset[str],
    depends: Dependencies,
    given: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """All licences one user loses when ``taken`` are taken, out of those ``held``.

    Along go the licences that have a taken one as prerequisite, the hidden licences of a taken
    plan that no plan left needs, and the plans that cannot do without a taken hidden licence.
    given: plans that the user gets at the same time; what they need stays.
    """
    removed = taken & held
    while True:
        grown = removed | (_taken_along(held, removed, depends, given) & held)
        if grown == removed:
            return removed
        removed = grown


def _taken_along(
    held: frozenset[str], removed: frozenset[str], depends: Dependencies, given: frozenset[str]
) -> frozenset[str]:
    left = (held - removed) | given
    plans_left = {key: depends.plans[key] for key in left if key in depends.plans}
    needed = frozenset().union(*plans_left.values())
    along: set[str] = set()
    for key in removed:
        along |= depends.dependents.get(key, frozenset())
        along |= depends.plans.get(key, frozenset()) - needed
    along |= {plan for plan, members in plans_left.items() if members & removed}
    return frozenset(along)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Swap:
    """The plan given in place of a seat, and all seats that come with it. See Removal."""

    instead: str = ""
    gives: tuple[str, ...] = ()


_Case = tuple[frozenset[str], frozenset[str], tuple[tuple[str, str], ...]]
"""What a user holds, what is ticked of it, and the plans to be given by the key ticked."""


def plan_removals(
    picks: Held, held: Held, depends: Dependencies, instead: Instead | None = None
) -> tuple[Removal, ...]:
    """The removals that follow from the picks: what was ticked, with what it takes along.

    Picks of people who no longer hold the licence fall away. instead: the plans that users are to
    get in place of what was ticked; one that its user holds already, and keeps, is no matter.
    """
    plans: dict[str, list[tuple[str, str]]] = {}
    for (user, module), plan in sorted((instead or {}).items()):
        plans.setdefault(user, []).append((module, plan))
    # Thousands of people hold the same few licences.
    losses: dict[_Case, Mapping[str, _Swap]] = {}
    removals: list[Removal] = []
    for user, ticked in sorted(picks.items()):
        case = (held.get(user, frozenset()), ticked, tuple(plans.get(user, ())))
        if case not in losses:
            losses[case] = _losses(*case, depends)
        removals += [
            Removal(
                user=user,
                module=module,
                picked=module in ticked,
                instead=swap.instead,
                gives=swap.gives,
            )
            for module, swap in losses[case].items()
        ]
    return tuple(removals)


def _losses(
    held: frozenset[str],
    ticked: frozenset[str],
    plans: Iterable[tuple[str, str]],
    depends: Dependencies,
) -> Mapping[str, _Swap]:
    """What a user loses, in the order of the keys, with what they get in its place."""
    wanted = {module: plan for module, plan in plans if module in held & ticked}
    given = frozenset(wanted.values()) - held
    while True:
        removed = closure(held, ticked, depends, given)
        possible = frozenset(plan for plan in given if _fits(plan, given, held, removed, depends))
        if possible == given:
            break
        given = possible
    swaps: dict[str, _Swap] = {}
    have = held - removed
    for module, plan in wanted.items():
        if plan not in have:
            brings = _brings(plan, depends) - have if plan in given else frozenset()
            swaps[module] = _Swap(instead=plan, gives=tuple(sorted(brings)))
            have |= brings
    return {module: swaps.get(module, _Swap()) for module in sorted(removed)}


def _brings(plan: str, depends: Dependencies) -> frozenset[str]:
    return frozenset({plan}) | depends.plans.get(plan, frozenset())


def _fits(
    plan: str,
    given: frozenset[str],
    held: frozenset[str],
    removed: frozenset[str],
    depends: Dependencies,
) -> bool:
    """Whether a user can have a plan once they lost something: nothing it needs is missing."""
    brings = _brings(plan, depends)
    have = (held - removed).union(*(_brings(each, depends) for each in given))
    needed = {key for key, names in depends.dependents.items() if names & (brings - held)}
    return not brings & removed and needed <= have


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


def given(removals: Iterable[Removal]) -> dict[str, int]:
    """Seats that removals are still to give in place of others, by module key."""
    return dict(Counter(module for each in removals if not each.done for module in each.gives))


def freed(removals: Sequence[Removal]) -> dict[str, int]:
    """Seats that removals are still to free, by module key; negative where they give more."""
    free = Counter(lost(removal for removal in removals if not removal.done))
    free.subtract(given(removals))
    return {module: number for module, number in free.items() if number}


def reassigned(removals: Iterable[Removal]) -> dict[tuple[str, str], int]:
    """How many users get another plan, by the keys of what they lose and of what they get."""
    return dict(Counter((each.module, each.instead) for each in removals if each.instead))


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
