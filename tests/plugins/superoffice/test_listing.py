"""Who holds what is read into a stored list, and stays true while it is read."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select

from licbot.domain.errors import SystemUnavailable
from licbot.domain.people import Holder, HolderKind, HolderQuery, Person
from licbot.ports.database import Migrations
from licbot.store.database import SqlDatabase, open_database
from licbot.store.migrate import migrate
from licbot.testing import START, FakeClock
from licbot.testing.superoffice import (
    Failure,
    SimLicense,
    SimModule,
    SimUser,
    Status,
    Tenant,
    UserKind,
    customers,
)
from licbot_superoffice.roles import ask_administrator
from licbot_superoffice.stored import (
    begin_reading,
    is_listed_administrator,
    list_state,
    note_seats,
)
from licbot_superoffice.tables import SuperOfficeTable, roster, seats, users
from tests.plugins.superoffice.data_support import (
    ADA,
    BO,
    CLEO,
    DEV,
    SYSTEM,
    World,
    make_system,
    scripted,
    world,
)
from tests.plugins.superoffice.reading_bench import Tenant as LargeTenant

MIGRATIONS = Migrations(name="superoffice", location="licbot_superoffice:migrations")
SALES = HolderQuery(module="sales")


@pytest.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[World]:
    """Four people, whose list is not read yet."""
    async with world(tmp_path, read_list=False) as made:
        yield made


async def names_of(made: World, module: str = "sales") -> list[str]:
    return [each.name for each in (await made.system.holders(HolderQuery(module=module))).holders]


def a_user(number: int, **more: object) -> dict[str, object]:
    return {
        "associateDbId": number,
        "fullName": f"P{number}",
        "personEmail": f"p{number}@acme.example",
        **more,
    }


def answering(
    rows: Sequence[Mapping[str, object]],
    *,
    tickets: object = (),
    in_use: int = 1,
    listed: Sequence[str] = ("superoffice_sales",),
    retired: Sequence[int] = (),
    module: str = "sales",
) -> Callable[[httpx.Request], httpx.Response]:
    """A tenant with these rows of users, all of whom hold one licence."""
    names = ["all", "retired", "associateDbId", "fullName", "personEmail", "role"]
    names += ["canLogin", "isActive", *listed]
    license_ = {"ModuleName": module, "LicenseType": "UserLicense", "NumberOfLicenses": 9}
    info = {"OwnerName": "SUPEROFFICE", "ModuleLicenses": [license_], "CompanyName": "A\x00B"}
    answers: dict[str, object] = {
        "GetLicenseForAllOwnersFromDB": [
            {
                "Current": info,
                "ExtendedModuleLicenses": [{"Current": license_, "NumberOfLicensesInUse": in_use}],
            }
        ],
        "FindRolesWithFunctionalRight": [{"Name": "Boss"}],
        "$metadata": {"value": [{"name": each} for each in names]},
    }

    def handle(request: httpx.Request) -> httpx.Response:
        last = request.url.path.rpartition("/")[2]
        params = request.url.params
        if last in answers:
            return httpx.Response(200, content=json.dumps(answers[last]))
        if last == "UserOpenTickets" and isinstance(tickets, httpx.Response):
            return tickets
        found: object = {"UserOpenTickets": tickets, "InternalUsers": rows}.get(last, [])
        assert isinstance(found, Sequence)
        if params.get("$entities") == "retired":
            found = [each for each in found if each["associateDbId"] in retired]
        if wanted := params.get("$filter"):
            found = [each for each in found if each["personEmail"] in wanted]
        if "$skip" in params:
            found = []
        return httpx.Response(200, content=json.dumps({"value": list(found)}))

    return handle


# What is in it


async def test_before_the_first_reading_nobody_is_told_anything_wrong(tenant: World) -> None:
    """An empty list would say that nobody holds a seat."""
    with pytest.raises(SystemUnavailable, match="still reading the list"):
        await tenant.system.holders(SALES)


async def test_everybody_is_in_it_with_what_they_hold(tenant: World) -> None:
    """Associates and others, open requests, and the hidden licences that come with a plan."""
    tenant.tenant.add_user(
        SimUser(id=50, login="MAILER", full_name="Mailer", kind=UserKind.SYSTEM), "sales"
    )
    tenant.tenant.open_request(11, 2)
    tenant.tenant.set_login(13, False)

    await tenant.system.refresh()

    people = await tenant.system.people([ADA, BO, CLEO, "50", "99"])
    assert people == {
        ADA: Holder(id=ADA, name="Ada Berg", email="ada@nordlicht.example", open_requests=2),
        BO: Holder(id=BO, name="Bo Lund", email="bo@nordlicht.example", administrator=True),
        CLEO: Holder(id=CLEO, name="Cleo Rao", email="cleo@nordlicht.example", can_login=False),
        "50": Holder(id="50", name="Mailer", kind=HolderKind.OTHER),
    }
    assert await tenant.system.held_by([ADA, BO, CLEO, DEV, "50"]) == {
        ADA: {"sales", "visible-for", "user", "web"},
        BO: {"sales", "travel", "user", "web"},
        CLEO: {"sales", "user", "web"},
        DEV: {"service", "user"},
        "50": {"sales", "user", "web"},
    }
    page = await tenant.system.holders(SALES)
    assert (page.total, page.as_of) == (4, START)
    assert await tenant.system.least_recent(SALES, frozenset()) == []


async def test_who_is_gone_is_known_by_name_and_holds_nothing(tenant: World) -> None:
    """Deleted users are not listed; former employees are, without a seat."""
    await tenant.system.refresh()
    tenant.tenant.delete(11)
    tenant.tenant.retire(13)
    tenant.clock.advance(timedelta(hours=1))

    await tenant.system.refresh()

    assert await names_of(tenant) == ["Bo Lund"]
    assert await tenant.system.held_by([ADA, CLEO]) == {}
    people = await tenant.system.people([ADA, CLEO])
    assert people[ADA].name == "Ada Berg"
    assert not people[CLEO].can_login
    assert (await tenant.system.holders(SALES)).as_of == START + timedelta(hours=1)
    assert dict(await tenant.system.in_use())["sales"] == 1


async def test_licences_of_other_owners_are_told_apart(tenant: World) -> None:
    """Though they have the same name."""
    acme = SimLicense(owner="ACME", modules=(SimModule(name="sales", number=5),))
    tenant.tenant.put_in_force(acme)
    tenant.tenant.assign(14, "sales", owner="ACME")

    await tenant.system.refresh()

    assert await names_of(tenant, "acme/sales") == ["Dev Holm"]
    assert await tenant.system.held_by([DEV]) == {DEV: {"service", "user", "acme/sales"}}
    assert (await tenant.system.in_use())["acme/sales"] == 1


async def test_the_description_of_a_list_may_be_in_another_form(tenant: World) -> None:
    """XML says the same."""
    tenant.tenant.metadata_as = "xml"

    await tenant.system.refresh()

    assert len(await names_of(tenant)) == 3


async def test_licences_that_no_list_has_are_not_asked_for(tenant: World) -> None:
    """Hidden ones, and what stands for no plan: SuperOffice would refuse, or list everybody."""
    await tenant.system.refresh()

    asked = [each.query.get("$entities") for each in tenant.tenant.requests]
    assert sorted({each for each in asked if each}) == [
        "all",
        "retired",
        "superoffice_sales",
        "superoffice_service",
        "superoffice_travel",
        "superoffice_visible-for",
    ]


async def test_a_licence_that_this_list_does_not_have_is_not_asked_for(tmp_path: Path) -> None:
    """Users of one kind cannot have all that users of another can."""
    large = LargeTenant(10, listed=("sales", "travel"))
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("$entities", ""))
        return large(request)

    async with scripted(tmp_path, handle) as made:
        await made.system.refresh()
        held = await made.system.held_by(["1"])

    assert {each for each in asked if each} == {"all", "superoffice_sales", "superoffice_travel"}
    assert held == {"1": {"sales", "travel", "user", "web"}}


async def test_names_are_on_one_line_and_fit(tenant: World) -> None:
    """Whatever somebody typed."""
    odd = "Eve\r\nRoot\x00 " + "x" * 900
    tenant.tenant.change_user(11, full_name=odd, email="e" * 300 + "@acme.example")
    tenant.tenant.change_user(12, full_name="", initials="BOLU")

    await tenant.system.refresh()

    people = await tenant.system.people([ADA, BO])
    assert people[ADA].name.startswith("Eve Root xxx")
    assert len(people[ADA].name) <= 250
    assert people[ADA].email == ""
    assert people[BO].name == "BOLU"


async def test_online_a_sign_in_of_their_own_tells_administrators(tmp_path: Path) -> None:
    """Roles are closed to apps there."""
    anna = Person(id="U1", name="anna", email="anna.schaefer@nordlicht.example")

    def fill(clock: FakeClock) -> Tenant:
        return customers.with_plans(clock.now)

    async with world(tmp_path, fill, online=True) as made:
        before = await made.system.people(["101", "102"])
        await made.sign_in(anna, 101)
        await made.system.refresh()
        after = await made.system.people(["101", "102"])
        roles_asked = made.asked("FindRoles")

    assert [each.administrator for each in before.values()] == [False, False]
    assert {key: each.administrator for key, each in after.items()} == {"101": True, "102": False}
    assert roles_asked == 0


# Where something is missing


async def test_what_is_not_told_is_a_gap_and_no_failure(tenant: World) -> None:
    """Other users and open requests can be done without; the operator is told."""
    tenant.tenant.open_request(11)
    tenant.tenant.fail("OtherUsers", Status(403, "Not for you"))
    tenant.tenant.fail("UserOpenTickets", Status(404))
    tenant.tenant.fail("FindRolesWithFunctionalRight", Status(403))

    await tenant.system.refresh()

    assert len(await names_of(tenant)) == 3
    people = await tenant.system.people([ADA, BO])
    assert (people[ADA].open_requests, people[BO].administrator) == (0, False)
    facts = " ".join((await tenant.system.examine()).facts)
    assert "Missing from the list: SuperOffice does not give licbot its list OtherUsers" in facts
    assert "UserOpenTickets" in facts


@pytest.mark.parametrize(
    ("where", "failure"),
    [
        ("InternalUsers", Status(500)),
        ("InternalUsers", Status(403)),
    ],
)
async def test_a_reading_that_fails_leaves_the_list_as_it_is(
    tenant: World, where: str, failure: Failure
) -> None:
    """With the age that it has."""
    await tenant.system.refresh()
    tenant.clock.advance(timedelta(hours=1))
    tenant.tenant.assign(14, "travel")
    tenant.tenant.fail(where, failure, times=99)

    with pytest.raises(SystemUnavailable):
        await tenant.system.refresh()

    page = await tenant.system.holders(SALES)
    assert (page.total, page.as_of) == (3, START)
    assert await names_of(tenant, "travel") == ["Bo Lund"]


async def test_a_reading_that_breaks_off_says_nothing_wrong(tenant: World) -> None:
    """What it saw is true already, and what it did not see is not forgotten."""
    await tenant.system.refresh()
    tenant.tenant.assign(14, "travel")
    tenant.tenant.unassign(13, "sales")
    tenant.tenant.before(
        "Archive/OtherUsers", lambda: tenant.tenant.fail("OtherUsers", Status(500), times=99)
    )

    with pytest.raises(SystemUnavailable):
        await tenant.system.refresh()

    assert await names_of(tenant, "travel") == ["Bo Lund", "Dev Holm"]
    assert await names_of(tenant) == ["Ada Berg", "Bo Lund", "Cleo Rao"]
    tenant.tenant.plans.failures.clear()
    await tenant.system.refresh()
    assert await names_of(tenant) == ["Ada Berg", "Bo Lund"]


@pytest.mark.parametrize("unread", ["perhaps", "", None, 2])
async def test_who_may_log_in_is_believed_where_it_can_be_read(
    tmp_path: Path, unread: object
) -> None:
    """Otherwise nobody becomes an administrator by it, and the operator is told."""
    rows = [
        a_user(1, canLogin=1, isActive="Yes", role="Boss"),
        a_user(2, canLogin="0", isActive=True, role="Boss"),
        a_user(3, canLogin=unread, role="Boss"),
        a_user(4, canLogin="YES", isActive=unread, role="Boss"),
        a_user(5, role="Boss"),
    ]

    async with scripted(tmp_path, answering(rows)) as made:
        await made.system.refresh()
        people = await made.system.people([str(each) for each in range(1, 6)])
        facts = (await made.system.examine()).facts
        asked = [
            await ask_administrator(made.line.api, made.config, f"p{each}@acme.example")
            for each in range(1, 6)
        ]

    assert [each.can_login for each in people.values()] == [True, False, True, True, True]
    assert [each.administrator and each.can_login for each in people.values()] == asked
    assert asked == [True, False, False, False, True]
    assert (
        "Missing from the list: SuperOffice does not say clearly whether 2 users can log in."
        in facts
    )


async def test_requests_that_cannot_be_read_are_a_gap(tmp_path: Path) -> None:
    """They keep nobody from reading who holds what."""
    owner = "ownedBy/associateDbId"
    tickets = [
        {"PrimaryKey": "1", owner: 1.0},
        {"ticketId": 2.0, owner: "1.0"},
        {"ticketId": "3", owner: None},
        {"ticketId": 4},
        {"ticketId": 5, owner: "Ada"},
        {"ticketId": 6, owner: "9" * 5000},
    ]

    async with scripted(tmp_path, answering([a_user(1)], tickets=tickets)) as made:
        await made.system.refresh()
        people = await made.system.people(["1"])
        facts = "\n".join((await made.system.examine()).facts)

    assert people["1"].open_requests == 2
    assert "UserOpenTickets, 3 open requests came without an owner" in facts


@pytest.mark.parametrize(
    "tickets",
    [
        [{"ticketId": "x", "PrimaryKey": None}],
        httpx.Response(500, json={"Error": True, "ErrorMessage": "No Service here"}),
    ],
)
async def test_a_list_of_requests_that_makes_no_sense_is_a_gap(
    tmp_path: Path, tickets: object
) -> None:
    """Users are read all the same."""
    async with scripted(tmp_path, answering([a_user(1)], tickets=tickets)) as made:
        await made.system.refresh()
        facts = "\n".join((await made.system.examine()).facts)

    assert "Missing from the list: SuperOffice" in facts
    assert "UserOpenTickets" in facts


async def test_a_licence_in_use_that_no_list_has_is_a_problem(tmp_path: Path) -> None:
    """Nobody could be picked for it, as if nobody held it."""
    async with scripted(tmp_path, answering([a_user(1)], in_use=1, listed=())) as made:
        await made.system.refresh()
        found = await made.system.examine()

    assert "Missing from the list: SuperOffice does not list who holds sales" in "\n".join(
        found.facts
    )
    [problem] = found.problems
    assert "superoffice_sales" in problem
    assert "by hand in SuperOffice" in problem
    assert "the right to see all users" in problem


async def test_a_list_that_is_shorter_than_what_is_in_use_is_a_gap(tmp_path: Path) -> None:
    """A list that was cut looks like one that was not."""
    rows = [a_user(1), a_user(2)]
    for in_use, told in ((5, True), (2, False)):
        async with scripted(tmp_path, answering(rows, in_use=in_use)) as made:
            await made.system.refresh()
            facts = "\n".join((await made.system.examine()).facts)

        differs = "SuperOffice counts 5 seats of sales in use, and lists 2 holders."
        assert (differs in facts) is told


async def test_who_left_holds_nothing_whatever_the_lists_say(tmp_path: Path) -> None:
    """A former employee may be listed with a licence still."""
    async with scripted(tmp_path, answering([a_user(1), a_user(2)], retired=(2,))) as made:
        await made.system.refresh()
        held = await made.system.held_by(["1", "2"])
        people = await made.system.people(["2"])

    assert held == {"1": {"sales"}}
    assert not people["2"].can_login


async def test_a_closed_list_of_users_is_named_wherever_it_is_missed(tenant: World) -> None:
    """Whoever wants to see the holders, and whoever looks why there are none."""
    tenant.tenant.fail("InternalUsers", Status(403, "Not for apps"), times=99)
    with pytest.raises(SystemUnavailable):
        await tenant.system.refresh()

    with pytest.raises(SystemUnavailable, match=r"list InternalUsers.*“Not for apps”"):
        await tenant.system.holders(SALES)
    found = await tenant.system.examine()

    [problem] = found.problems
    assert "InternalUsers" in problem
    assert "“Not for apps”" in problem
    assert "not read yet" not in "\n".join(found.facts)
    tenant.tenant.plans.failures.clear()
    await tenant.system.refresh()
    assert (await tenant.system.examine()).problems == ()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_database_chokes_on_what_somebody_typed(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """PostgreSQL refuses the sign zero, and every driver half characters."""
    url = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    await migrate(url, [MIGRATIONS])
    opened = await open_database(url)
    odd = "\x00\ud800\x1b"
    row = a_user(1, fullName=f"Ada{odd}Berg", personEmail=f"ada{odd}@acme.example", role=odd)
    answers = answering([row], module=f"sa{odd}les")
    try:
        async with scripted(tmp_path, answers) as made:
            context = replace(made.context, database=opened)
            system = make_system(context, made.config, made.line)
            await system.refresh()
            people = await system.people(["1"])
            [installed] = await system.installed()
    finally:
        await opened.close()

    assert people["1"].name == "Ada Berg"
    shown = f"{people['1'].email}{installed.customer.company}{installed.modules[0].name}"
    assert not set(odd) & set(shown)


# Several at a time


async def test_who_is_content_with_an_earlier_reading_gets_none(tenant: World) -> None:
    """As long as it began late enough, and was complete."""
    asked = "Archive/InternalUsers/$metadata"
    await tenant.system.refresh(START)
    assert tenant.asked(asked) == 1
    tenant.clock.advance(timedelta(minutes=5))

    await tenant.system.refresh(START)
    assert tenant.asked(asked) == 1
    await tenant.system.refresh(START + timedelta(minutes=1))
    assert tenant.asked(asked) == 2
    await tenant.system.refresh()
    assert tenant.asked(asked) == 3


async def test_a_reading_under_way_is_the_one_that_somebody_is_content_with(
    tenant: World,
) -> None:
    """They wait for its end."""
    later: list[asyncio.Task[None]] = []
    tenant.tenant.before(
        "Archive/OtherUsers",
        lambda: later.append(asyncio.create_task(tenant.system.refresh(START))),
    )

    await tenant.system.refresh()
    await asyncio.gather(*later)

    assert tenant.asked("Archive/InternalUsers/$metadata") == 1


async def test_a_failed_reading_contents_nobody(tenant: World) -> None:
    """The next one is a whole one."""
    tenant.tenant.fail("InternalUsers", Status(403))
    with pytest.raises(SystemUnavailable):
        await tenant.system.refresh()

    await tenant.system.refresh(START)

    assert len(await names_of(tenant)) == 3


async def test_who_asks_at_the_same_time_shares_a_reading(tenant: World) -> None:
    """However many they are."""
    await asyncio.gather(*(tenant.system.refresh() for _ in range(5)))

    assert tenant.asked("Archive/InternalUsers/$metadata") == 1


async def test_who_asks_while_it_is_read_gets_a_reading_of_their_own(tenant: World) -> None:
    """What they want to see may be on a page that was read before."""
    later: list[asyncio.Task[None]] = []

    def ask_again() -> None:
        tenant.tenant.unassign(11, "sales")
        later.append(asyncio.create_task(tenant.system.refresh()))
        later.append(asyncio.create_task(tenant.system.refresh()))

    tenant.tenant.before("Archive/OtherUsers", ask_again)
    await tenant.system.refresh()
    assert await names_of(tenant) == ["Ada Berg", "Bo Lund", "Cleo Rao"]
    await asyncio.gather(*later)

    assert await names_of(tenant) == ["Bo Lund", "Cleo Rao"]
    paths = [each.path for each in tenant.tenant.requests]
    assert paths[: len(paths) // 2] == paths[len(paths) // 2 :]
    assert tenant.asked("Archive/InternalUsers/$metadata") == 2


async def test_who_gives_up_waiting_stops_nobody_else(tenant: World) -> None:
    """The reading goes on."""
    impatient = asyncio.create_task(tenant.system.refresh())
    patient = asyncio.create_task(tenant.system.refresh())
    await asyncio.wait([impatient], timeout=0.01)
    impatient.cancel()

    await patient

    assert len(await names_of(tenant)) == 3


# How much it takes


def test_fifty_thousand_people_take_few_requests_and_little_memory() -> None:
    """In a process of its own, for the peak of its memory."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.plugins.superoffice.reading_bench", "50000"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=300,
    )
    taken = json.loads(found.stdout)

    assert taken["requests"] < 200
    assert taken["peak"] < 250


# Administrators


async def test_an_administrator_is_asked_for_by_address(tenant: World) -> None:
    """Exactly one who may sign in, whatever the case of the address and the signs in it."""
    await tenant.system.refresh()
    api, config, database = tenant.line.api, tenant.config, tenant.database

    async def asked(email: str) -> tuple[bool, bool]:
        now = await ask_administrator(api, config, email)
        return now, await is_listed_administrator(database, SYSTEM, email)

    assert await asked(" BO@nordlicht.example ") == (True, True)
    assert await asked("ada@nordlicht.example") == (False, False)
    assert await asked("nobody@nordlicht.example") == (False, False)
    assert await asked("") == (False, False)
    tenant.tenant.change_user(12, email="bo.o'neil@nordlicht.example")
    await tenant.system.refresh()
    assert await asked("bo.o'neil@nordlicht.example") == (True, True)
    email = "bo.o'neil@nordlicht.example"
    tenant.tenant.change_user(11, email=email, role="Administrator")
    await tenant.system.refresh()
    assert await asked("bo.o'neil@nordlicht.example") == (False, False)


async def test_who_may_not_sign_in_administers_nothing(tenant: World) -> None:
    """And where roles are not told, nobody does."""
    tenant.tenant.add_user(
        SimUser(
            id=20,
            login="out@nordlicht.example",
            full_name="Out",
            email="out@nordlicht.example",
            role="Administrator",
            can_login=False,
        )
    )
    assert not await ask_administrator(tenant.line.api, tenant.config, "out@nordlicht.example")

    tenant.tenant.fail("FindRolesWithFunctionalRight", Status(403))
    assert not await ask_administrator(tenant.line.api, tenant.config, "bo@nordlicht.example")


# The tables, on each kind of database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[SqlDatabase]:
    await migrate(database_url, [MIGRATIONS])
    opened = await open_database(database_url)
    yield opened
    await opened.close()


def _differences(connection: Connection) -> object:
    options = {
        "include_name": lambda name, kind, _: kind != "table" or name.startswith("superoffice_"),
        "compare_server_default": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    return compare_metadata(context, SuperOfficeTable.metadata)


async def test_the_migrated_tables_are_those_of_the_code(database: SqlDatabase) -> None:
    """And all of them bear the name of the plugin."""
    async with database.read() as connection:
        assert await connection.run_sync(_differences) == []
        names = await connection.run_sync(lambda inner: inspect(inner).get_table_names())

    assert set(names) == {"alembic_version_superoffice", *SuperOfficeTable.metadata.tables}


async def test_an_older_reading_that_ends_later_forgets_nothing_newer(
    database: SqlDatabase,
) -> None:
    """As where two processes read at the same time."""
    people = [Holder(id=each, name=each) for each in ("1", "2", "3")]
    old = await begin_reading(database, SYSTEM, START)
    await old.add_users(people[:2])
    new = await begin_reading(database, SYSTEM, START)
    await new.add_users(people[1:])
    await new.add_seats("sales", ["1", "2", "3"])
    await new.add_members("sales", ["web", "user"])
    await old.add_seats("sales", ["1", "2"])
    await old.end(START, [])
    async with database.read() as connection:
        between = await roster.in_use(connection, SYSTEM)
    await new.end(START + timedelta(minutes=1), ["nothing of consequence"])

    async with database.read() as connection:
        state = await list_state(connection, SYSTEM)
        held = await roster.held(connection, SYSTEM, ["1", "2", "3"])
        deleted = (await connection.scalars(select(users.c.id).where(users.c.deleted))).all()
    assert between == {"sales": 3, "user": 2, "web": 2}
    assert held == {each: {"sales", "web", "user"} for each in ("2", "3")}
    assert deleted == ["1"]
    assert state
    assert (state.users, state.as_of) == (2, START + timedelta(minutes=1))
    assert state.gaps == ["nothing of consequence"]


async def test_users_and_seats_of_one_system_are_not_those_of_another(
    database: SqlDatabase,
) -> None:
    """Several tenants share the tables."""
    for system in ("one", "two"):
        reading = await begin_reading(database, system, START)
        await reading.add_users([Holder(id="1", name=system)])
        await reading.add_seats("sales", ["1", "7"])
        await reading.end(START, [])
    empty = await begin_reading(database, "two", START)
    await empty.end(START, [])

    async with database.read() as connection:
        assert await roster.in_use(connection, "one") == {"sales": 1}
        assert await roster.in_use(connection, "two") == {}


async def test_what_is_seen_of_a_user_between_two_readings_is_written(
    database: SqlDatabase,
) -> None:
    """Of users who are listed; a reading under way does not forget it."""
    reading = await begin_reading(database, SYSTEM, START)
    await reading.add_users([Holder(id="1", name="Ada"), Holder(id="1", name="Ada Berg")])
    for module in ("sales", "web", "other"):
        await reading.add_seats(module, ["1"])
    await reading.end(START, [])

    await note_seats(database, SYSTEM, "1", [], ["sales", "web"])
    async with database.read() as connection:
        assert await roster.in_use(connection, SYSTEM) == {"other": 1}
    under_way = await begin_reading(database, SYSTEM, START)
    await under_way.add_users([Holder(id="1", name="Ada Berg")])
    await note_seats(database, SYSTEM, "1", ["sales"], ["sales", "web"])
    await note_seats(database, SYSTEM, "9", ["sales"], ["sales", "web"])
    await under_way.end(START, [])

    async with database.read() as connection:
        assert await roster.held(connection, SYSTEM, ["1"]) == {"1": {"sales"}}
        assert await connection.scalar(select(func.count()).select_from(seats)) == 1
        assert (await roster.people(connection, SYSTEM, ["1"]))["1"].name == "Ada Berg"
