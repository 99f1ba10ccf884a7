"""The confirmation message: posted once, updated in place, and brought back where it is gone."""

from dataclasses import replace

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import OfferRefused, UnknownActivation
from licbot.flows.card import card_link, where, where_all
from licbot.flows.decide import decide_course
from licbot.flows.decline import decline_offer
from licbot.flows.find import find_offers
from licbot.flows.pick import pick_holders
from licbot.flows.publish import HEADLINES, publish_card
from licbot.flows.run import end_failed, end_verified
from licbot.ports.store import Card
from licbot.testing import CHANNEL, MemoryMessenger, Message
from tests.flows.world import World, sales, travel

S = ActivationState


async def publish(world: World, activation_id: str) -> None:
    """Publish as the job does."""
    await publish_card(world.ports, activation_id)


def message(world: World) -> Message:
    """The one message of the channel."""
    [only] = world.messenger.messages.values()
    return only


async def test_the_message_is_posted_and_updated_in_place(world: World) -> None:
    activation_id = await world.reviewed(sales(3), travel(2))
    await publish(world, activation_id)
    posted = message(world)
    assert (posted.channel, posted.edits) == (CHANNEL, 0)
    assert posted.text == (
        "A new licence is waiting: 1 seat must go before it can be activated. (Fjordlicht GmbH)"
    )
    await pick_holders(world.ports, activation_id, "sales", "U1", ["cleo"])
    await publish(world, activation_id)
    assert message(world).edits == 1
    assert message(world).text == "A new licence is waiting: 1 change. (Fjordlicht GmbH)"


async def test_its_blocks_are_what_plugins_give(world: World) -> None:
    activation_id = await world.reviewed()
    await publish(world, activation_id)
    [block] = message(world).blocks
    assert block.to_dict()["text"]["text"] == "review, version 1"


async def test_changes_until_it_is_published_are_told_at_once(world: World) -> None:
    activation_id = await world.reviewed(sales(3))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["cleo"])
    assert len(world.jobs("card")) == 1
    await publish(world, activation_id)
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"])
    assert len(world.jobs("card")) == 2


async def test_a_message_that_is_gone_is_posted_anew(world: World) -> None:
    activation_id = await world.reviewed()
    await publish(world, activation_id)
    first = await world.card(activation_id)
    world.messenger.messages.clear()
    await publish(world, activation_id)
    second = await world.card(activation_id)
    assert first != second
    assert list(world.messenger.messages) == [second]


async def test_slacks_errors_are_for_the_job_to_try_again(world: World) -> None:
    activation_id = await world.reviewed()
    world.messenger.failing = TimeoutError()
    with pytest.raises(TimeoutError):
        await publish(world, activation_id)
    assert await world.card(activation_id) is None
    await publish(world, activation_id)


async def test_every_state_has_its_headline() -> None:
    """In the order of a course that meets them all."""
    world = World()
    told = {}
    activation_id = await world.found()
    for state, change in {
        S.FOUND: None,
        S.REVIEW: decide_course(world.ports, activation_id, ""),
        S.DECLINED: decline_offer(world.ports, activation_id, "U1"),
    }.items():
        if change:
            await change
        told[state] = await _told(world, activation_id)
    newer = await world.started(sequence=2)
    told[S.SUPERSEDED] = await _told(world, activation_id)
    told[S.ACTIVATING] = await _told(world, newer)
    await end_failed(world.ports, newer, 1, "refused")
    told[S.FAILED] = await _told(world, newer)
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("It ended.", check=8))
    await find_offers(world.ports, "crm")
    told[S.EXPIRED] = await _told(world, newer)
    last = await world.started(sequence=3)
    await end_verified(world.ports, last, 1)
    told[S.VERIFIED] = await _told(world, last)
    waiting = told.pop(S.REVIEW)
    assert waiting == "A new licence is waiting: 0 changes. (Fjordlicht GmbH)"
    assert told == {state: f"{words} (Fjordlicht GmbH)" for state, words in HEADLINES.items()}


async def _told(world: World, activation_id: str) -> str:
    await publish(world, activation_id)
    card = await world.card(activation_id)
    assert card is not None
    return world.messenger.messages[card].text


# Where it is


async def test_its_address_is_given(world: World) -> None:
    activation_id = await world.reviewed()
    await publish(world, activation_id)
    jobs = world.store.jobs
    link = await card_link(world.ports, activation_id)
    assert link == f"https://slack.example/{CHANNEL}/1.000000"
    assert await where(world.ports, activation_id) == (
        f"A new licence is waiting. <{link}|Open the changes> in <#{CHANNEL}>."
    )
    assert world.store.jobs == jobs


async def test_without_an_address_it_is_not_posted_twice(world: World) -> None:
    activation_id = await world.reviewed()
    await publish(world, activation_id)
    world.messenger.has_links = False
    jobs = world.store.jobs
    assert await card_link(world.ports, activation_id) is None
    assert world.store.jobs == jobs


@pytest.mark.parametrize("posted", [False, True], ids=["on its way", "deleted"])
async def test_a_message_that_is_missing_is_brought_back(world: World, posted: bool) -> None:
    activation_id = await world.reviewed()
    if posted:
        await publish(world, activation_id)
        world.messenger.messages.clear()
    world.store.take_jobs()
    assert await where(world.ports, activation_id) == (
        f"The message with the changes is about to appear in <#{CHANNEL}>."
    )
    assert await world.card(activation_id) is None
    [job] = world.store.jobs
    assert (job.kind, job.id, job.lane) == ("card", None, f"{CHANNEL}/crm")
    await publish_card(world.ports, activation_id)
    assert len(world.messenger.messages) == 1


class RacingMessenger(MemoryMessenger):
    """While one asks for the address of a deleted message, a job posts it anew."""

    world: World
    activation_id: str

    async def permalink(self, card: Card) -> str | None:
        try:
            return await super().permalink(card)
        finally:
            await publish(self.world, self.activation_id)


async def test_a_message_that_is_posted_at_the_same_moment_is_not_forgotten(world: World) -> None:
    activation_id = await world.reviewed()
    messenger = RacingMessenger()
    messenger.world, messenger.activation_id = world, activation_id
    world.ports = replace(world.ports, messenger=messenger)
    await publish(world, activation_id)
    messenger.messages.clear()
    await card_link(world.ports, activation_id)
    assert await world.card(activation_id) in messenger.messages
    await publish(world, activation_id)
    assert len(messenger.messages) == 1


async def test_all_that_wait_are_named(world: World) -> None:
    assert await where_all(world.ports) == []
    activation_id = await world.reviewed()
    assert await where_all(world.ports) == [await where(world.ports, activation_id)]


async def test_an_unknown_activation_has_no_message(world: World) -> None:
    for find in (card_link, where):
        with pytest.raises(UnknownActivation):
            await find(world.ports, "gone")
