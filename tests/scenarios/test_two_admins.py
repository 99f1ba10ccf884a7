"""Two administrators at once, clicks that come twice, and clicks on what is out of date."""

import asyncio
from dataclasses import replace
from pathlib import Path

from licbot.sandbox import payloads
from licbot.sandbox.delivery import Delivery
from licbot.sandbox.person import Person
from licbot.sandbox.records import Json
from licbot.sandbox.sights import Sight
from licbot.sandbox.surfaces import Target
from tests.scenarios.customers import NAMES, licence, tenant, user
from tests.scenarios.world import World, modal_of, world

ADMINS = [user("Anna", 1), user("Ben", 2, administrator=True)]
MANY = tenant({"sales": NAMES[:25]}, ADMINS)
FEW = tenant({"sales": NAMES[:6]}, ADMINS)
RUNNING = "The licence is being activated right now."
STALE = "The list of people changed since this was shown. Look at it again, then activate."


def click_on(here: World, person: Person, sight: Sight, label: str) -> Delivery:
    """What Slack would send for a press on a button, as the person sees it now."""
    target = Target(blocks=sight.blocks, state=sight.state, where=sight.where)
    clicker = here.workspace.users[person.user]
    return payloads.block_action(here.workspace, clicker, target, sight.button(label), {})


async def test_two_lists_open_at_once_undo_nothing_of_each_other(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=MANY,
        installed=licence(1, {"sales": 30}),
        offers=[licence(2, {"sales": 22})],
    ) as here:
        anna, ben = here.person("anna"), here.person("ben")
        await here.card_says(anna, "red: 3 must go")
        for person in (anna, ben):
            await person.press("Remove superfluous licences")

        await anna.tick("Aino")
        await ben.tick("Zoltan")
        assert set(modal_of(ben).ticked) == {"Aino", "Zoltan"}
        await asyncio.gather(anna.tick("Yara"), ben.tick("Willem"))
        await anna.untick("Yara")
        await ben.fill("Search", "a")
        await asyncio.gather(anna.submit(), ben.submit())

        assert (anna.modal, ben.modal) == (None, None)
        await here.card_says(anna, "3 of 3 picked")
        picked = await here.rows("SELECT user FROM removal ORDER BY user")
        assert [name for (name,) in picked] == ["aino", "willem", "zoltan"]


async def test_quick_ticks_in_the_message_are_all_kept(tmp_path: Path) -> None:
    """Given a message drawn anew between two ticks, a late third one takes nothing back."""
    async with world(
        tmp_path,
        tenant=FEW,
        installed=licence(1, {"sales": 6}),
        offers=[licence(2, {"sales": 3})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "red: 3 must go")
        await anna.tick("Clara")
        first = here.actions.deliveries[-1]
        await here.card_says(anna, "1 of 3 picked")
        await anna.tick("David", in_=here.card(anna))
        await here.actions.repeat(_also_ticked(first, "elif"))

        card = await here.card_says(anna, "3 of 3 picked")
        assert set(card.ticked) == {"Clara", "David", "Elif"}


def _also_ticked(delivery: Delivery, value: str) -> Delivery:
    """The same group of check boxes, as it was drawn then, with one more box ticked."""
    [action] = delivery.payload["actions"]
    block_id, action_id = action["block_id"], action["action_id"]
    [options] = [
        element["options"]
        for block in delivery.payload["message"]["blocks"]
        if block["block_id"] == block_id
        for element in block["elements"]
    ]
    more = [option for option in options if option["value"] == value]
    ticked = [*action["selected_options"], *more]
    held = {"type": "checkboxes", "selected_options": ticked}
    payload: Json = {
        **delivery.payload,
        "actions": [{**action, "selected_options": ticked}],
        "state": {"values": {block_id: {action_id: held}}},
    }
    return replace(delivery, payload=payload)


async def test_when_both_press_activate_one_wins_and_the_other_is_told(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=FEW,
        installed=licence(1, {"sales": 6}),
        offers=[licence(2, {"sales": 6, "service": 1})],
    ) as here:
        anna, ben = here.person("anna"), here.person("ben")
        card = await here.card_says(anna, "Activate new licence")
        late = click_on(here, anna, card, "Activate")

        await asyncio.gather(
            anna.press("Activate", confirm=True), ben.press("Activate", confirm=True)
        )
        told = [*here.whispers(anna), *here.whispers(ben)]
        assert len(told) == 1
        assert RUNNING in told[0].text
        winner = "Ben" if here.whispers(anna) else "Anna"
        assert f"Who acted last: @{winner} " in told[0].text
        done = await here.card_says(anna, "New licence activated")
        assert f"@{winner} activated it" in done.text

        once = await here.decided()
        answer = await here.actions.repeat(late)
        assert answer.ok
        assert "This activation has ended." in here.whispers(anna)[-1].text
        assert await here.decided() == once
        started = await here.rows("SELECT kind FROM event WHERE kind = 'ActivationStarted'")
        assert len(started) == 1


async def test_a_click_that_is_delivered_twice_has_one_effect(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=FEW,
        installed=licence(1, {"sales": 6}),
        offers=[licence(2, {"sales": 6, "service": 1})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Activate new licence")
        await anna.press("The numbers are wrong", confirm=True)
        declined = here.actions.deliveries[-1]
        await here.card_says(anna, "New licence set aside")
        await anna.press("Take up again")
        await here.card_says(anna, "Activate new licence")
        before = await here.decided()

        answer = await here.actions.redeliver(declined)

        assert answer.ok
        assert await here.decided() == before
        assert here.whispers(anna) == []
        await anna.command("/license")
        command = here.actions.deliveries[-1]
        assert (await here.actions.redeliver(command)).ok
        assert await here.decided() == before


async def test_activate_is_for_the_list_that_was_shown_and_no_other(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=FEW,
        installed=licence(1, {"sales": 6}),
        offers=[licence(2, {"sales": 5})],
    ) as here:
        anna, ben = here.person("anna"), here.person("ben")
        await here.card_says(anna, "red: 1 must go")
        await anna.tick("Clara")
        card = await here.card_says(anna, "1 of 1 picked")
        shown_to_anna = click_on(here, anna, card, "Activate")

        await ben.untick("Clara")
        await here.card_says(ben, "red: 1 must go")
        red = await here.decided()
        await here.actions.repeat(shown_to_anna)
        assert STALE in here.whispers(anna)[-1].text
        assert await here.decided() == red

        await ben.tick("David")
        await here.card_says(ben, "1 of 1 picked")
        clear = await here.decided()
        await here.actions.repeat(shown_to_anna)
        assert STALE in here.whispers(anna)[-1].text
        assert await here.decided() == clear
        assert len(await here.holders("sales")) == 6

        await anna.press("Activate", confirm=True)
        await here.card_says(anna, "New licence activated")
        assert "david" not in await here.holders("sales")
        assert "clara" in await here.holders("sales")
