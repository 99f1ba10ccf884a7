"""Where people take the seats by hand: licbot says what is to do, and looks until it is done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import NotAllowed, RequirementUnmet, SystemRefused
from licbot.flows import run
from licbot.flows.decide import decide_course
from licbot.flows.decline import decline_offer
from licbot.flows.find import find_offers
from licbot.flows.listing import ask_for_list, refresh_list
from licbot.flows.look import glance, look
from licbot.flows.losses import read_losses
from licbot.flows.pick import clear_picks, pick_holders, tick_holders
from licbot.flows.publish import publish_card
from licbot.flows.start import start_activation
from licbot.ports.conversation import Selection
from licbot.testing import START
from tests.flows.world import World, removal, sales, travel

S = ActivationState


@pytest.fixture
def guided(world: World) -> World:
    """A system that does not let licbot take seats."""
    world.system.guided = True
    return world


async def picked(world: World) -> str:
    """Two too many hold ``sales``; Ada, who holds ``travel`` too, and Cleo are picked."""
    activation_id = await world.reviewed(sales(2), travel(2))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada", "cleo"])
    return activation_id


async def test_enough_picks_are_not_enough(guided: World) -> None:
    """Nothing is red, and yet it waits until the seats are gone."""
    activation_id = await picked(guided)

    review = await look(guided.ports, activation_id)

    assert [change.remaining for change in review.changes] == [0, 0]
    assert (review.guided, review.people, review.to_do) == (True, 2, 2)
    [words] = review.unmet
    assert words.startswith("2 picked people still have what they are to lose: take it from them")
    assert "Acme CRM" in words
    with pytest.raises(RequirementUnmet):
        await guided.confirm(activation_id)


async def test_what_people_take_is_counted_and_stays_on_record(guided: World) -> None:
    """The seats that went along are told as well."""
    activation_id = await picked(guided)
    guided.system.seats.revoke("cleo", "sales")

    review = await look(guided.ports, activation_id)
    assert (review.people, review.to_do) == (2, 1)
    assert review.lost == {"sales": 2, "travel": 1}
    assert [change.surplus for change in review.changes] == [1, 0]
    assert list(review.removals) == [
        removal("ada"),
        removal("ada", "travel", picked=False),
        replace(removal("cleo"), done=True),
    ]

    guided.system.seats.revoke("ada", "sales", "travel")
    await publish_card(guided.ports, activation_id)
    assert (await look(guided.ports, activation_id)).is_clear
    assert all(each.done for each in await guided.removals(activation_id))
    assert (await glance(guided.ports, activation_id)).to_do == 0


async def test_a_quick_look_counts_nothing_twice(guided: World) -> None:
    """What is done has left the seats in use already."""
    activation_id = await picked(guided)
    guided.system.seats.revoke("cleo", "sales")
    await publish_card(guided.ports, activation_id)

    for review in (
        await glance(guided.ports, activation_id),
        await look(guided.ports, activation_id),
    ):
        [change, _] = review.changes
        assert (change.in_use, change.surplus, change.planned, change.remaining) == (3, 1, 1, 0)


async def test_done_by_hand_it_is_activated_and_verified(guided: World) -> None:
    """The run makes sure, takes nothing, and the record says who lost what."""
    activation_id = await picked(guided)
    guided.system.seats.revoke("ada", "sales", "travel")
    guided.system.seats.revoke("cleo", "sales")
    before = guided.system.seats.held()

    await guided.confirm(activation_id)
    assert await run.check_again(guided.ports, activation_id) == ""
    assert await run.take_chunk(guided.ports, activation_id, run.Mark())
    await run.install_offer(guided.ports, activation_id)
    assert await run.read_back(guided.ports, activation_id) == []
    await run.end_verified(guided.ports, activation_id, 1)

    assert (await guided.activation(activation_id)).state is S.VERIFIED
    assert guided.system.seats.held() == before
    losses = await read_losses(guided.ports, activation_id)
    assert [(each.user, each.module) for each in losses.removals] == [
        ("ada", "sales"),
        ("ada", "travel"),
        ("cleo", "sales"),
    ]


async def test_a_seat_that_came_back_is_not_taken_for_gone(guided: World) -> None:
    """Between the press and the run somebody gave it to Cleo anew."""
    activation_id = await picked(guided)
    guided.system.seats.revoke("ada", "sales", "travel")
    guided.system.seats.revoke("cleo", "sales")
    await guided.confirm(activation_id)

    guided.system.seats.give("cleo", "sales")

    assert await run.check_again(guided.ports, activation_id) != ""
    with pytest.raises(SystemRefused):
        await run.take_chunk(guided.ports, activation_id, run.Mark())
    assert await run.give_back(guided.ports, activation_id) == ""


async def test_what_is_done_cannot_be_taken_off_the_list(guided: World) -> None:
    """Neither by a box that was drawn before, nor by clearing all."""
    activation_id = await picked(guided)
    guided.system.seats.revoke("cleo", "sales")
    await publish_card(guided.ports, activation_id)

    everybody = frozenset({"ada", "bo", "cleo", "dev"})
    shown = frozenset({"ada", "cleo"})
    group = Selection(block_id="g", listed=everybody, shown=shown, ticked=frozenset({"ada"}))
    assert await tick_holders(guided.ports, activation_id, "sales", "U1", [group]) == 0
    assert await clear_picks(guided.ports, activation_id, "sales", "U1") == 1

    assert await guided.removals(activation_id) == [replace(removal("cleo"), done=True)]


async def test_a_seat_given_anew_is_to_be_taken_again(guided: World) -> None:
    """Cleo is picked still."""
    activation_id = await picked(guided)
    guided.system.seats.revoke("cleo", "sales")
    await publish_card(guided.ports, activation_id)

    guided.system.seats.give("cleo", "sales")
    await publish_card(guided.ports, activation_id)

    assert removal("cleo") in await guided.removals(activation_id)


async def test_it_is_looked_soon_by_itself(guided: World) -> None:
    """Much sooner than the issuer is asked, and only as long as people are at it."""
    activation_id = await guided.reviewed(sales(2), travel(2))
    async with guided.store.read() as uow:
        relaxed = await uow.poll_due("crm")

    await pick_holders(guided.ports, activation_id, "sales", "U1", ["ada", "cleo"])
    soon = guided.clock.now() + timedelta(seconds=guided.ports.policy.recheck_seconds)
    async with guided.store.read() as uow:
        assert relaxed is not None
        assert await uow.poll_due("crm") == soon < relaxed

    guided.clock.advance(timedelta(seconds=guided.ports.policy.recheck_seconds))
    await find_offers(guided.ports, "crm")
    async with guided.store.read() as uow:
        assert await uow.poll_due("crm") == soon + (soon - START)

    guided.system.seats.revoke("ada", "sales", "travel")
    guided.system.seats.revoke("cleo", "sales")
    await publish_card(guided.ports, activation_id)
    await find_offers(guided.ports, "crm")
    async with guided.store.read() as uow:
        assert await uow.poll_due("crm") == guided.clock.now() + timedelta(
            seconds=guided.ports.policy.poll_seconds
        )


async def test_looking_on_demand_reads_the_list_and_redraws(guided: World) -> None:
    """Asking hands over a job; the job reads anew and has the message updated."""
    activation_id = await picked(guided)
    guided.store.take_jobs()
    await ask_for_list(guided.ports, activation_id)
    second = int(guided.clock.now().timestamp()) + 1
    assert [job.arguments for job in guided.jobs("list")] == [("crm", second)]

    await publish_card(guided.ports, activation_id)
    guided.store.take_jobs()
    guided.system.calls.clear()
    await refresh_list(guided.ports, "crm")

    assert guided.system.calls == ["refresh"]
    assert [job.arguments for job in guided.jobs("card")] == [(activation_id,)]


async def test_where_licbot_takes_the_seats_nothing_is_done_by_hand(world: World) -> None:
    """A seat that is gone falls out of the plan, as ever."""
    activation_id = await picked(world)
    world.system.seats.revoke("cleo", "sales")

    review = await look(world.ports, activation_id)

    assert not review.guided
    assert [each.user for each in review.removals] == ["ada", "ada"]


async def test_only_whom_the_system_knows_may_start(world: World) -> None:
    """The settings' word is the system's to take; a stranger's press changes nothing."""
    activation_id = await world.reviewed(sales(4))
    digest = (await look(world.ports, activation_id)).digest

    with pytest.raises(NotAllowed):
        await start_activation(world.ports, activation_id, "U9", confirmed=digest)

    assert (await world.activation(activation_id)).state is S.REVIEW


async def test_what_the_system_has_against_it_is_missing(world: World) -> None:
    """Before it starts, and at the last check."""
    activation_id = await world.reviewed(sales(4), travel(2))
    world.system.against = ["Ada has 3 open requests."]
    assert (await look(world.ports, activation_id)).unmet == ["Ada has 3 open requests."]
    with pytest.raises(RequirementUnmet, match="3 open requests"):
        await world.confirm(activation_id)

    world.system.against = []
    await world.confirm(activation_id)
    world.system.against = ["Bo has 1 open request."]
    assert await run.check_again(world.ports, activation_id) == "Bo has 1 open request."


async def test_what_was_set_aside_is_not_looked_at_every_few_minutes(guided: World) -> None:
    """Nobody is at it."""
    activation_id = await picked(guided)
    await decline_offer(guided.ports, activation_id, "U1")

    await find_offers(guided.ports, "crm")

    async with guided.store.read() as uow:
        due = await uow.poll_due("crm")
    assert due == guided.clock.now() + timedelta(seconds=guided.ports.policy.poll_seconds)


async def test_what_was_taken_by_hand_is_on_record_with_the_licence_that_follows(
    guided: World,
) -> None:
    """Cleo lost her seat for the licence before; Ada is still to lose hers."""
    previous = await picked(guided)
    guided.system.seats.revoke("cleo", "sales")
    await publish_card(guided.ports, previous)

    activation_id = await guided.found(sales(2), travel(1), sequence=2)
    await decide_course(guided.ports, activation_id, previous)

    assert await guided.removals(activation_id) == [
        removal("ada"),
        removal("ada", "travel", picked=False),
        replace(removal("cleo"), done=True),
    ]
