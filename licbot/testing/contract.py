# ruff: noqa: S101  assert is how pytest asserts
"""The tests that every licensed system must pass. They need pytest and pytest-asyncio.

Inherit them in a test module of your own, and say how a system comes about::

    class TestAcmeSystem(SystemContract):
        @pytest.fixture
        def arrange(self) -> Arrange:
            return make_a_bench

Call ``pytest.register_assert_rewrite("licbot.testing.contract")`` in a ``conftest.py`` to see the
values where one fails.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import pytest

from licbot.domain.errors import OfferRefused, SystemRefused
from licbot.domain.licenses import LicenseSet, Moment, Offer
from licbot.domain.people import Holder, HolderFilter, HolderKind, HolderOrder, HolderQuery
from licbot.domain.removals import Removal
from licbot.ports.system import LicensedSystem
from licbot.testing.clock import START, FakeClock
from licbot.testing.licenses import license_set, module_license

DAY = timedelta(days=1)

SALES = module_license("sales", 5)
TRAVEL = module_license("travel", 2, prerequisite="sales")
SUPPORT = module_license("support", 1, unrestricted=True)
INSTALLED = license_set(SALES, TRAVEL, SUPPORT)
SMALLER = license_set(replace(SALES, number=3), TRAVEL, SUPPORT)

USERS = (
    Holder(id="ada", name="Ada Berg", email="ada@acme.example", last_login=START - 9 * DAY),
    Holder(id="bo", name="Bo Lund", email="bo@acme.example", administrator=True, last_login=START),
    Holder(id="cleo", name="cleo mailer", kind=HolderKind.OTHER),
    Holder(
        id="dev",
        name="Dev Rao",
        email="dev@acme.example",
        administrator=True,
        can_login=False,
        last_login=START - 5 * DAY,
    ),
    Holder(id="eli", name="Eli Gone", email="eli@acme.example", administrator=True),
    Holder(id="fay", name="Fay One", email="both@acme.example", administrator=True),
    Holder(id="gus", name="Gus Two", email="both@acme.example", administrator=True),
)
SEATS = {
    "ada": frozenset({"sales", "travel"}),
    "bo": frozenset({"sales", "travel", "support"}),
    "cleo": frozenset({"sales"}),
    "dev": frozenset({"sales"}),
    "eli": frozenset({"sales"}),
}


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """What a system is filled with before a test: users, what they hold, and the set in force.

    deleted: the users who were deleted; they still hold seats, which do not count.
    """

    installed: LicenseSet = INSTALLED
    users: tuple[Holder, ...] = USERS
    seats: Mapping[str, frozenset[str]] = field(default_factory=lambda: SEATS)
    deleted: frozenset[str] = frozenset({"eli"})


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
        """Give somebody a seat in the system itself, past licbot."""
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
    """See ``licbot.ports.system.LicensedSystem``; the fixture ``arrange`` is the inheritor's."""

    async def test_it_says_what_is_in_force_and_in_use(self, arrange: Arrange) -> None:
        """Deleted users are not counted."""
        system = (await arrange(Tenant())).system

        [installed] = await system.installed()

        assert installed.same_as(INSTALLED)
        assert dict(await system.in_use()) == {"sales": 4, "travel": 2, "support": 1}

    async def test_it_says_what_each_user_holds(self, arrange: Arrange) -> None:
        """Users without a seat may be absent, and unknown ones are."""
        system = (await arrange(Tenant())).system

        held = await system.held_by(["ada", "eli", "fay", "nobody"])

        assert {user: keys for user, keys in held.items() if keys} == {"ada": SEATS["ada"]}
        assert await system.held_by([]) == {}

    async def test_it_knows_people_by_their_ids(self, arrange: Arrange) -> None:
        """Deleted ones have a name still; unknown ids are absent."""
        system = (await arrange(Tenant())).system

        people = await system.people(["ada", "eli", "nobody"])

        assert dict(people) == {user.id: user for user in USERS if user.id in ("ada", "eli")}

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
        system = (await arrange(Tenant())).system

        assert await system.is_administrator(email) is administers

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (HolderQuery(module="sales"), ["ada", "dev", "bo", "cleo"]),
            (HolderQuery(module=" SALES "), ["ada", "dev", "bo", "cleo"]),
            (
                HolderQuery(module="sales", order=HolderOrder.MOST_RECENT),
                ["bo", "dev", "ada", "cleo"],
            ),
            (HolderQuery(module="sales", order=HolderOrder.NAME), ["ada", "bo", "cleo", "dev"]),
            (HolderQuery(module="sales", filter=HolderFilter.ASSOCIATES), ["ada", "dev", "bo"]),
            (HolderQuery(module="sales", filter=HolderFilter.OTHERS), ["cleo"]),
            (HolderQuery(module="sales", filter=HolderFilter.NO_LOGIN), ["dev"]),
            (HolderQuery(module="sales", filter=HolderFilter.UNKNOWN), ["cleo"]),
            (HolderQuery(module="sales", search=" LUND "), ["bo"]),
            (HolderQuery(module="sales", search="dev@"), ["dev"]),
            (HolderQuery(module="sales", search="%"), []),
            (HolderQuery(module="sales", only=frozenset({"bo", "fay"})), ["bo"]),
            (HolderQuery(module="sales", only=frozenset()), []),
            (HolderQuery(module="nothing"), []),
        ],
    )
    async def test_holders_are_listed_as_they_are_asked_for(
        self, arrange: Arrange, query: HolderQuery, expected: list[str]
    ) -> None:
        """Unknown sign-ins come last in either order."""
        system = (await arrange(Tenant())).system

        page = await system.holders(query)

        assert [holder.id for holder in page.holders] == expected
        assert page.total == len(expected)
        assert set(page.holders) <= set(USERS)

    async def test_pages_are_parts_of_one_list(self, arrange: Arrange) -> None:
        """The total is that of all pages."""
        system = (await arrange(Tenant())).system

        pages = [
            await system.holders(HolderQuery(module="sales", offset=offset, limit=3))
            for offset in (0, 3, 6)
        ]

        assert [[each.id for each in page.holders] for page in pages] == [
            ["ada", "dev", "bo"],
            ["cleo"],
            [],
        ]
        assert {page.total for page in pages} == {4}

    async def test_unknown_never_counts_as_idle(self, arrange: Arrange) -> None:
        """Those to be skipped do not count either."""
        system = (await arrange(Tenant())).system
        query = HolderQuery(module="sales", limit=2)

        assert await system.least_recent(query, frozenset()) == ["ada", "dev"]
        assert await system.least_recent(query, frozenset({"ada"})) == ["dev", "bo"]
        assert await system.least_recent(replace(query, limit=9), frozenset({"bo"})) == [
            "ada",
            "dev",
        ]

    async def test_the_newest_offer_is_found(self, arrange: Arrange) -> None:
        """Its bytes can be read again, judged and unjudged."""
        bench = await arrange(Tenant())
        assert (await bench.system.find_offers()).offers == ()

        await bench.leave(INSTALLED, 3)
        await bench.leave(SMALLER, 2)
        offer = await found(bench)

        assert offer.sequence == 3
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

    async def test_a_run_takes_each_seat_once(self, arrange: Arrange) -> None:
        """A seat that somebody is given anew is not taken again by the same run."""
        bench = await arrange(Tenant())
        planned = [removal("ada"), removal("ada", "travel"), removal("dev")]

        await bench.system.take(planned[:2], "a/1")
        await bench.system.take(planned, "a/1")
        assert dict(await bench.system.in_use()) == {"sales": 2, "travel": 1, "support": 1}

        await bench.seat("dev", "sales")
        await bench.system.take(planned, "a/1")
        assert await bench.system.held_by(["ada", "dev"]) == {"dev": {"sales"}}

        await bench.system.take(planned, "a/2")
        assert await bench.system.held_by(["ada", "dev"]) == {}

    async def test_a_run_gives_back_what_it_took_and_nothing_else(self, arrange: Arrange) -> None:
        """Doing it again changes nothing, not even after the seat was taken once more."""
        bench = await arrange(Tenant())
        await bench.system.take([removal("ada"), removal("fay"), removal("eli")], "a/1")
        await bench.system.take([removal("dev")], "a/2")

        assert await bench.system.give_back("a/1") == []
        assert dict(await bench.system.in_use()) == {"sales": 3, "travel": 2, "support": 1}
        assert await bench.system.held_by(["fay", "dev"]) == {}

        await bench.system.take([removal("ada")], "a/3")
        assert await bench.system.give_back("a/1") == []
        assert await bench.system.held_by(["ada"]) == {"ada": {"travel"}}
        assert await bench.system.give_back("never run") == []

    async def test_what_has_no_room_stays_away_with_what_depends_on_it(
        self, arrange: Arrange
    ) -> None:
        """It is told, the first time and later."""
        bench = await arrange(Tenant())
        await bench.system.take([removal("ada"), removal("ada", "travel")], "a/1")
        await bench.seat("fay", "sales")
        await bench.seat("gus", "sales")
        lost = [removal("ada"), removal("ada", "travel")]

        assert await bench.system.give_back("a/1") == lost
        assert await bench.system.give_back("a/1") == lost
        assert dict(await bench.system.in_use()) == {"sales": 5, "travel": 1, "support": 1}

    async def test_an_offer_is_put_in_force_once(self, arrange: Arrange) -> None:
        """Doing it again changes nothing, even where it would no longer be possible."""
        bench = await arrange(Tenant())
        offer = await sales_left(bench)
        await bench.system.take([removal("dev")], "a/1")

        await bench.system.install(offer)
        await bench.seat("dev", "sales")
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
        await bench.leave(license_set(SALES, SUPPORT), 2)
        offer = await found(bench)

        with pytest.raises(SystemRefused):
            await bench.system.install(offer)
        await bench.system.take([removal("ada", "travel"), removal("bo", "travel")], "a/1")
        await bench.system.install(offer)

        assert "travel" not in await bench.system.in_use()
        assert await bench.system.give_back("a/1") == [
            removal("ada", "travel"),
            removal("bo", "travel"),
        ]

    async def test_an_offer_waits_for_its_day(self, arrange: Arrange) -> None:
        """It is found and read before, and put in force from then on."""
        bench = await arrange(Tenant())
        await bench.leave(INSTALLED, 2, not_before=START + DAY)
        offer = await found(bench)
        assert offer.not_before == START + DAY

        with pytest.raises(SystemRefused):
            await bench.system.install(offer)
        bench.clock.advance(DAY)
        await bench.system.install(offer)

        assert (await bench.system.find_offers()).offers == ()
