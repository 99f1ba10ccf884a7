"""The issuer has another licence now: it takes the place of the one that waits, with the picks."""

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import OfferReplaced
from licbot.flows import run
from licbot.flows.decide import decide_course
from licbot.flows.find import find_offers
from licbot.flows.pick import pick_holders
from tests.flows.world import World, removal, sales, travel

S = ActivationState


async def replaced(world: World) -> str:
    """Ada is picked for an offer that the issuer takes back for another one."""
    activation_id = await world.reviewed(sales(3), travel(1))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"])
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferReplaced())
    world.leave(sales(3), travel(1), sequence=2)
    return activation_id


async def test_the_newer_one_takes_the_picks_over(world: World) -> None:
    """It does not matter that the older one is refused by now."""
    old = await replaced(world)

    [new] = (await find_offers(world.ports, "crm")).found

    assert (await world.activation(old)).state is S.SUPERSEDED
    *_, job = world.jobs("decide")
    assert job.arguments == (new, old)
    await decide_course(world.ports, new, old)
    assert await world.removals(new) == [removal("ada"), removal("ada", "travel", picked=False)]


async def test_at_the_press_it_is_asked_for_and_nothing_is_closed(world: World) -> None:
    """Who presses is told that the other one follows."""
    old = await replaced(world)
    world.store.take_jobs()

    with pytest.raises(OfferReplaced, match="its message follows"):
        await world.confirm(old)

    assert (await world.activation(old)).state is S.REVIEW
    assert [job.arguments for job in world.jobs("poll")] == [("crm",)]


async def test_at_the_last_check_it_is_asked_for_too(world: World) -> None:
    """Nothing was taken yet."""
    old = await world.started(sales(3), travel(1), sales=("ada",))
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferReplaced())
    world.store.take_jobs()

    assert "has another licence now" in await run.check_again(world.ports, old)

    assert [job.arguments for job in world.jobs("poll")] == [("crm",)]


async def test_what_is_refused_without_a_successor_ends(world: World) -> None:
    """The issuer went back to a licence that is older than the one that waits."""
    old = await replaced(world)
    [left] = [each for each in (await world.system.find_offers()).offers if each.sequence == 2]
    world.system.reject(left, OfferReplaced())

    await find_offers(world.ports, "crm")

    assert (await world.activation(old)).state is S.EXPIRED


async def test_what_a_person_loses_is_taken_in_one_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk of three seats would part what Bo loses; it ends before him."""
    monkeypatch.setattr(run, "CHUNK", 3)
    activation_id = await world.started(sales(1), travel(1), sales=("cleo", "bo", "ada"))

    marks = [run.Mark()]
    while mark := await run.take_chunk(world.ports, activation_id, marks[-1]):
        marks.append(mark)

    assert [(mark.user, mark.taken) for mark in marks[1:]] == [("ada", 2), ("cleo", 5)]
