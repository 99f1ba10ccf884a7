"""Seats in memory, and what runs did with them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from licbot.domain.licenses import LicenseSet, fold
from licbot.domain.removals import Held, Removal, Seat, by_user
from licbot.domain.returns import overfull, returns


class Outcome(StrEnum):
    """What a run did with a seat.

    ABSENT: the user did not hold it when it was to be taken.
    LOST: it was taken and could not be given back.
    GIVEN: the user got it in place of one that was taken. WITHDRAWN: and handed it over again.
    KEPT: they did not, since what they had could not come back.
    """

    TAKEN = "taken"
    ABSENT = "absent"
    GIVEN_BACK = "given back"
    LOST = "lost"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"


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

    def take(
        self, removals: Sequence[Removal], run: str, sets: Sequence[LicenseSet] = ()
    ) -> Sequence[str]:
        """Take the seats that this run has not dealt with yet, and give what is given instead.

        sets: in force; what is given must have room in them. Returns the keys of those licences
        that have none, with nothing done.
        """
        log = self.runs.setdefault(run, {})
        open_ones = [each for each in removals if (each.user, each.module) not in log]
        there = [each for each in open_ones if each.module in self.of(each.user)]
        gone = {(each.user, each.module) for each in there}
        gifts = self._gifts(there)
        left = Counter(self.in_use())
        left.subtract(module for _, module in gone)
        full = overfull(Counter(module for _, module in gifts), left, sets)
        if full:
            return full
        for each in open_ones:
            seat = (each.user, each.module)
            log[seat] = (Outcome.TAKEN if seat in gone else Outcome.ABSENT, each)
            self.revoke(*seat)
        for (user, module), each in gifts.items():
            log[user, module] = (Outcome.GIVEN, each)
            self.give(user, module)
        return ()

    def _gifts(self, removals: Sequence[Removal]) -> Mapping[Seat, Removal]:
        """What users get that they lack, with the removal it comes with."""
        return {
            (each.user, module): each
            for each in removals
            for module in each.gives
            if module not in self.of(each.user)
        }

    def give_back(self, run: str, sets: Sequence[LicenseSet]) -> Sequence[Removal]:
        """Give back what a run took, as far as the licence sets allow; returns what was lost."""
        log = self.runs.setdefault(run, {})
        taken = [seat for seat, (outcome, _) in log.items() if outcome is Outcome.TAKEN]
        gifts = [seat for seat, (outcome, _) in log.items() if outcome is Outcome.GIVEN]
        wanted = by_user(seat for seat in taken if not self.has_left(seat[0]))
        found = returns(wanted, by_user(gifts), self.held(), self.in_use(), sets)
        for user, modules in found.withdrawn.items():
            self.revoke(user, *modules)
        for user, modules in found.given.items():
            self.give(user, *modules)
        back = {(user, module) for user, modules in found.given.items() for module in modules}
        for seat in taken:
            log[seat] = (Outcome.GIVEN_BACK if seat in back else Outcome.LOST, log[seat][1])
        for seat in gifts:
            withdrawn = seat[0] in found.withdrawn
            log[seat] = (Outcome.WITHDRAWN if withdrawn else Outcome.KEPT, log[seat][1])
        return sorted(removal for outcome, removal in log.values() if outcome is Outcome.LOST)
