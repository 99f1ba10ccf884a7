"""A licensed system that watches what is done to it, and who gave reason for it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from licbot.domain.activation import Activation, ActivationState, run_key
from licbot.domain.licenses import LicenseSet, Offer
from licbot.domain.removals import Held, Removal
from licbot.ports.clock import Clock
from licbot.testing import MemorySystem, Outcome, Seat

GOES_ALONG: Mapping[str, frozenset[str]] = {
    "sales": frozenset({"sales", "travel"}),
    "travel": frozenset({"travel"}),
    "premium": frozenset({"premium", "web"}),
    "basic": frozenset({"basic", "web"}),
    "web": frozenset({"web", "premium", "basic"}),
    "support": frozenset({"support"}),
}
"""What a user may lose where one licence is ticked, said without the domain's arithmetic."""


COMES_WITH: Mapping[str, frozenset[str]] = {
    "premium": frozenset({"premium", "web"}),
    "basic": frozenset({"basic", "web"}),
}
"""What a user may get where they are given a plan, said likewise."""


def pairs(held: Held) -> set[Seat]:
    """Who holds what, as pairs."""
    return {(user, module) for user, modules in held.items() for module in modules}


class WatchedSystem(MemorySystem):
    """Checks each change as it is made, also where the answer gets lost.

    running: the activations as the store has them. ticked: what people ticked for one of them.
    chosen: which plan they chose for those whom they ticked.
    installed_once: every set that was put in force.
    """

    running: Callable[[], Awaitable[Sequence[Activation]]]
    ticked: Callable[[Activation], Awaitable[frozenset[Seat]]]
    chosen: Callable[[Activation], Awaitable[Mapping[Seat, str]]]

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, name="crm")
        self.installed_once: list[LicenseSet] = []
        self._seats_known: set[Seat] = set()
        self._sets_known: list[LicenseSet] = []

    def settle(self) -> None:
        """Take what is held and in force now as given."""
        self._seats_known = pairs(self.seats.held())
        self._sets_known = list(self.in_force())

    def check_unwatched(self) -> None:
        """Nothing changed but by the ways that are watched."""
        assert pairs(self.seats.held()) == self._seats_known
        assert list(self.in_force()) == self._sets_known

    async def take(self, removals: Sequence[Removal], run: str, actor: str = "") -> None:
        """Only what was ticked, or goes along with it, is taken, by a run that goes on.

        Nobody gets anything but the plan that was chosen for them, for one that they lose, and as
        far as there is room.
        """
        [activation] = [each for each in await self.running() if run_key(each) == run]
        assert activation.state is ActivationState.ACTIVATING
        ticked, chosen = await self.ticked(activation), await self.chosen(activation)
        async with self._watched() as before:
            await super().take(removals, run, actor)
        after = pairs(self.seats.held())
        for user, module in before - after:
            reasons = {key for name, key in ticked if name == user}
            assert any(module in GOES_ALONG[key] for key in reasons), (user, module, ticked)
        for user, module in after - before:
            plans = {
                plan
                for (name, key), plan in chosen.items()
                if name == user and (user, key) in before - after and (user, plan) in after
            }
            assert any(module in COMES_WITH[plan] for plan in plans), (user, module, chosen)
            assert not self._is_over(module)

    async def give_back(self, run: str, actor: str = "") -> Sequence[Removal]:
        """Only what the run took comes back, and all of it as far as there is room.

        Only what it gave goes for it, and never so that somebody is left without a plan.
        """
        mine = self.seats.runs.get(run, {})
        taken = {seat for seat, (outcome, _) in mine.items() if outcome is Outcome.TAKEN}
        given = {seat for seat, (outcome, _) in mine.items() if outcome is Outcome.GIVEN}
        async with self._watched() as before:
            lost = await super().give_back(run, actor)
        after = pairs(self.seats.held())
        assert before - given <= after <= before | taken
        for user, module in before - after:
            assert module not in COMES_WITH or any((user, plan) in after for plan in COMES_WITH)
        for user, module in taken - after:
            without = {key for name, key in taken - after if name == user}
            assert any(self._is_full(key) for key in without if module in GOES_ALONG[key])
        return lost

    async def install(self, offer: Offer, actor: str = "") -> None:
        """The set in force changes only here, by a run that goes on, and then all have a seat."""
        former = list(self.in_force())
        running = [each for each in await self.running() if each.offer_digest == offer.digest]
        try:
            async with self._watched() as before:
                await super().install(offer, actor)
        finally:
            assert pairs(self.seats.held()) == before
            if list(self.in_force()) != former:
                assert [each.state for each in running] == [ActivationState.ACTIVATING]
                assert list(self.in_force()) == [offer.license]
                assert not [module for module in GOES_ALONG if self._is_over(module)]
                self.installed_once.append(offer.license)

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[set[Seat]]:
        """What is held before; what happens inside is given afterwards."""
        try:
            yield pairs(self.seats.held())
        finally:
            self.settle()

    def _granted(self, module: str) -> float:
        [current] = self.in_force()
        row = current.by_key().get(module)
        if row is None:
            return 0
        return float("inf") if row.unrestricted else row.number

    def _in_use(self, module: str) -> int:
        return sum(key == module for _, key in pairs(self.seats.held()))

    def _is_full(self, module: str) -> bool:
        return self._in_use(module) >= self._granted(module)

    def _is_over(self, module: str) -> bool:
        return self._in_use(module) > self._granted(module)
