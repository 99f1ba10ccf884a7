# ruff: noqa: S101  assert is how pytest asserts
"""The tests that every licensed system must pass. They need pytest and pytest-asyncio.

``licbot.testing.seat_contract`` has the ones to inherit, which are all of these and more.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import pytest

from licbot.domain.errors import NotAllowed, OfferRefused, SystemRefused
from licbot.domain.people import (
    Holder,
    HolderFilter,
    HolderOrder,
    HolderQuery,
)
from licbot.domain.removals import Removal
from licbot.testing.bench import (
    ADA,
    BO,
    CLEO,
    DAY,
    DEV,
    ELI,
    FAY,
    INSTALLED,
    ISSUER,
    SALES,
    SEATS,
    SMALLER,
    SUPPORT,
    USERS,
    Arrange,
    Bench,
    Tenant,
    found,
    removal,
    sales_left,
)
from licbot.testing.clock import START
from licbot.testing.licenses import license_set


class SystemContract(ABC):
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

    @abstractmethod
    async def free(self, bench: Bench, *removals: Removal) -> None:
        """Have seats taken, whoever does it."""

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
