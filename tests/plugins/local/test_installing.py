"""A licence is put in force in one transaction, after every check, or not at all."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.errors import OfferRefused, SystemRefused
from licbot.domain.licenses import LicenseSet, Offer
from licbot.ports.database import Database
from licbot_local.importing import import_tenant
from licbot_local.keys import PinnedKey
from licbot_local.licensefile import issue
from licbot_local.system import LocalSystem
from licbot_local.tables import accepted, seats
from licbot_local.tenant import check_tenant
from tests.plugins.local.samples import (
    NOW,
    OTHER_KEY,
    Installation,
    module,
    offer,
    payload,
    seat,
    signed,
    tenant,
    user,
)


class PowerCut(Exception):
    """The process dies before the commit."""


class DyingDatabase:
    """A database whose transactions that write all end before their commit."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self._inner.begin() as connection:
            yield connection
            raise PowerCut

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._inner.read() as connection:
            yield connection


async def sets(system: LocalSystem) -> dict[str, LicenseSet]:
    return {each.owner.key: each for each in await system.installed()}


async def count_of(place: Installation, table: Any) -> int:
    async with place.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def test_a_new_licence_takes_the_place_of_the_old_one(place: Installation) -> None:
    await place.fill([user("Anna")], [seat("Anna")])
    new = offer([module("sales-premium", 1)], sequence=43)

    await place.system.install(new)

    assert (await sets(place.system))["superoffice"].same_as(new.license)
    assert [each.owner.key for each in await place.system.installed()] == ["superoffice"]


async def test_installing_what_is_in_force_changes_nothing(place: Installation) -> None:
    await place.fill()
    new = offer(sequence=43)

    await place.system.install(new)
    place.clock.advance(days=900)
    await place.system.install(new)

    assert await count_of(place, accepted) == 2


async def test_bytes_are_verified_and_not_what_is_said_of_them(place: Installation) -> None:
    await place.fill()
    honest = offer(sequence=43)
    forged = signed(payload([module("sales-premium", 9999)], sequence=43), OTHER_KEY)

    with pytest.raises(OfferRefused) as caught:
        await place.system.install(dataclasses.replace(honest, raw=forged))

    assert caught.value.check == 3


async def test_more_seats_in_use_than_granted_are_named_with_the_gap(place: Installation) -> None:
    people = ["Anna", "Bea", "Cem"]
    await place.fill(
        [user(name) for name in people],
        [*(seat(name) for name in people), seat("Anna", "service")],
    )

    with pytest.raises(SystemRefused) as caught:
        await place.system.install(offer([module("sales-premium", 1)], sequence=43))

    message = caught.value.message
    assert "Sales Premium has 3 seats in use and would have 1, which is 2 too few" in message
    assert "Service has 1 seat in use and would have 0, which is 1 too few" in message
    assert (await sets(place.system))["superoffice"].by_key()["sales-premium"].number == 10


async def test_a_hidden_licence_blocks_like_any_other(place: Installation) -> None:
    await place.fill([user("Anna"), user("Bea")], [seat("Anna"), seat("Bea")])

    with pytest.raises(SystemRefused):
        await place.system.install(offer([module("sales-premium", 1, hidden=True)], sequence=43))


async def test_an_unrestricted_licence_never_blocks(place: Installation) -> None:
    await place.fill([user("Anna"), user("Bea")], [seat("Anna"), seat("Bea")])

    await place.system.install(offer([module("sales-premium", 1, unrestricted=True)], sequence=43))

    assert await place.system.in_use() == {"sales-premium": 2}


async def test_deleted_users_do_not_block_and_lose_seats_of_dropped_modules(
    place: Installation,
) -> None:
    await place.fill(
        [user("Anna", deleted=True), user("Bea")],
        [seat("Anna", "service"), seat("Anna"), seat("Bea")],
    )

    await place.system.install(offer([module("sales-premium", 1)], sequence=43))

    assert await count_of(place, seats) == 2
    assert await place.system.in_use() == {"sales-premium": 1}


async def test_a_licence_that_now_is_for_the_whole_site_needs_no_seats(place: Installation) -> None:
    await place.fill([user("Anna")], [seat("Anna", "service")])

    new = [module("sales-premium", 1), module("service", 1, type="site")]
    await place.system.install(offer(new, sequence=43))

    assert await place.system.in_use() == {}


async def test_a_licence_for_later_waits_for_its_day(place: Installation) -> None:
    await place.fill()
    later = offer(sequence=43, not_before="2026-11-26")
    assert (await place.system.read_offer(later.raw)).not_before == date(2026, 11, 26)

    with pytest.raises(SystemRefused) as caught:
        await place.system.install(later)
    assert "26 November 2026" in caught.value.message

    place.clock.advance(days=2)
    await place.system.install(later)
    assert await count_of(place, accepted) == 2


@pytest.mark.parametrize(("sequence", "check"), [(41, 7), (42, 7), (1_000_043, 7)])
async def test_rollback_and_fast_forward_are_refused(
    place: Installation, sequence: int, check: int
) -> None:
    await place.fill()

    with pytest.raises(OfferRefused) as caught:
        await place.system.install(offer([module("sales-premium", 11)], sequence=sequence))

    assert caught.value.check == check


async def test_a_licence_that_was_replaced_does_not_come_back(place: Installation) -> None:
    await place.fill()
    await place.system.install(offer(sequence=43))

    with pytest.raises(OfferRefused):
        await place.system.install(offer())
    with pytest.raises(OfferRefused):
        await place.system.read_offer(signed())


async def test_the_licence_in_force_is_called_so_when_it_comes_again(place: Installation) -> None:
    await place.fill()

    with pytest.raises(OfferRefused) as caught:
        await place.system.read_offer(signed())

    assert caught.value.check == 7
    assert "is in force already, so there is nothing to do." in caught.value.message


async def test_a_leaked_key_that_ran_ahead_does_not_lock_the_next_key_out(
    place: Installation,
) -> None:
    await place.fill()
    for sequence in (900_000, 1_800_000):
        await place.system.install(offer(sequence=sequence))
    new_key = PinnedKey(kid="nordwind-2027", public=OTHER_KEY.public_key())
    await import_tenant(place.context, check_tenant(tenant([])), trust=[new_key])

    raw = issue(payload(sequence=1, kid="nordwind-2027"), OTHER_KEY)
    await place.system.install(await place.system.read_offer(raw))

    assert await count_of(place, accepted) == 4


async def test_a_clock_set_back_is_noticed_across_restarts(place: Installation) -> None:
    await place.fill()
    place.clock.advance(days=40)
    await place.system.find_offers()
    place.clock.moment = NOW

    with pytest.raises(OfferRefused) as caught:
        await place.system.install(offer(sequence=43))

    assert caught.value.check == 5


async def test_an_installation_tells_the_time_too(place: Installation) -> None:
    await place.fill()
    place.clock.advance(days=40)
    await place.system.install(offer(sequence=43))
    place.clock.moment = NOW

    with pytest.raises(OfferRefused) as caught:
        await place.system.read_offer(signed(payload(sequence=44)))

    assert caught.value.check == 5


async def test_clocks_of_replicas_may_differ_by_a_second(place: Installation) -> None:
    await place.fill()
    place.clock.advance(seconds=1)
    await place.system.find_offers()
    place.clock.advance(seconds=-1)

    await place.system.install(offer(sequence=43))

    assert await count_of(place, accepted) == 2


async def test_licences_are_for_the_installed_customer(place: Installation) -> None:
    await place.fill()
    value = payload(sequence=43) | {"customer": {"company": "Another", "serial": "1234567890"}}

    with pytest.raises(OfferRefused) as caught:
        await place.system.read_offer(signed(value))

    assert caught.value.check == 6


async def test_a_demo_version_takes_a_licence_for_anybody_once(place: Installation) -> None:
    demo = payload() | {"customer": {"company": "Demo", "serial": "1010000006"}}
    await place.fill(raw=signed(demo))

    await place.system.install(offer(sequence=43))

    with pytest.raises(OfferRefused):
        await place.system.read_offer(signed(demo | {"meta": payload(sequence=44)["meta"]}))


PARTNER = {"owner": {"name": "Partner", "description": "Partner AB"}}


def of_partner(modules: list[dict[str, Any]], **meta: Any) -> bytes:
    return signed(payload(modules, **meta) | PARTNER)


async def test_each_owner_has_a_licence_set_of_its_own(place: Installation) -> None:
    await place.fill()

    raw = of_partner([module("addon", 3)], sequence=1)
    await place.system.install(await place.system.read_offer(raw))

    found = await sets(place.system)
    assert found.keys() == {"superoffice", "partner"}
    assert found["superoffice"].by_key().keys() == {"sales-premium", "service"}


async def test_two_owners_cannot_both_issue_a_module(place: Installation) -> None:
    await place.fill()
    raw = of_partner([module("SERVICE", 3)], sequence=1)

    with pytest.raises(OfferRefused) as caught:
        await place.system.read_offer(raw)

    assert "service" in caught.value.message
    assert "Partner AB" in caught.value.message


async def test_a_demo_set_of_a_partner_does_not_open_the_door_again(place: Installation) -> None:
    demo = {"customer": {"company": "Demo", "serial": "1010000006"}}
    await place.fill(raw=signed(payload() | demo))
    raw = signed(payload([module("addon")], sequence=1) | PARTNER | demo)
    await place.system.install(await place.system.read_offer(raw))
    await place.system.install(offer(sequence=43))

    with pytest.raises(OfferRefused) as caught:
        await place.system.read_offer(
            signed(payload([module("addon", 9)], sequence=2) | PARTNER | demo)
        )

    assert caught.value.check == 6


async def test_an_offer_is_recalled_whatever_became_of_it(place: Installation) -> None:
    await place.fill()
    place.clock.advance(days=5000)

    assert (await place.system.recall_offer(signed())).sequence == 42


async def installs(system: LocalSystem, new: Offer) -> bool:
    try:
        await system.install(new)
    except OfferRefused:
        return False
    return True


async def test_of_two_installed_at_once_the_newer_one_stays(place: Installation) -> None:
    await place.fill()
    older, newer = offer(sequence=43), offer([module("service", 5)], sequence=44)

    results = await asyncio.gather(
        *(installs(place.system, each) for each in (older, newer, newer))
    )

    assert results[1:] == [True, True]
    assert (await sets(place.system))["superoffice"].same_as(newer.license)
    assert await count_of(place, accepted) == 2 + results[0]


async def test_a_power_cut_before_the_commit_leaves_the_old_licence(place: Installation) -> None:
    await place.fill()
    dying = dataclasses.replace(place, database=DyingDatabase(place.database))

    with pytest.raises(PowerCut):
        await dying.system.install(offer(sequence=43))
    assert await count_of(place, accepted) == 1

    await place.system.install(offer(sequence=43))
    assert await count_of(place, accepted) == 2


async def test_the_moment_of_an_installation_is_kept(place: Installation) -> None:
    await place.fill()

    async with place.database.read() as connection:
        at: datetime | None = await connection.scalar(select(accepted.c.at))

    assert at == NOW
