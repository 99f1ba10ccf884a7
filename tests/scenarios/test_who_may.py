"""Only administrators: whoever else tries is told in a sentence, and nothing changes."""

import json
import time
from dataclasses import replace
from pathlib import Path

from licbot.sandbox import payloads
from licbot.sandbox.delivery import Delivery
from licbot.sandbox.person import Person
from tests.scenarios.customers import NAMES, licence, tenant, user
from tests.scenarios.world import Member, World, modal_of, world

BOSS = "boss@fjordlicht.example"
TWICE = "twice@fjordlicht.example"
STAFF = tenant(
    {"sales": NAMES[:25]},
    [
        user("Anna", 1),
        user("Boss", 2, email=BOSS, administrator=True),
        user("Locked", 3, administrator=True, can_login=False),
        user("Gone", 4, administrator=True, deleted=True),
        user("Twin", 5, email=TWICE, administrator=True),
        user("Double", 6, email=TWICE.upper()),
    ],
)
OUTSIDERS = (
    Member(name="Ben Plain", email="ben@fjordlicht.example"),
    Member(name="Stranger", email="anna@elsewhere.example"),
    Member(name="Nomail", email=""),
    Member(name="Guest", email=BOSS, facts={"restricted": True}),
    Member(name="Doubtful", email=BOSS, facts={"is_email_confirmed": False}),
    Member(name="Locked", email="locked@fjordlicht.example"),
    Member(name="Gone", email="gone@fjordlicht.example"),
    Member(name="Twin", email=TWICE),
)
ANNA = Member(name="Anna", email="ANNA@Fjordlicht.example")
NAMED = Member(name="Clara", email="clara@fjordlicht.example")
NO = "Only administrators may do this. Ask one of them."


async def test_whoever_is_no_administrator_is_told_so_and_changes_nothing(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=STAFF,
        installed=licence(1, {"sales": 30}),
        offers=[licence(2, {"sales": 22})],
        people=[ANNA, NAMED, *OUTSIDERS],
        administrators=["clara"],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "red: 3 must go")
        await anna.press("Remove superfluous licences")
        await anna.tick("Aino")
        tick = here.actions.deliveries[-1]
        await anna.submit()
        submission = here.actions.deliveries[-1]
        await anna.close()
        await here.card_says(anna, "1 of 3 picked")
        before = await here.decided()
        for member in OUTSIDERS:
            await an_outsider_tries(here, here.person(member.handle), [tick, submission])
        assert await here.decided() == before
        await a_deactivated_account_tries(here, [tick, submission])
        assert await here.decided() == before
        await the_signature_is_checked(here, tick)
        assert await here.decided() == before
        await someone_named_in_the_settings_may(here, here.person("clara"))


async def an_outsider_tries(here: World, person: Person, forged: list[Delivery]) -> None:
    for command in ("/license", "/license refresh", "/license review", "/license nonsense"):
        said = (await here.answer(person, command)).text
        assert said == NO or command.endswith("nonsense"), said
        assert "Fjordlicht" not in said
    assert "What licbot can do" in (await here.answer(person, "/license help")).text
    for label in ("Remove superfluous licences", "1 person loses licences: show"):
        await person.press(label)
        assert here.whispers(person)[-1].text == NO
        assert person.modal is None
    await person.press("The numbers are wrong", confirm=True)
    assert here.whispers(person)[-1].text == NO
    for delivery in forged:
        assert NO in await _told(here, _as(person.user, delivery))
    await person.open_home()
    await person.until(lambda: person.home is not None)
    assert person.home is not None
    assert "Licences are shown to administrators." in person.home.text
    assert person.home.buttons == []


async def a_deactivated_account_tries(here: World, forged: list[Delivery]) -> None:
    """Given someone who left, with an administrator's address, and a request from before."""
    here.workspace.add_user("left", email=BOSS, deleted=True, id="ULEFT")
    channel = here.workspace.channels[here.stage.channel]
    left = here.workspace.users["ULEFT"]
    command = payloads.slash_command(here.workspace, left, channel, "/license", "refresh")
    answer = await here.actions.repeat(command)
    assert answer.body["text"] == NO
    for delivery in forged:
        assert NO in await _told(here, _as("ULEFT", delivery))


async def _told(here: World, delivery: Delivery) -> str:
    """Everything that licbot says to a request, wherever it says it."""
    said, views = len(here.workspace.accepted), here.workspace.accepted
    answer = await here.actions.repeat(delivery)
    assert answer.ok
    return json.dumps([answer.body, *(each.payload for each in views[said:])])


async def test_who_is_no_longer_an_administrator_stops_at_the_next_click(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=STAFF,
        installed=licence(1, {"sales": 30}),
        offers=[licence(2, {"sales": 22})],
        people=[ANNA],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "red: 3 must go")
        await anna.press("Remove superfluous licences")
        await anna.tick("Aino")
        await here.write("UPDATE local_users SET administrator = 0 WHERE id = 'anna'")
        before = await here.decided()

        await anna.tick("Zoltan")
        assert NO in modal_of(anna).text
        await anna.close()
        await anna.submit()
        assert NO in modal_of(anna).text
        assert await here.decided() == before


def _as(user_id: str, delivery: Delivery) -> Delivery:
    """The same request from someone else."""
    payload = json.loads(json.dumps(delivery.payload).replace("UANNA", user_id))
    return replace(delivery, payload=payload)


async def the_signature_is_checked(here: World, click: Delivery) -> None:
    fresh = replace(click, payload={**click.payload, "trigger_id": "never.seen.before"})
    now = int(time.time())
    for answer in (
        await here.actions.forge(fresh),
        await here.actions.deliver_late(fresh, now - 400),
        await here.actions.deliver_late(fresh, now + 400),
        await here.actions.send_raw(fresh.body, {"content-type": fresh.content_type}),
    ):
        assert answer.status in (401, 403)


async def someone_named_in_the_settings_may(here: World, clara: Person) -> None:
    status = await here.answer(clara, "/license")
    assert "one is waiting" in status.text
    await clara.press("Remove superfluous licences", in_=here.card(clara))
    await clara.press("Pick the 2 least recent")
    await clara.submit()
    card = await here.card_says(clara, "3 of 3 picked")
    assert "@Clara picked people" in card.text
    await clara.open_home()
    await clara.until(lambda: clara.home is not None)
    assert clara.home is not None
    assert "SuperOffice AS: licences" in clara.home.text
