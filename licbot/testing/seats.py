"""Seats in memory, and what runs did with them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from licbot.domain.licenses import LicenseSet, LicenseType, fold
from licbot.domain.removals import Held, Removal, closure, dependencies

Seat = tuple[str, str]
"""A user's id and a module key."""


class Outcome(StrEnum):
    """What a run did with a seat.

    ABSENT: the user did not hold it when it was to be taken.
    LOST: it was taken and could not be given back.
    """

    TAKEN = "taken"
    ABSENT = "absent"
    GIVEN_BACK = "given back"
    LOST = "lost"


class Seats:
    """Who holds what.

    runs: what each run did, by its key: the outcome and the removal by seat.
    """

    def __init__(self) -> None:
        self.runs: dict[str, dict[Seat, tuple[Outcome, Removal]]] = {}
        self._held: dict[str, set[str]] = {}
        self._gone: set[str] = set()

    def give(self, user: str, *modules: str) -> None:
        """Let a user hold these too."""
        self._held.setdefault(user, set()).update(fold(module) for module in modules)

    def revoke(self, user: str, *modules: str) -> None:
        """Let a user hold these no longer."""
        self._held.get(user, set()).difference_update(fold(module) for module in modules)

    def leave(self, user: str) -> None:
        """Count nothing of a user who was deleted."""
        self._gone.add(user)

    def has_left(self, user: str) -> bool:
        """Whether a user was deleted."""
        return user in self._gone

    def of(self, user: str) -> frozenset[str]:
        """The module keys that a user holds; nothing for one who was deleted."""
        return frozenset() if user in self._gone else frozenset(self._held.get(user, ()))

    def held(self) -> Held:
        """The module keys that each user holds, users without a seat left out."""
        return {user: held for user in sorted(self._held) if (held := self.of(user))}

    def in_use(self) -> Mapping[str, int]:
        """Seats in use by module key."""
        return Counter(module for held in self.held().values() for module in held)

    def drop(self, modules: Collection[str]) -> None:
        """Let nobody hold these any longer."""
        for held in self._held.values():
            held.difference_update(modules)

    def taken(self, run: str) -> Sequence[Removal]:
        """The seats that a run took and did not give back, in their order."""
        return sorted(
            removal
            for outcome, removal in self.runs.get(run, {}).values()
            if outcome in (Outcome.TAKEN, Outcome.LOST)
        )

    def take(self, removals: Sequence[Removal], run: str) -> None:
        """Take the seats that this run has not dealt with yet."""
        log = self.runs.setdefault(run, {})
        for removal in removals:
            seat = (removal.user, removal.module)
            if seat not in log:
                had = removal.module in self.of(removal.user)
                log[seat] = (Outcome.TAKEN if had else Outcome.ABSENT, removal)
                if had:
                    self.revoke(*seat)

    def give_back(self, run: str, sets: Sequence[LicenseSet]) -> Sequence[Removal]:
        """Give back what a run took, as far as the licence sets allow; returns what was lost."""
        log = self.runs.setdefault(run, {})
        taken: dict[str, set[str]] = {}
        for (user, module), (outcome, _) in log.items():
            if outcome is Outcome.TAKEN:
                taken.setdefault(user, set()).add(module)
        for user, modules in sorted(taken.items()):
            kept = self._restore(user, frozenset(modules), sets)
            for module in modules:
                removal = log[user, module][1]
                outcome = Outcome.GIVEN_BACK if module in kept else Outcome.LOST
                log[user, module] = (outcome, removal)
        return sorted(removal for outcome, removal in log.values() if outcome is Outcome.LOST)

    def _restore(
        self, user: str, modules: frozenset[str], sets: Sequence[LicenseSet]
    ) -> frozenset[str]:
        """Who can't have one back gets nothing back that depends on it."""
        if user in self._gone:
            return frozenset()
        has = self.of(user)
        full = frozenset(module for module in modules - has if not self._has_room(module, sets))
        lost = closure(has | modules, full, dependencies(sets))
        self.give(user, *(modules - has - lost))
        return (modules & has) | (modules - lost)

    def _has_room(self, module: str, sets: Sequence[LicenseSet]) -> bool:
        known = next((each.by_key()[module] for each in sets if module in each.by_key()), None)
        if known is None or known.type is not LicenseType.USER:
            return False
        return known.unrestricted or self.in_use().get(module, 0) < known.number
