"""Seats are taken once, by one save a user, and given back as far as there is room."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from licbot.domain.errors import SystemRefused, SystemUnavailable
from licbot.domain.people import HolderQuery, Person
from licbot.domain.removals import Removal
from licbot.hookspecs import SystemContext
from licbot.store.database import open_database
from licbot.store.migrate import migrate
from licbot.testing import FakeClock
from licbot.testing.superoffice import (
    Cut,
    Exchange,
    Failure,
    Message,
    Null,
    SimLicense,
    SimModule,
    SimUser,
    Status,
    Tenant,
)
from licbot.testing.vault import MemoryVault
from licbot_superoffice import licbot_migrations
from licbot_superoffice.calls import Calls
from licbot_superoffice.calls import Tenant as TenantCalls
from licbot_superoffice.credentials import Basic, Credential
from licbot_superoffice.ledger import Ledger, SeatState
from licbot_superoffice.settings import Onsite
from licbot_superoffice.several import AT_ONCE, several
from licbot_superoffice.tenant import FixedPlace
from licbot_superoffice.transport import Transport
from licbot_superoffice.userfile import read_user
from licbot_superoffice.users import NotSaved, Users
from licbot_superoffice.wire import SignInLost
from tests.plugins.superoffice.data_support import (
    ADA,
    BO,
    CLEO,
    DEV,
    SMALLER,
    World,
    make_system,
    removal,
    scripted,
    small_tenant,
    world,
)

ADAS = [
    removal(ADA),
    removal(ADA, "user", picked=False),
    removal(ADA, "visible-for", picked=False),
    removal(ADA, "web", picked=False),
]
"""All that goes when Ada loses Sales."""


@pytest.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[World]:
    """Four people, whose list is read."""
    async with world(tmp_path) as made:
        yield made


def saved(made: World, *, by: str | None = None) -> set[tuple[int, str, bool]]:
    """What SuperOffice has saved: users, modules, and whether they have them now."""
    return {
        (save.user, save.module, save.after)
        for save in made.tenant.saves
        if by is None or save.by == by
    }


# Taking


async def test_a_user_is_saved_once_with_all_they_lose(tenant: World) -> None:
    """The hidden licences go with their plan; licbot knows at once."""
    await tenant.system.take(ADAS, "a/1")

    assert saved(tenant) == {(11, each.module, False) for each in ADAS}
    assert tenant.asked("/User/11", "PUT") == 1
    assert set((await tenant.states()).values()) == {"taken"}
    assert await tenant.system.held_by([ADA]) == {}
    assert (await tenant.system.in_use())["sales"] == 2
    page = await tenant.system.holders(HolderQuery(module="sales"))
    assert [each.id for each in page.holders] == [BO, CLEO]


async def test_nothing_else_of_a_user_is_touched(tenant: World) -> None:
    """All is sent as it came, but for the one word; hidden licences are left alone."""
    exchanges: list[Exchange] = []
    tenant.tenant.observers.append(exchanges.append)

    await tenant.system.take(ADAS, "a/1")

    by_method = {each.served.method: each for each in exchanges if each.served.below == "/User/11"}
    came, went = by_method["GET"].answer, by_method["PUT"].body
    before, after = json.loads(came), json.loads(went)
    changed = [
        (link["Name"], there["Assigned"], link["Assigned"])
        for owner, owner_there in zip(after["LicenseOwners"], before["LicenseOwners"], strict=True)
        for link, there in zip(
            owner["RestrictedModuleLicenses"], owner_there["RestrictedModuleLicenses"], strict=True
        )
        if link != there
    ]
    assert changed == [("sales", True, False), ("visible-for", True, False)]
    assert len(came) + 2 == len(went)
    assert went.replace(b'"Assigned":false', b'"Assigned":true') == came.replace(
        b'"Assigned":false', b'"Assigned":true'
    )


async def test_a_run_takes_each_seat_once(tenant: World) -> None:
    """A seat that somebody is given anew is not taken again by the same run."""
    await tenant.system.take(ADAS, "a/1")
    tenant.tenant.assign(11, "sales")

    await tenant.system.take([*ADAS, removal(CLEO)], "a/1")

    assert tenant.tenant.held_by(11) == {"sales", "user", "web"}
    assert "sales" not in tenant.tenant.held_by(13)
    assert tenant.asked("/User/11") == 2


async def test_who_holds_nothing_loses_nothing(tenant: World) -> None:
    """Nor does anybody who was deleted, or whom SuperOffice does not know."""
    tenant.tenant.delete(13)

    await tenant.system.take(
        [removal(DEV), removal(CLEO), removal("98"), removal("somebody")], "a/1"
    )

    assert set((await tenant.states()).values()) == {"absent"}
    assert tenant.tenant.saves == []
    assert await tenant.system.give_back("a/1") == []


async def test_a_licence_without_limit_can_be_taken_too(tenant: World) -> None:
    """SuperOffice has those in another list."""
    await tenant.system.take([removal(BO, "travel")], "a/1")

    assert tenant.tenant.held_by(12) == {"sales", "user", "web"}


async def test_a_licence_of_another_owner_is_taken_from_that_one(tmp_path: Path) -> None:
    """Though SuperOffice's own has the same name."""

    def fill(clock: FakeClock) -> Tenant:
        made = small_tenant(clock)
        acme = SimLicense(owner="ACME", modules=(SimModule(name="sales", number=5),))
        made.put_in_force(acme)
        made.assign(11, "sales", owner="ACME")
        return made

    async with world(tmp_path, fill) as made:
        await made.system.take([removal(ADA, "acme/sales")], "a/1")

        assert made.tenant.held_by(11, "ACME") == set()
        assert "sales" in made.tenant.held_by(11)
        assert await made.system.give_back("a/1") == []
        assert made.tenant.held_by(11, "ACME") == {"sales"}


async def test_hidden_licences_wait_for_their_plan(tenant: World) -> None:
    """A plan of many people is taken in parts, and a part may end in the middle of a person."""
    hidden, plan = [removal(ADA, "user", picked=False)], [removal(ADA), ADAS[3]]

    await tenant.system.take(hidden, "a/1")
    assert tenant.asked("/User/11", "PUT") == 0
    await tenant.system.take(plan, "a/1")

    assert tenant.tenant.held_by(11) == {"visible-for"}
    assert await tenant.system.held_by([ADA]) == {ADA: {"visible-for"}}
    assert await tenant.system.give_back("a/1") == []
    assert tenant.tenant.held_by(11) == {"sales", "user", "web", "visible-for"}
    assert set((await tenant.states()).values()) == {"given_back"}


async def test_hidden_licences_that_stay_are_taken_by_themselves(tenant: World) -> None:
    """Where SuperOffice does not take them along with their plan."""
    tenant.tenant.put_in_force(
        SimLicense(
            modules=tuple(
                module if module.name != "web" else SimModule(name="web", number=6, hidden=True)
                for module in tenant.tenant.installed["superoffice"].modules
            )
        )
    )
    tenant.tenant.assignments.give(14, ["superoffice_web"])

    await tenant.system.take([removal(DEV, "web")], "a/1")

    assert tenant.tenant.held_by(14) == {"service", "user"}
    assert tenant.asked("/User/14", "PUT") == 1


async def test_open_requests_are_said_to_be_the_reason(tenant: World) -> None:
    """With the name, the licence, and what to do; in our words, whatever SuperOffice's language."""
    tenant.tenant.open_request(11, 2)

    with pytest.raises(SystemRefused) as caught:
        await tenant.system.take(ADAS, "a/1")

    assert caught.value.message == (
        "SuperOffice does not take Confidential activities and Sales Premium from Ada Berg, who "
        "owns 2 open requests in Service. Have the requests closed or given to somebody else, "
        "then try again."
    )
    assert await tenant.system.give_back("a/1") == []
    assert tenant.tenant.held_by(11) == {"sales", "user", "web", "visible-for"}


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Status(400, "The user is on holiday"), "SuperOffice says: “The user is on holiday”."),
        (Message("Saving is closed", "Today"), "SuperOffice says: “Saving is closed Today”."),
        (Status(403, ""), "SuperOffice says: “not allowed (status 403)”."),
        (Null(), "SuperOffice gave no reason."),
    ],
)
async def test_a_refusal_names_the_person_and_the_licence(
    tenant: World, failure: Failure, words: str
) -> None:
    """In whatever form it comes, also where only looking shows it."""
    lose_the_save_of(tenant, 13, failure)

    with pytest.raises(SystemRefused) as caught:
        await tenant.system.take([removal(CLEO)], "a/1")

    assert "Sales Premium from Cleo Rao" in caught.value.message
    assert words in caught.value.message
    assert "sales" in tenant.tenant.held_by(13)


async def test_where_open_requests_are_not_told_superoffices_words_have_to_do(
    tenant: World,
) -> None:
    """It says itself what the matter is."""
    tenant.tenant.open_request(13)
    tenant.tenant.fail("UserOpenTickets", Status(403))

    with pytest.raises(SystemRefused, match="“The user has open requests in Service"):
        await tenant.system.take([removal(CLEO)], "a/1")


async def test_where_users_cannot_be_read_nothing_is_taken(tenant: World) -> None:
    """SuperOffice's words are passed on."""
    tenant.tenant.fail("/User/13", Status(403, "Users are closed"))

    with pytest.raises(SystemRefused, match="Users are closed"):
        await tenant.system.take([removal(CLEO)], "a/1")
    assert tenant.tenant.saves == []


@pytest.mark.parametrize("how", [Cut(after_work=True), Status(500, after_work=True)])
async def test_a_lost_answer_is_settled_by_looking(tenant: World, how: Failure) -> None:
    """The seat was taken by our own hand, and is given back by it."""
    lose_the_save_of(tenant, 13, how)
    with pytest.raises(SystemUnavailable):
        await tenant.system.take([removal(CLEO)], "a/1")
    assert set((await tenant.states()).values()) == {"intended"}

    await tenant.anew().take([removal(CLEO)], "a/1")

    assert tenant.asked("/User/13", "PUT") == 1
    assert set((await tenant.states()).values()) == {"taken"}
    assert await tenant.system.held_by([CLEO]) == {}
    assert await tenant.system.give_back("a/1") == []
    assert tenant.tenant.held_by(13) == {"sales", "user", "web"}


async def test_a_save_that_was_never_made_is_made(tenant: World) -> None:
    """Looking shows that the seat is still there."""
    lose_the_save_of(tenant, 13, Cut())
    with pytest.raises(SystemUnavailable):
        await tenant.system.take([removal(CLEO)], "a/1")

    await tenant.system.take([removal(CLEO)], "a/1")

    assert set((await tenant.states()).values()) == {"taken"}
    assert tenant.tenant.held_by(13) == set()


@pytest.mark.parametrize("how", [Cut(after_work=True), Cut()])
async def test_what_may_have_been_taken_is_given_back(tenant: World, how: Failure) -> None:
    """Whether it was or not, they hold it in the end, and once."""
    lose_the_save_of(tenant, 13, how)
    with pytest.raises(SystemUnavailable):
        await tenant.system.take([removal(CLEO)], "a/1")

    assert await tenant.system.give_back("a/1") == []

    assert tenant.tenant.held_by(13) == {"sales", "user", "web"}
    assert set((await tenant.states()).values()) == {"given_back"}


async def test_a_refusal_stops_what_has_not_begun(tmp_path: Path) -> None:
    """What was begun is brought to its end; the next run of it goes on from there."""

    def fill(clock: FakeClock) -> Tenant:
        made = small_tenant(clock)
        made.put_in_force(made.installed["superoffice"].with_numbers(sales=99, user=99, web=99))
        for number in range(20, 60):
            made.add_user(SimUser(id=number, login=str(number), full_name=f"P{number}"), "sales")
        made.open_request(20)
        return made

    async with world(tmp_path, fill) as made:
        planned = [removal(str(number)) for number in range(20, 60)]
        with pytest.raises(SystemRefused, match="P20"):
            await made.system.take(planned, "a/1")
        taken = {save.user for save in made.tenant.saves}
        made.tenant.close_requests(20)
        await made.system.take(planned, "a/1")

        assert len(taken) < 40 - AT_ONCE
        assert made.asked("/User/", "PUT") == 41
        assert made.tenant.in_use("sales") == 3


async def test_no_more_than_a_few_are_asked_for_at_once() -> None:
    """A tenant is for its people first."""
    running: list[int] = []
    most = 0

    async def work() -> None:
        nonlocal most
        running.append(1)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.pop()

    await several([work] * 20)

    assert most == AT_ONCE


async def test_a_refusal_outweighs_a_silence() -> None:
    """A refusal will be the same again."""

    async def silent() -> None:
        await asyncio.sleep(0)
        raise SystemUnavailable

    async def refused() -> None:
        raise SystemRefused("no")

    with pytest.raises(SystemRefused, match="no"):
        await several([silent, refused])
    with pytest.raises(SystemUnavailable):
        await several([silent])
    await several([])


async def test_seats_are_taken_as_whoever_pressed_the_button(tmp_path: Path) -> None:
    """Where they are signed in."""
    anna = Person(id="U1", name="anna", email="bo@nordlicht.example")
    async with world(tmp_path, online=True, removal="api") as made:
        made.deployment.tenants["cust12345"].closed.clear()
        await made.sign_in(anna, 12)
        with pytest.raises(SystemRefused):
            # Online closes users to apps, whoever asks.
            await made.system.take([removal(ADA)], "a/1", anna.id)

        asked_by = {each.who for each in made.tenant.requests if "/User/11" in each.path}

    assert asked_by == {"bo@nordlicht.example"}


# Giving back


async def test_what_was_taken_comes_back_with_all_that_went_along(tenant: World) -> None:
    """In one save; doing it again changes nothing."""
    await tenant.system.take(ADAS, "a/1")
    tenant.tenant.saves.clear()

    assert await tenant.system.give_back("a/1") == []
    assert await tenant.system.give_back("a/1") == []

    assert saved(tenant) == {(11, each.module, True) for each in ADAS}
    assert tenant.asked("/User/11", "PUT") == 2
    assert (await tenant.system.held_by([ADA]))[ADA] == {"sales", "visible-for", "user", "web"}
    assert set((await tenant.states()).values()) == {"given_back"}
    assert await tenant.system.give_back("never run") == []


async def test_what_has_no_room_stays_away_with_what_depends_on_it(tenant: World) -> None:
    """And is told, the first time and later."""
    await tenant.system.take([*ADAS, removal(BO, "travel")], "a/1")
    tenant.tenant.put_in_force(SMALLER)

    lost = await tenant.system.give_back("a/1")

    assert lost == await tenant.system.give_back("a/1")
    assert [(each.user, each.module, each.picked) for each in lost] == [
        (ADA, "sales", True),
        (ADA, "user", False),
        (ADA, "visible-for", False),
        (ADA, "web", False),
    ]
    assert tenant.tenant.held_by(12) == {"sales", "user", "web", "travel"}


async def test_who_has_another_plan_meanwhile_keeps_that(tenant: World) -> None:
    """SuperOffice refuses two, and the old one is lost."""
    await tenant.system.take(ADAS, "a/1")
    tenant.tenant.assign(11, "service")

    lost = await tenant.system.give_back("a/1")

    assert removal(ADA) in lost
    assert {"service", "user"} <= tenant.tenant.held_by(11)


async def test_whoever_is_gone_gets_nothing_back(tenant: World) -> None:
    """Deleted, or not there at all."""
    await tenant.system.take([removal(ADA), removal(CLEO)], "a/1")
    tenant.tenant.delete(11)
    del tenant.tenant.users[13]

    assert await tenant.system.give_back("a/1") == [removal(ADA), removal(CLEO)]


async def test_the_last_free_one_may_be_had_by_another_first(tenant: World) -> None:
    """Looking again shows what there is still room for; only the rest is lost."""
    await tenant.system.take(ADAS, "a/1")
    scarce = tenant.tenant.installed["superoffice"].with_numbers(**{"visible-for": 1})
    tenant.tenant.put_in_force(scarce)
    path = "/User/11"

    def before_the_save() -> None:
        tenant.tenant.before(path, lambda: tenant.tenant.assign(14, "visible-for"))

    tenant.tenant.before(path, before_the_save)

    lost = await tenant.system.give_back("a/1")

    assert [each.module for each in lost] == ["visible-for"]
    assert tenant.tenant.held_by(11) == {"sales", "user", "web"}
    assert tenant.tenant.in_use("visible-for") == 1


async def test_giving_back_insists(tenant: World) -> None:
    """A refusal that has nothing to do with room is tried again later."""
    await tenant.system.take([removal(CLEO)], "a/1")
    tenant.tenant.fail("/User/13", Status(403, "Closed for now"))

    with pytest.raises(SystemUnavailable, match="Closed for now"):
        await tenant.system.give_back("a/1")

    assert await tenant.system.give_back("a/1") == []
    assert "sales" in tenant.tenant.held_by(13)


# By hand


async def test_online_nothing_is_taken_from_anybody(tmp_path: Path) -> None:
    """As long as somebody holds a seat, they are named."""
    async with world(tmp_path, online=True) as made:
        with pytest.raises(SystemRefused) as caught:
            await made.system.take([*ADAS, removal(CLEO)], "a/1")

        assert caught.value.message == (
            "In SuperOffice, these still have what they are to lose: Ada Berg (Confidential "
            "activities, Sales Premium), Cleo Rao (Sales Premium). Take it from them there, or "
            "take them off the list, then try again."
        )
        assert made.tenant.saves == []
        assert await made.states() == {}


async def test_what_people_took_is_written_down_and_stays_theirs(tmp_path: Path) -> None:
    """The list may be a minute old; after that it is read anew."""
    async with world(tmp_path, online=True) as made:
        made.tenant.unassign(13, "sales")
        with pytest.raises(SystemRefused, match="Cleo Rao"):
            await made.system.take([removal(CLEO)], "a/1")
        made.clock.advance(timedelta(seconds=61))

        await made.system.take([removal(CLEO)], "a/1")

        assert await made.states() == {(CLEO, "sales"): "absent"}
        assert await made.system.give_back("a/1") == []
        assert made.tenant.held_by(13) == set()


async def test_five_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    """However many they are; hidden licences have no name for people."""

    def fill(clock: FakeClock) -> Tenant:
        made = small_tenant(clock)
        made.put_in_force(made.installed["superoffice"].with_numbers(sales=99, user=99, web=99))
        for number in range(20, 30):
            made.add_user(SimUser(id=number, login=str(number), full_name=f"P{number}"), "sales")
        return made

    async with world(tmp_path, fill, online=True, read_list=False) as made:
        planned = [Removal(user=str(each), module="web", picked=False) for each in range(20, 30)]
        with pytest.raises(SystemRefused) as caught:
            await made.system.take(planned, "a/1")

    assert "P20 (a hidden licence), P21" in caught.value.message
    assert "P24 (a hidden licence) and 5 more people." in caught.value.message


# The ledger


async def test_a_line_is_written_once_and_settled(database_url: str) -> None:
    """On each kind of database; other runs and other systems have lines of their own."""
    await migrate(database_url, licbot_migrations())
    database = await open_database(database_url)
    context = SystemContext(
        name="crm",
        settings={},
        folder=".",
        database=database,
        clock=FakeClock(),
        vault=MemoryVault(),
    )
    ledger = Ledger(context=context, run="a/1")
    for run in ("a/1", "a/2"):
        async with Ledger(context=context, run=run).writing() as entry:
            await entry.note(ADAS, SeatState.INTENDED)
            await entry.note([removal(ADA, picked=False), removal(BO)], SeatState.ABSENT)
    async with ledger.writing() as entry:
        await entry.settle(ADA, ["sales", "web"], SeatState.TAKEN)
        await entry.settle(ADA, [], SeatState.LOST)

    taken = await ledger.removals(SeatState.TAKEN, SeatState.LOST)
    states = await ledger.states([ADA, CLEO])
    other = await Ledger(context=replace(context, name="erp"), run="a/1").states([ADA])
    again = await Ledger(context=context, run="a/2").removals(SeatState.TAKEN)
    await database.close()

    assert taken == [removal(ADA), removal(ADA, "web", picked=False)]
    assert states == {
        (ADA, "sales"): SeatState.TAKEN,
        (ADA, "web"): SeatState.TAKEN,
        (ADA, "user"): SeatState.INTENDED,
        (ADA, "visible-for"): SeatState.INTENDED,
    }
    assert (other, again) == ({}, [])


# Saving and reading a user


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, text="null")])
@pytest.mark.parametrize("gone", [False, True])
async def test_a_save_that_says_nothing_is_looked_at(
    tmp_path: Path, answer: httpx.Response, gone: bool
) -> None:
    """What the user is like then is what counts."""
    reads = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal reads
        if request.method == "PUT":
            return answer
        reads += 1
        return httpx.Response(404 if gone else 200, json={"LicenseOwners": [], "Name": "ADA"})

    async with scripted(tmp_path, handle) as made:
        users = Users(made.line.api)
        if gone:
            with pytest.raises(NotSaved):
                await users.save("11", b"{}", "")
        else:
            assert (await users.save("11", b"{}", "")).name == "ADA"

    assert reads == 1


async def test_it_is_given_back_though_whoever_took_it_signed_out(tmp_path: Path) -> None:
    """By licbot itself; a user whom nobody can read is tried again."""
    bo = Person(id="U1", name="bo", email="bo@nordlicht.example")
    async with world(tmp_path, online=True, read_list=False) as made:
        await made.sign_in(bo, 12)
        async with Ledger(context=made.context, run="a/1").writing() as entry:
            await entry.note([removal(ADA)], SeatState.TAKEN)
        made.tenant.revoke(12)

        with pytest.raises(SystemUnavailable, match="does not let licbot read users"):
            await made.system.give_back("a/1", bo.id)

        asked_by = [each.who for each in made.tenant.requests if "/User/11" in each.path]
    assert asked_by[-1] == "SYSTEM"


class ForReading(Basic):
    """Of all sign-ins that may change something, none is left."""

    async def to_change(self, actor: str) -> Credential:
        raise SignInLost


async def test_giving_back_takes_any_sign_in_that_there_is(tenant: World) -> None:
    """Seats are not taken with it: those who lose them are to know by whom."""
    await tenant.system.take(ADAS, "a/1")
    site = tenant.config.site
    assert isinstance(site, Onsite)
    transport = Transport(tenant.clock)
    api = Calls(TenantCalls(transport, FixedPlace(site, transport)), ForReading(site))
    others = make_system(tenant.context, tenant.config, replace(tenant.line, api=api))

    with pytest.raises(SignInLost):
        await others.take([removal(CLEO)], "a/2")
    assert await others.give_back("a/1", "U1") == []

    assert tenant.tenant.held_by(11) == {each.module for each in ADAS}
    assert "sales" in tenant.tenant.held_by(13)


# Reading a user


def test_a_user_that_makes_no_sense_is_not_guessed_at() -> None:
    """Nothing of it is repeated."""
    for content in (
        b"<html>",
        b"{}",
        b'{"LicenseOwners":[{"Name":"x","RestrictedModuleLicenses":7}]}',
    ):
        with pytest.raises(SystemUnavailable, match="does not understand"):
            read_user(content)


def test_a_user_without_names_or_licences_is_read() -> None:
    """Services leave out what is empty."""
    found = read_user(b'{"LicenseOwners":[{"Name":"SUPEROFFICE","RestrictedModuleLicenses":null}]}')

    assert (found.name, found.gone, found.held) == ("", False, frozenset())
    assert found.assigning({"sales": True}) == found.text.encode()


def lose_the_save_of(made: World, user: int, how: Failure) -> None:
    """Let the second request for a user, which is the save, go wrong."""
    path = f"/User/{user}"
    made.tenant.before(path, lambda: made.tenant.before(path, lambda: made.tenant.fail(path, how)))
