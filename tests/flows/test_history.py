"""What became of every offer is read from what was kept."""

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.changes import shown
from licbot.domain.errors import UnknownActivation
from licbot.flows.history import read_history, read_story
from licbot.flows.losses import read_losses
from licbot.flows.run import end_verified
from licbot.testing import MemorySystem, ports
from tests.flows.world import DAY, World, sales, travel

S = ActivationState


async def test_without_activations_there_is_one_empty_page(world: World) -> None:
    history = await read_history(world.ports, 7, 10)
    assert (history.entries, history.page, history.total) == ([], 0, 0)


async def test_the_latest_found_comes_first_and_pages_end(world: World) -> None:
    ids = []
    for number in (1, 2, 3):
        ids.append(await world.reviewed(sales(9), travel(2), sequence=number))
        world.clock.advance(DAY)
    pages = [await read_history(world.ports, page, 2) for page in (0, 1, 9)]
    listed = [[entry.activation.id for entry in page.entries] for page in pages]
    assert listed == [[ids[2], ids[1]], [ids[0]], [ids[0]]]
    assert [page.page for page in pages] == [0, 1, 1]
    assert pages[0].total == 3


async def test_what_waits_shows_what_it_would_change_now(world: World) -> None:
    await world.reviewed(sales(3), travel(2))
    [entry] = (await read_history(world.ports, 0, 10)).entries
    [change] = shown(entry.changes)
    assert (change.total, change.new_total, change.in_use) == (4, 3, 4)
    world.system.seats.give("eve", "sales")
    [entry] = (await read_history(world.ports, 0, 10)).entries
    assert shown(entry.changes)[0].in_use == 5


async def test_what_ended_shows_what_was_kept(world: World) -> None:
    activation_id = await world.started(sales(3), travel(2), sales=("cleo",))
    run = (await world.activation(activation_id)).run
    await end_verified(world.ports, activation_id, run)
    world.system.seats.give("eve", "sales")
    story = await read_story(world.ports, activation_id)
    [change] = shown(story.entry.changes)
    assert (change.total, change.new_total, change.in_use, change.planned) == (4, 3, 4, 1)
    assert story.entry.people == 1
    assert [kind for kind, _ in story.events] == [
        "OfferFound",
        "RemovalsPlanned",
        "ActivationStarted",
        "ActivationVerified",
    ]
    losses = await read_losses(world.ports, activation_id)
    assert losses.done
    assert [losses.people[each.user].name for each in losses.removals] == ["Cleo"]
    assert losses.labels["sales"] == "Sales"


async def test_what_was_replaced_unstarted_has_no_changes(world: World) -> None:
    older = await world.reviewed(sales(3), travel(2))
    await world.reviewed(sales(9), travel(2), sequence=2)
    story = await read_story(world.ports, older)
    assert story.entry.activation.state is S.SUPERSEDED
    assert story.entry.changes == []
    assert not (await read_losses(world.ports, older)).done


async def test_activations_of_systems_that_are_gone_are_not_told(world: World) -> None:
    activation_id = await world.reviewed(sales(9), travel(2))
    other = ports(MemorySystem(name="other"), store=world.store)
    assert (await read_history(other, 0, 10)).total == 0
    with pytest.raises(UnknownActivation):
        await read_story(other, activation_id)
    with pytest.raises(UnknownActivation):
        await read_story(world.ports, "nothing")
