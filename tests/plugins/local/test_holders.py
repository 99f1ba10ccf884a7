"""An imported tenant answers who holds what; tests/roster asks in every way."""

from datetime import UTC, datetime

import pytest

from licbot.domain.people import Holder, HolderKind, HolderQuery
from tests.plugins.local.samples import Installation, module, payload, seat, signed, user

SALES = "sales-premium"


def login(month: int) -> str:
    return f"2026-{month:02}-01T08:30:00Z"


USERS = [
    user("Anna", last_login=login(3)),
    user("Bjørn", last_login=login(1), administrator=True),
    user("Cem", last_login=None, can_login=False),
    user("Dora_50%", last_login=login(2), kind="other", email="d@elsewhere.example"),
    user("Emil", last_login=login(4), deleted=True),
    user("Frida", last_login=login(5)),
]
SEATS = [
    *(seat(name) for name in ("Anna", "Bjørn", "Cem", "Dora_50%", "Emil")),
    seat("Frida", "service"),
    seat("Anna", "Service"),
]


@pytest.fixture
async def filled(place: Installation) -> Installation:
    """Five holders of one licence, one of them deleted, and two of another."""
    await place.fill(USERS, SEATS)
    return place


async def test_the_holders_of_a_licence_are_listed_least_recent_first(filled: Installation) -> None:
    page = await filled.system.holders(HolderQuery(module=SALES))

    assert [holder.id for holder in page.holders] == ["bjørn", "dora_50%", "anna", "cem"]
    assert (page.total, page.as_of) == (4, None)
    assert page.holders[0] == Holder(
        id="bjørn",
        name="Bjørn",
        email="bjørn@fjordlicht.example",
        administrator=True,
        last_login=datetime(2026, 1, 1, 8, 30, tzinfo=UTC),
    )
    assert page.holders[1].kind is HolderKind.OTHER
    assert page.holders[3].last_login is None


async def test_deleted_users_hold_nothing_that_counts(filled: Installation) -> None:
    system = filled.system

    assert await system.in_use() == {SALES: 4, "service": 2}
    held = await system.held_by(["anna", "emil", "nobody"])
    assert held == {"anna": {SALES, "service"}}


async def test_systems_in_one_database_know_nothing_of_each_other(filled: Installation) -> None:
    other = Installation(database=filled.database, folder=filled.folder, name="other")
    await other.fill([user("Anna")], [seat("Anna", "only")], signed(payload([module("only")])))

    assert await other.system.in_use() == {"only": 1}
    assert await filled.system.in_use() == {SALES: 4, "service": 2}
    assert (await other.system.holders(HolderQuery(module=SALES))).holders == ()
    assert await other.system.held_by(["anna", "bjørn"]) == {"anna": {"only"}}
