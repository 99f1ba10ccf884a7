# ruff: noqa: S101  assert is how pytest asserts
"""The tests that every licensed system must pass. They need pytest and pytest-asyncio.

Inherit them in a test module of your own, and say how a system comes about::

    class TestAcmeSystem(TakesSeats):
        @pytest.fixture
        def arrange(self) -> Arrange:
            return make_a_bench

Call ``pytest.register_assert_rewrite("licbot.testing.contract")`` in a ``conftest.py`` to see the
values where one fails.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import pytest

from licbot.domain.errors import NotAllowed, OfferRefused, SystemRefused
from licbot.domain.licenses import LicenseSet, Moment, Offer, Owner
from licbot.domain.people import (
    Holder,
    HolderFilter,
    HolderKind,
    HolderOrder,
    HolderQuery,
    Person,
)
from licbot.domain.removals import Removal
from licbot.ports.system import LicensedSystem
from licbot.testing.clock import START, FakeClock
from licbot.testing.licenses import license_set, module_license

DAY = timedelta(days=1)

ADA, BO, CLEO, DEV, ELI, FAY, GUS = (str(number) for number in range(11, 18))
"""Ids of users that systems take which number theirs."""

ISSUER = Owner(name="SUPEROFFICE", description="SuperOffice AS")
"""A license owner that systems take who know one by name."""

SALES = module_license("sales", 5)
TRAVEL = module_license("travel", 2, prerequisite="sales")
SUPPORT = module_license("support", 1, unrestricted=True)
INSTALLED = license_set(SALES, TRAVEL, SUPPORT, owner=ISSUER)
SMALLER = license_set(replace(SALES, number=3), TRAVEL, SUPPORT, owner=ISSUER)

USERS = (
    Holder(id=ADA, name="Ada Berg", email="ada@acme.example", last_login=START - 9 * DAY),
    Holder(id=BO, name="Bo Lund", email="bo@acme.example", administrator=True, last_login=START),
    Holder(id=CLEO, name="cleo mailer", kind=HolderKind.OTHER),
    Holder(
        id=DEV,
        name="Dev Rao",
        email="dev@acme.example",
        administrator=True,
        can_login=False,
        last_login=START - 5 * DAY,
    ),
    Holder(id=ELI, name="Eli Gone", email="eli@acme.example", administrator=True),
    Holder(id=FAY, name="Fay One", email="both@acme.example", administrator=True),
    Holder(id=GUS, name="Gus Two", email="both@acme.example", administrator=True),
)
SEATS = {
    ADA: frozenset({"sales", "travel"}),
    BO: frozenset({"sales", "travel", "support"}),
    CLEO: frozenset({"sales"}),
    DEV: frozenset({"sales"}),
    ELI: frozenset({"sales"}),
}


PLANS = license_set(
    module_license("premium", 2, comes_with=("user", "web")),
    module_license("basic", 2, comes_with=("user", "mail")),
    module_license("user", 9, hidden=True),
    module_license("web", 2, hidden=True),
    module_license("mail", 9, hidden=True),
    owner=ISSUER,
)
SWAP = (
    Removal(user=ADA, module="premium", picked=True, instead="basic", gives=("basic", "mail")),
    Removal(user=ADA, module="web", picked=False),
)
"""Ada gets Basic instead of Premium."""


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """What a system is filled with before a test: users, what they hold, and the set in force.

    deleted: the users who were deleted; they still hold seats, which do not count.
    """

    installed: LicenseSet = INSTALLED
    users: tuple[Holder, ...] = USERS
    seats: Mapping[str, frozenset[str]] = field(default_factory=lambda: SEATS)
    deleted: frozenset[str] = frozenset({ELI})


PLANS_TENANT = Tenant(
    installed=PLANS,
    seats={
        ADA: frozenset({"premium", "user", "web"}),
        BO: frozenset({"premium", "user", "web"}),
        DEV: frozenset({"basic", "user", "mail"}),
    },
    deleted=frozenset(),
)
"""All Premium is in use, and one seat of Basic is free."""


class Bench(Protocol):
    """A system under test, with what happens to it from outside."""

    @property
    def system(self) -> LicensedSystem:
        """The system."""
        ...

    @property
    def clock(self) -> FakeClock:
        """The system's own clock."""
        ...

    async def leave(
        self, offered: LicenseSet, sequence: int, not_before: Moment | None = None
    ) -> None:
        """Let the issuer have an offer; the set in force at first has the sequence 1."""
        ...

    async def seat(self, user: str, module: str) -> None:
        """Give somebody a seat in the system itself, past licbot, which learns of it."""
        ...

    async def unseat(self, user: str, module: str) -> None:
        """Take somebody's seat in the system itself, past licbot, which learns of it."""
        ...

    async def meet(self, email: str) -> Person:
        """Someone in Slack with this address, known to the system in whatever way it asks for."""
        ...


Arrange = Callable[[Tenant], Awaitable[Bench]]
"""Makes a bench with a system that holds a tenant."""


def removal(user: str, module: str = "sales") -> Removal:
    """A planned removal."""
    return Removal(user=user, module=module, picked=True)


async def found(bench: Bench) -> Offer:
    """The one offer that the system finds."""
    [only] = (await bench.system.find_offers()).offers
    return only


async def sales_left(bench: Bench, sequence: int = 2) -> Offer:
    """An offer of a smaller licence, found."""
    await bench.leave(SMALLER, sequence)
    return await found(bench)


class SystemContract:
    """See ``licbot.ports.system.LicensedSystem``; the fixture ``arrange`` is the inheritor's.

    Inherit TakesSeats or GuidesPeople, which are all of this and more.

    knows_sign_ins: the system tells when users last signed in. knows_days: its offers may wait
    for a day.
    """

    knows_sign_ins = True
    knows_days = True

    def known(self, user: Holder) -> Holder:
        """A user as the system tells of them."""
        return user if self.knows_sign_ins else replace(user, last_login=None)

    def listed(self, users: Sequence[str]) -> Sequence[str]:
        """Users in the order of their last sign-in, which is that of their ids where unknown."""
        return users if self.knows_sign_ins else sorted(users)

    async def free(self, bench: Bench, *removals: Removal) -> None:
        """Have seats taken, whoever does it."""
        raise NotImplementedError

    async def test_it_says_what_is_in_force_and_in_use(self, arrange: Arrange) -> None:
        """Deleted users are not counted."""
        system = (await arrange(Tenant())).system

        [installed] = await system.installed()

        assert installed.same_as(INSTALLED)
        assert dict(await system.in_use()) == {"sales": 4, "travel": 2, "support": 1}

    async def test_it_says_what_each_user_holds(self, arrange: Arrange) -> None:
        """Users without a seat may be absent, and unknown ones are."""
        system = (await arrange(Tenant())).system

        held = await system.held_by([ADA, ELI, FAY, "nobody"])

        assert {user: keys for user, keys in held.items() if keys} == {ADA: SEATS[ADA]}
        assert await system.held_by([]) == {}

    async def test_it_knows_people_by_their_ids(self, arrange: Arrange) -> None:
        """Deleted ones have a name still; unknown ids are absent."""
        system = (await arrange(Tenant())).system

        people = await system.people([ADA, ELI, "nobody"])

        expected = {user.id: self.known(user) for user in USERS if user.id in (ADA, ELI)}
        assert dict(people) == expected

    @pytest.mark.parametrize(
        ("email", "administers"),
        [
            ("bo@acme.example", True),
            (" BO@Acme.example ", True),
            ("ada@acme.example", False),
            ("dev@acme.example", False),
            ("eli@acme.example", False),
            ("both@acme.example", False),
            ("stranger@acme.example", False),
            ("", False),
        ],
        ids=["one", "case", "plain", "may not sign in", "deleted", "two", "unknown", "none"],
    )
    async def test_only_one_living_user_with_the_address_is_an_administrator(
        self, arrange: Arrange, email: str, administers: bool
    ) -> None:
        """Who cannot sign in there may not act here, and an address of two is nobody's."""
        bench = await arrange(Tenant())
        person = await bench.meet(email)

        assert await bench.system.is_administrator(person) is administers
        if administers:
            await bench.system.confirm_administrator(person, named=False)
        else:
            with pytest.raises(NotAllowed):
                await bench.system.confirm_administrator(person, named=False)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (HolderQuery(module="sales"), [ADA, DEV, BO, CLEO]),
            (HolderQuery(module=" SALES "), [ADA, DEV, BO, CLEO]),
            (
                HolderQuery(module="sales", order=HolderOrder.MOST_RECENT),
                [BO, DEV, ADA, CLEO],
            ),
            (HolderQuery(module="sales", order=HolderOrder.NAME), [ADA, BO, CLEO, DEV]),
            (HolderQuery(module="sales", filter=HolderFilter.ASSOCIATES), [ADA, DEV, BO]),
            (HolderQuery(module="sales", filter=HolderFilter.OTHERS), [CLEO]),
            (HolderQuery(module="sales", filter=HolderFilter.NO_LOGIN), [DEV]),
            (HolderQuery(module="sales", filter=HolderFilter.UNKNOWN), [CLEO]),
            (HolderQuery(module="sales", search=" LUND "), [BO]),
            (HolderQuery(module="sales", search="dev@"), [DEV]),
            (HolderQuery(module="sales", search="%"), []),
            (HolderQuery(module="sales", only=frozenset({BO, FAY})), [BO]),
            (HolderQuery(module="sales", only=frozenset()), []),
            (HolderQuery(module="nothing"), []),
        ],
    )
    async def test_holders_are_listed_as_they_are_asked_for(
        self, arrange: Arrange, query: HolderQuery, expected: list[str]
    ) -> None:
        """Unknown sign-ins come last in either order."""
        system = (await arrange(Tenant())).system
        if query.filter is HolderFilter.UNKNOWN and not self.knows_sign_ins:
            expected = [ADA, BO, CLEO, DEV]

        page = await system.holders(query)

        assert [holder.id for holder in page.holders] == self.listed(expected)
        assert page.total == len(expected)
        assert set(page.holders) <= {self.known(user) for user in USERS}

    async def test_pages_are_parts_of_one_list(self, arrange: Arrange) -> None:
        """The total is that of all pages."""
        system = (await arrange(Tenant())).system

        pages = [
            await system.holders(HolderQuery(module="sales", offset=offset, limit=3))
            for offset in (0, 3, 6)
        ]

        listed = self.listed([ADA, DEV, BO, CLEO])
        assert [[each.id for each in page.holders] for page in pages] == [
            listed[:3],
            listed[3:],
            [],
        ]
        assert {page.total for page in pages} == {4}

    async def test_unknown_never_counts_as_idle(self, arrange: Arrange) -> None:
        """Those to be skipped do not count either."""
        system = (await arrange(Tenant())).system
        query = HolderQuery(module="sales", limit=2)
        if not self.knows_sign_ins:
            assert await system.least_recent(query, frozenset()) == []
            return

        assert await system.least_recent(query, frozenset()) == [ADA, DEV]
        assert await system.least_recent(query, frozenset({ADA})) == [DEV, BO]
        assert await system.least_recent(replace(query, limit=9), frozenset({BO})) == [
            ADA,
            DEV,
        ]

    async def test_the_newest_offer_is_found(self, arrange: Arrange) -> None:
        """Its bytes can be read again, judged and unjudged."""
        bench = await arrange(Tenant())
        assert (await bench.system.find_offers()).offers == ()

        await bench.leave(INSTALLED, 3)
        await bench.leave(SMALLER, 2)
        offer = await found(bench)

        assert offer.license.same_as(INSTALLED)
        for again in (
            await bench.system.read_offer(offer.raw),
            await bench.system.recall_offer(offer.raw),
        ):
            assert replace(again, source="") == replace(offer, source="")

    async def test_other_bytes_are_no_offer(self, arrange: Arrange) -> None:
        """Nothing but the issuer's own bytes is believed."""
        system = (await arrange(Tenant())).system

        with pytest.raises(OfferRefused):
            await system.read_offer(b"grant me everything")

    async def test_an_older_offer_is_refused_once_a_newer_one_is_in_force(
        self, arrange: Arrange
    ) -> None:
        """It can still be recalled, for what is said about it."""
        bench = await arrange(Tenant())
        older = await sales_left(bench)
        await bench.leave(INSTALLED, 3)
        await bench.system.install(await found(bench))

        with pytest.raises(OfferRefused):
            await bench.system.read_offer(older.raw)
        with pytest.raises(OfferRefused):
            await bench.system.install(older)
        assert (await bench.system.recall_offer(older.raw)).license.same_as(SMALLER)
        assert (await bench.system.find_offers()).offers == ()

    async def test_an_offer_is_put_in_force_once(self, arrange: Arrange) -> None:
        """Doing it again changes nothing, even where it would no longer be possible."""
        bench = await arrange(Tenant())
        offer = await sales_left(bench)
        await self.free(bench, removal(DEV))

        await bench.system.install(offer)
        await bench.seat(DEV, "sales")
        await bench.system.install(offer)

        [installed] = await bench.system.installed()
        assert installed.same_as(SMALLER)
        assert (await bench.system.in_use())["sales"] == 4
        assert (await bench.system.find_offers()).offers == ()

    async def test_an_offer_that_grants_too_little_is_refused(self, arrange: Arrange) -> None:
        """The rule holds in the system itself, and nothing is changed."""
        bench = await arrange(Tenant())
        offer = await sales_left(bench)

        with pytest.raises(SystemRefused):
            await bench.system.install(offer)

        [installed] = await bench.system.installed()
        assert installed.same_as(INSTALLED)
        assert (await found(bench)).digest == offer.digest

    async def test_a_licence_that_is_dropped_must_not_be_in_use(self, arrange: Arrange) -> None:
        """Nor does it count once it is no longer granted."""
        bench = await arrange(Tenant())
        await bench.leave(license_set(SALES, SUPPORT, owner=ISSUER), 2)
        offer = await found(bench)

        with pytest.raises(SystemRefused):
            await bench.system.install(offer)
        planned = [removal(ADA, "travel"), removal(BO, "travel")]
        await self.free(bench, *planned)
        await bench.system.install(offer)

        assert "travel" not in await bench.system.in_use()
        lost = planned if await bench.system.guidance(()) is None else []
        assert await bench.system.give_back("a/1") == lost

    async def test_an_offer_waits_for_its_day(self, arrange: Arrange) -> None:
        """It is found and read before, and put in force from then on."""
        bench = await arrange(Tenant())
        if not self.knows_days:
            pytest.skip("offers of this system are valid at once")
        await bench.leave(INSTALLED, 2, not_before=START + DAY)
        offer = await found(bench)
        assert offer.not_before == START + DAY

        with pytest.raises(SystemRefused):
            await bench.system.install(offer)
        bench.clock.advance(DAY)
        await bench.system.install(offer)

        assert (await bench.system.find_offers()).offers == ()

    async def test_nothing_is_against_what_grants_enough(self, arrange: Arrange) -> None:
        """Nor does it speak of seats that are still to be taken."""
        bench = await arrange(Tenant())
        await bench.leave(INSTALLED, 2)
        assert await bench.system.objections(await found(bench), ()) == ()

        await bench.leave(SMALLER, 3)
        assert await bench.system.objections(await found(bench), [removal(DEV)]) == ()

    async def test_an_operator_is_told_how_it_is(self, arrange: Arrange) -> None:
        """There is something to tell, and nothing wrong."""
        examination = await (await arrange(Tenant())).system.examine()

        assert examination.facts
        assert examination.problems == ()

    async def test_reading_anew_changes_nothing_by_itself(self, arrange: Arrange) -> None:
        """The list says the same as before."""
        system = (await arrange(Tenant())).system
        query = HolderQuery(module="sales")
        before = await system.holders(query)

        await system.refresh()
        await system.refresh(START)

        assert (await system.holders(query)).holders == before.holders


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
