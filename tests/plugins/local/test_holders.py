"""Who holds a module licence: searched, filtered, ordered, page by page."""

from datetime import UTC, datetime

import pytest

from licbot.domain.people import Holder, HolderFilter, HolderKind, HolderOrder, HolderQuery
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


async def ids(place: Installation, query: HolderQuery) -> list[str]:
    page = await place.system.holders(query)
    assert page.total >= len(page.holders)
    return [holder.id for holder in page.holders]


async def test_the_holders_of_a_licence_are_listed_least_recent_first(filled: Installation) -> None:
    page = await filled.system.holders(HolderQuery(module=SALES))

    assert [holder.id for holder in page.holders] == ["bjørn", "dora_50%", "anna", "cem"]
    assert page.total == 4
    assert page.holders[0] == Holder(
        id="bjørn",
        name="Bjørn",
        email="bjørn@fjordlicht.example",
        administrator=True,
        last_login=datetime(2026, 1, 1, 8, 30, tzinfo=UTC),
    )
    assert page.holders[1].kind is HolderKind.OTHER
    assert page.holders[3].last_login is None


QUERIES = [
    (HolderQuery(module="SALES-Premium "), ["bjørn", "dora_50%", "anna", "cem"]),
    (HolderQuery(module="nothing"), []),
    (HolderQuery(module=SALES, order=HolderOrder.MOST_RECENT),
     ["anna", "dora_50%", "bjørn", "cem"]),
    (HolderQuery(module=SALES, order=HolderOrder.NAME), ["anna", "bjørn", "cem", "dora_50%"]),
    (HolderQuery(module=SALES, filter=HolderFilter.ASSOCIATES), ["bjørn", "anna", "cem"]),
    (HolderQuery(module=SALES, filter=HolderFilter.OTHERS), ["dora_50%"]),
    (HolderQuery(module=SALES, filter=HolderFilter.NO_LOGIN), ["cem"]),
    (HolderQuery(module=SALES, filter=HolderFilter.UNKNOWN), ["cem"]),
    (HolderQuery(module=SALES, search=" BJØRN "), ["bjørn"]),
    (HolderQuery(module=SALES, search="bjo\u0308rn"), []),
    (HolderQuery(module=SALES, search="FJORDLICHT"), ["bjørn", "anna", "cem"]),
    (HolderQuery(module=SALES, search="50%"), ["dora_50%"]),
    (HolderQuery(module=SALES, search="%"), ["dora_50%"]),
    (HolderQuery(module=SALES, search="a_5"), ["dora_50%"]),
    (HolderQuery(module=SALES, search="_"), ["dora_50%"]),
    (HolderQuery(module=SALES, search="annaanna"), []),
    (HolderQuery(module=SALES, only=frozenset({"anna", "frida", "emil"})), ["anna"]),
    (HolderQuery(module=SALES, only=frozenset()), []),
    (HolderQuery(module=SALES, offset=1, limit=2), ["dora_50%", "anna"]),
    (HolderQuery(module=SALES, offset=90), []),
]  # fmt: skip


async def test_a_page_shows_what_was_asked_for(filled: Installation) -> None:
    for query, expected in QUERIES:
        assert (query, await ids(filled, query)) == (query, expected)


async def test_the_total_counts_all_pages(filled: Installation) -> None:
    query = HolderQuery(module=SALES, search="fjordlicht", offset=2, limit=1)
    page = await filled.system.holders(query)

    assert ([holder.id for holder in page.holders], page.total) == (["cem"], 3)


async def test_least_recent_leaves_out_the_unknown_and_the_skipped(filled: Installation) -> None:
    system = filled.system

    query = HolderQuery(module=SALES, limit=10)
    assert await system.least_recent(query, frozenset()) == ["bjørn", "dora_50%", "anna"]
    assert await system.least_recent(query, frozenset({"bjørn"})) == ["dora_50%", "anna"]
    first = HolderQuery(module=SALES, filter=HolderFilter.ASSOCIATES, limit=1)
    assert await system.least_recent(first, frozenset()) == ["bjørn"]


async def test_deleted_users_hold_nothing_that_counts(filled: Installation) -> None:
    system = filled.system

    assert await system.in_use() == {SALES: 4, "service": 2}
    held = await system.held_by(["anna", "emil", "nobody"])
    assert held == {"anna": {SALES, "service"}}


async def test_any_number_of_people_can_be_asked_for(filled: Installation) -> None:
    many = [f"stranger-{number}" for number in range(70_000)]

    people = await filled.system.people([*many, "anna", "emil"])

    assert {key: person.name for key, person in people.items()} == {"anna": "Anna", "emil": "Emil"}
    assert await filled.system.held_by(many) == {}


async def test_systems_in_one_database_know_nothing_of_each_other(filled: Installation) -> None:
    other = Installation(database=filled.database, folder=filled.folder, name="other")
    await other.fill([user("Anna")], [seat("Anna", "only")], signed(payload([module("only")])))

    assert await other.system.in_use() == {"only": 1}
    assert await filled.system.in_use() == {SALES: 4, "service": 2}
    assert await ids(other, HolderQuery(module=SALES)) == []
    assert await other.system.held_by(["anna", "bjørn"]) == {"anna": {"only"}}


BOSS = {"administrator": True, "email": "Boss@Fjordlicht.example"}


@pytest.mark.parametrize(
    ("users", "email", "expected"),
    [
        ([user("Boss", **BOSS)], "boss@fjordlicht.EXAMPLE", True),
        ([user("Boss", **BOSS)], " boss@fjordlicht.example ", True),
        ([user("Boss", **BOSS)], "oss@fjordlicht.example", False),
        ([user("Boss", **BOSS)], "%", False),
        ([user("Boss", **BOSS, deleted=True)], "boss@fjordlicht.example", False),
        ([user("Boss", **BOSS, can_login=False)], "boss@fjordlicht.example", False),
        ([user("Boss", **BOSS | {"administrator": False})], "boss@fjordlicht.example", False),
        ([user("Boss", **BOSS), user("Two", **BOSS)], "boss@fjordlicht.example", False),
        (
            [user("Boss", **BOSS), user("Two", **BOSS, deleted=True)],
            "boss@fjordlicht.example",
            True,
        ),
        ([user("Boss", **BOSS | {"email": ""})], "", False),
        ([user("Boss", **BOSS | {"email": "kim@x.example"})], "\u212aim@x.example", False),
        ([user("Boss", **BOSS | {"email": "straße@x.example"})], "strasse@x.example", False),
        ([user("Boss", **BOSS | {"email": "straße@x.example"})], "straße@x.example", True),
    ],
)
async def test_an_administrator_is_known_by_one_unmistakable_address(
    small_place: Installation, users: list[dict[str, object]], email: str, expected: bool
) -> None:
    await small_place.fill(users)

    assert await small_place.system.is_administrator(email) is expected
