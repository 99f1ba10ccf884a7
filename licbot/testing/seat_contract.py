# ruff: noqa: S101  assert is how pytest asserts
"""The tests to inherit: for systems that let licbot take seats, and for those where people do.

Inherit one in a test module of your own, and say how a system comes about::

    class TestAcmeSystem(TakesSeats):
        @pytest.fixture
        def arrange(self) -> Arrange:
            return make_a_bench

Call ``pytest.register_assert_rewrite`` with ``licbot.testing.contract`` and
``licbot.testing.seat_contract`` in a ``conftest.py`` to see the values where one fails.
"""

import pytest

from licbot.domain.errors import SystemRefused
from licbot.domain.removals import Removal
from licbot.testing.bench import (
    ADA,
    DEV,
    ELI,
    FAY,
    GUS,
    PLANS_TENANT,
    SWAP,
    Arrange,
    Bench,
    Tenant,
    removal,
)
from licbot.testing.contract import SystemContract


class TakesSeats(SystemContract):
    """A system that lets licbot take seats."""

    async def free(self, bench: Bench, *removals: Removal) -> None:
        """Have licbot take them."""
        await bench.system.take(removals, "a/1")

    async def test_it_needs_no_guidance(self, arrange: Arrange) -> None:
        """People have nothing to do by hand."""
        assert await (await arrange(Tenant())).system.guidance([removal(ADA)]) is None

    async def test_a_run_takes_each_seat_once(self, arrange: Arrange) -> None:
        """A seat that somebody is given anew is not taken again by the same run."""
        bench = await arrange(Tenant())
        planned = [removal(ADA), removal(ADA, "travel"), removal(DEV)]

        await bench.system.take(planned[:2], "a/1")
        await bench.system.take(planned, "a/1")
        assert dict(await bench.system.in_use()) == {"sales": 2, "travel": 1, "support": 1}

        await bench.seat(DEV, "sales")
        await bench.system.take(planned, "a/1")
        assert await bench.system.held_by([ADA, DEV]) == {DEV: {"sales"}}

        await bench.system.take(planned, "a/2")
        assert await bench.system.held_by([ADA, DEV]) == {}

    async def test_a_run_gives_back_what_it_took_and_nothing_else(self, arrange: Arrange) -> None:
        """Doing it again changes nothing, not even after the seat was taken once more."""
        bench = await arrange(Tenant())
        await bench.system.take([removal(ADA), removal(FAY), removal(ELI)], "a/1")
        await bench.system.take([removal(DEV)], "a/2")

        assert await bench.system.give_back("a/1") == []
        assert dict(await bench.system.in_use()) == {"sales": 3, "travel": 2, "support": 1}
        assert await bench.system.held_by([FAY, DEV]) == {}

        await bench.system.take([removal(ADA)], "a/3")
        assert await bench.system.give_back("a/1") == []
        assert await bench.system.held_by([ADA]) == {ADA: {"travel"}}
        assert await bench.system.give_back("never run") == []

    async def test_what_has_no_room_stays_away_with_what_depends_on_it(
        self, arrange: Arrange
    ) -> None:
        """It is told, the first time and later."""
        bench = await arrange(Tenant())
        await bench.system.take([removal(ADA), removal(ADA, "travel")], "a/1")
        await bench.seat(FAY, "sales")
        await bench.seat(GUS, "sales")
        lost = [removal(ADA), removal(ADA, "travel")]

        assert await bench.system.give_back("a/1") == lost
        assert await bench.system.give_back("a/1") == lost
        assert dict(await bench.system.in_use()) == {"sales": 5, "travel": 1, "support": 1}

    async def test_another_plan_is_given_in_place_of_one_that_is_taken(
        self, arrange: Arrange
    ) -> None:
        """With what comes with it; what both need stays. Doing it again changes nothing."""
        bench = await arrange(PLANS_TENANT)

        await bench.system.take(SWAP, "a/1")
        await bench.system.take(SWAP, "a/1")

        assert await bench.system.held_by([ADA]) == {ADA: {"basic", "user", "mail"}}
        assert dict(await bench.system.in_use()) == {"premium": 1, "basic": 2, "user": 3} | {
            "web": 1,
            "mail": 2,
        }

    async def test_who_lost_the_plan_meanwhile_gets_nothing_in_its_place(
        self, arrange: Arrange
    ) -> None:
        """Somebody dealt with them already."""
        bench = await arrange(PLANS_TENANT)
        for module in ("premium", "user", "web"):
            await bench.unseat(ADA, module)

        await bench.system.take(SWAP, "a/1")

        assert not (await bench.system.held_by([ADA])).get(ADA)

    async def test_what_has_no_room_is_refused_with_nothing_taken(self, arrange: Arrange) -> None:
        """The last free seat was given to somebody else."""
        bench = await arrange(PLANS_TENANT)
        await bench.seat(FAY, "basic")

        with pytest.raises(SystemRefused):
            await bench.system.take(SWAP, "a/1")

        assert await bench.system.held_by([ADA]) == {ADA: {"premium", "user", "web"}}
        assert await bench.system.give_back("a/1") == []
        assert await bench.system.held_by([ADA]) == {ADA: {"premium", "user", "web"}}

    async def test_what_was_given_is_taken_away_as_the_old_plan_comes_back(
        self, arrange: Arrange
    ) -> None:
        """Once."""
        bench = await arrange(PLANS_TENANT)
        await bench.system.take(SWAP, "a/1")

        assert await bench.system.give_back("a/1") == []
        assert await bench.system.held_by([ADA]) == {ADA: {"premium", "user", "web"}}

        await bench.system.take(SWAP, "a/2")
        assert await bench.system.give_back("a/1") == []
        assert await bench.system.held_by([ADA]) == {ADA: {"basic", "user", "mail"}}

    async def test_who_cannot_have_the_old_plan_back_keeps_the_new_one(
        self, arrange: Arrange
    ) -> None:
        """Nobody is left without a plan."""
        bench = await arrange(PLANS_TENANT)
        await bench.system.take(SWAP, "a/1")
        for module in ("premium", "web"):
            await bench.seat(FAY, module)

        lost = await bench.system.give_back("a/1")

        assert [(each.user, each.module) for each in lost] == [(ADA, "premium"), (ADA, "web")]
        assert await bench.system.give_back("a/1") == lost
        assert await bench.system.held_by([ADA]) == {ADA: {"basic", "user", "mail"}}


class GuidesPeople(SystemContract):
    """A system in which people take seats by hand."""

    async def free(self, bench: Bench, *removals: Removal) -> None:
        """Have people take them, and licbot make sure."""
        for each in removals:
            await bench.unseat(each.user, each.module)
        await bench.system.take(removals, "a/1")

    async def test_it_says_what_is_to_be_done_for_each(self, arrange: Arrange) -> None:
        """Once a user, whatever they are to lose."""
        system = (await arrange(Tenant())).system

        guidance = await system.guidance([removal(ADA), removal(ADA, "travel"), removal(DEV)])

        assert guidance is not None
        assert guidance.product
        assert guidance.tasks.keys() == {ADA, DEV}
        assert all(guidance.tasks.values())

    async def test_it_says_which_plan_is_to_be_given_instead(self, arrange: Arrange) -> None:
        """By the name that people read."""
        guidance = await (await arrange(PLANS_TENANT)).system.guidance(SWAP)

        assert guidance is not None
        assert "basic" in guidance.tasks[ADA].casefold()

    async def test_it_is_done_when_the_old_plan_is_gone(self, arrange: Arrange) -> None:
        """Whether people have given the other one or not."""
        bench = await arrange(PLANS_TENANT)
        for module in ("premium", "user", "web"):
            await bench.unseat(ADA, module)

        await bench.system.take(SWAP, "a/1")

        assert await bench.system.give_back("a/1") == []

    async def test_it_takes_nothing_itself(self, arrange: Arrange) -> None:
        """As long as anybody holds one of the seats, it refuses."""
        bench = await arrange(Tenant())
        await bench.unseat(ADA, "travel")

        with pytest.raises(SystemRefused):
            await bench.system.take([removal(ADA, "travel"), removal(DEV)], "a/1")

        assert await bench.system.held_by([DEV]) == {DEV: {"sales"}}

    async def test_what_people_took_stays_taken(self, arrange: Arrange) -> None:
        """It is not licbot's to give back."""
        bench = await arrange(Tenant())
        await self.free(bench, removal(DEV))

        assert await bench.system.give_back("a/1") == []

        assert not (await bench.system.held_by([DEV])).get(DEV)
