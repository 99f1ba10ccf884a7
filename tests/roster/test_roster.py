"""Who holds a module licence: searched, filtered, ordered, page by page."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from licbot.domain.people import Holder, HolderFilter, HolderKind, HolderOrder, HolderQuery
from licbot.domain.removals import Held
from licbot.store.database import SqlDatabase
from tests.roster.samples import ROSTER, SYSTEM, fill

SALES = "sales"


def login(month: int) -> datetime:
    return datetime(2026, month, 1, 8, 30, tzinfo=UTC)


ANNA = Holder(
    id="anna", name="Anna", email="anna@acme.example", last_login=login(3), open_requests=4
)
BJORN = Holder(
    id="bjørn",
    name="Bjørn",
    email="Bjørn@acme.example",
    last_login=login(1),
    administrator=True,
)
CEM = Holder(id="cem", name="Cem", email="cem@acme.example", can_login=False)
DORA = Holder(
    id="dora",
    name="Dora_50%",
    email="d@elsewhere.example",
    kind=HolderKind.OTHER,
    last_login=login(2),
)
EMIL = Holder(id="emil", name="Emil", email="emil@acme.example", last_login=login(4))
FRIDA = Holder(id="frida", name="Frida", last_login=login(5))
PEOPLE = (ANNA, BJORN, CEM, DORA, EMIL, FRIDA)
HELD: Held = {
    "anna": frozenset({SALES, "service"}),
    "bjørn": frozenset({SALES}),
    "cem": frozenset({SALES}),
    "dora": frozenset({SALES}),
    "emil": frozenset({SALES}),
    "frida": frozenset({"service"}),
}


@pytest.fixture
async def filled(database: SqlDatabase) -> SqlDatabase:
    """Five holders of one licence, one of them deleted, and two of another."""
    async with database.begin() as connection:
        await fill(connection, PEOPLE, HELD, deleted={"emil"})
    return database


async def test_the_holders_of_a_licence_are_listed_least_recent_first(filled: SqlDatabase) -> None:
    """Everything that is known of them comes back, and it is as fresh as the tables."""
    async with filled.read() as connection:
        page = await ROSTER.holders(connection, SYSTEM, HolderQuery(module=SALES))

    assert page.holders == (BJORN, DORA, ANNA, CEM)
    assert page.total == 4
    assert page.as_of is None


QUERIES = [
    (HolderQuery(module=" SALES "), "bjørn dora anna cem"),
    (HolderQuery(module="nothing"), ""),
    (HolderQuery(module=SALES, order=HolderOrder.MOST_RECENT), "anna dora bjørn cem"),
    (HolderQuery(module=SALES, order=HolderOrder.NAME), "anna bjørn cem dora"),
    (HolderQuery(module=SALES, filter=HolderFilter.ASSOCIATES), "bjørn anna cem"),
    (HolderQuery(module=SALES, filter=HolderFilter.OTHERS), "dora"),
    (HolderQuery(module=SALES, filter=HolderFilter.NO_LOGIN), "cem"),
    (HolderQuery(module=SALES, filter=HolderFilter.UNKNOWN), "cem"),
    (HolderQuery(module=SALES, search=" BJØRN "), "bjørn"),
    (HolderQuery(module=SALES, search="bjo\u0308rn"), ""),
    (HolderQuery(module=SALES, search="ACME"), "bjørn anna cem"),
    (HolderQuery(module=SALES, search="50%"), "dora"),
    (HolderQuery(module=SALES, search="%"), "dora"),
    (HolderQuery(module=SALES, search="a_5"), "dora"),
    (HolderQuery(module=SALES, search="_"), "dora"),
    (HolderQuery(module=SALES, search="annaanna"), ""),
    (HolderQuery(module=SALES, only=frozenset({"anna", "frida", "emil"})), "anna"),
    (HolderQuery(module=SALES, only=frozenset()), ""),
    (HolderQuery(module=SALES, offset=1, limit=2), "dora anna"),
    (HolderQuery(module=SALES, offset=90), ""),
]


async def test_a_page_shows_what_was_asked_for(filled: SqlDatabase) -> None:
    """A search takes every character as it is."""
    async with filled.read() as connection:
        for query, expected in QUERIES:
            page = await ROSTER.holders(connection, SYSTEM, query)
            found = " ".join(holder.id for holder in page.holders)
            assert (query, found) == (query, expected)
            assert page.total >= len(page.holders)


async def test_the_total_counts_all_pages(filled: SqlDatabase) -> None:
    """A page says how many match, wherever it begins."""
    query = HolderQuery(module=SALES, search="acme", offset=2, limit=1)

    async with filled.read() as connection:
        page = await ROSTER.holders(connection, SYSTEM, query)

    assert (page.holders, page.total) == ((CEM,), 3)


@pytest.mark.parametrize("order", HolderOrder)
async def test_pages_of_people_who_are_alike_are_parts_of_one_list(
    database: SqlDatabase, order: HolderOrder
) -> None:
    """Ids decide where the order says nothing, however the rows came."""
    alike = [replace(ANNA, id=f"u{number}") for number in range(9, 0, -1)]
    async with database.begin() as connection:
        await fill(connection, alike, {user.id: frozenset({SALES}) for user in alike})

    async with database.read() as connection:
        queries = [
            HolderQuery(module=SALES, order=order, offset=offset, limit=4) for offset in (0, 4, 8)
        ]
        pages = [await ROSTER.holders(connection, SYSTEM, query) for query in queries]

    found = [holder.id for page in pages for holder in page.holders]
    assert found == [f"u{number}" for number in range(1, 10)]


async def test_least_recent_leaves_out_the_unknown_and_the_skipped(filled: SqlDatabase) -> None:
    """Nobody is proposed of whom it is unknown when they last signed in."""
    everyone = HolderQuery(module=SALES, limit=10)
    first = HolderQuery(module=SALES, filter=HolderFilter.ASSOCIATES, limit=1)

    async with filled.read() as connection:
        found = [
            await ROSTER.least_recent(connection, SYSTEM, everyone, frozenset()),
            await ROSTER.least_recent(connection, SYSTEM, everyone, frozenset({"bjørn"})),
            await ROSTER.least_recent(connection, SYSTEM, first, frozenset()),
        ]

    assert found == [["bjørn", "dora", "anna"], ["dora", "anna"], ["bjørn"]]


async def test_deleted_users_hold_nothing_that_counts(filled: SqlDatabase) -> None:
    """Users without a seat and unknown ones are absent."""
    async with filled.read() as connection:
        assert await ROSTER.in_use(connection, SYSTEM) == {SALES: 4, "service": 2}
        held = await ROSTER.held(connection, SYSTEM, ["anna", "emil", "nobody"])

    assert held == {"anna": {SALES, "service"}}


async def test_any_number_of_people_can_be_asked_for(filled: SqlDatabase) -> None:
    """No database's limit of parameters matters; deleted users have a name still."""
    many = [f"stranger-{number}" for number in range(70_000)]

    async with filled.read() as connection:
        people = await ROSTER.people(connection, SYSTEM, [*many, "anna", "emil"])
        held = await ROSTER.held(connection, SYSTEM, many)

    assert people == {"anna": ANNA, "emil": EMIL}
    assert held == {}


async def test_systems_in_one_table_know_nothing_of_each_other(filled: SqlDatabase) -> None:
    """The same id may stand for somebody else."""
    other = replace(ANNA, name="Another Anna", administrator=True)
    async with filled.begin() as connection:
        await fill(connection, [other], {"anna": frozenset({"only"})}, system="erp")

    async with filled.read() as connection:
        assert await ROSTER.in_use(connection, "erp") == {"only": 1}
        assert await ROSTER.in_use(connection, SYSTEM) == {SALES: 4, "service": 2}
        page = await ROSTER.holders(connection, "erp", HolderQuery(module=SALES))
        assert (page.holders, page.total) == ((), 0)
        assert await ROSTER.held(connection, "erp", ["anna", "bjørn"]) == {"anna": {"only"}}
        assert await ROSTER.people(connection, "erp", ["anna", "bjørn"]) == {"anna": other}
        assert await ROSTER.is_administrator(connection, "erp", ANNA.email)
        assert not await ROSTER.is_administrator(connection, SYSTEM, ANNA.email)


BOSS = Holder(id="boss", name="Boss", email="Boss@Acme.example", administrator=True)
TWIN = replace(BOSS, id="twin")


@pytest.mark.parametrize(
    ("users", "deleted", "email", "expected"),
    [
        ([BOSS], "", "boss@acme.EXAMPLE", True),
        ([BOSS], "", " boss@acme.example ", True),
        ([BOSS], "", "oss@acme.example", False),
        ([BOSS], "", "%", False),
        ([BOSS], "boss", "boss@acme.example", False),
        ([replace(BOSS, can_login=False)], "", "boss@acme.example", False),
        ([replace(BOSS, administrator=False)], "", "boss@acme.example", False),
        ([BOSS, TWIN], "", "boss@acme.example", False),
        ([BOSS, TWIN], "twin", "boss@acme.example", True),
        ([replace(BOSS, email="")], "", "", False),
        ([replace(BOSS, email="kim@x.example")], "", "\u212aim@x.example", False),
        ([replace(BOSS, email="straße@x.example")], "", "strasse@x.example", False),
        ([replace(BOSS, email="straße@x.example")], "", "straße@x.example", True),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_an_administrator_is_known_by_one_unmistakable_address(
    database: SqlDatabase, users: list[Holder], deleted: str, email: str, expected: bool
) -> None:
    """An address of two is nobody's, and a foreign letter is not a letter like it."""
    async with database.begin() as connection:
        await fill(connection, users, deleted={deleted})

        assert await ROSTER.is_administrator(connection, SYSTEM, email) is expected


async def test_very_many_new_rows_can_be_made_known(database: SqlDatabase) -> None:
    """It goes into the transaction that wrote them."""
    async with database.begin() as connection:
        await fill(connection, PEOPLE, HELD)
        await ROSTER.analyse(connection)

    async with database.read() as connection:
        assert (await ROSTER.in_use(connection, SYSTEM))[SALES] == 5
