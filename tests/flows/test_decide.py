"""A found offer goes by itself where it may; otherwise people decide, with what they had picked."""

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.changes import Change
from licbot.domain.errors import SystemUnavailable
from licbot.domain.licenses import ModuleLicense
from licbot.domain.removals import Dependencies, plan_removals
from licbot.flows.decide import decide_course, still_needed
from licbot.flows.decline import decline_offer, reopen_review
from licbot.flows.find import find_offers
from licbot.flows.look import look
from licbot.flows.pick import pick_holders
from licbot.testing import START
from tests.flows.world import DAY, TRAVEL, World, removal, sales, travel

S = ActivationState


async def test_people_decide(world: World) -> None:
    activation_id = await world.found()
    await decide_course(world.ports, activation_id, "")
    activation = await world.activation(activation_id)
    assert (activation.state, activation.actor, activation.verb) == (
        S.REVIEW,
        "",
        "found this licence",
    )
    [card] = world.jobs("card")
    assert card.arguments == (activation_id,)


async def test_deciding_again_changes_nothing(world: World) -> None:
    activation_id = await world.reviewed()
    before = await world.activation(activation_id)
    world.clock.advance(DAY)
    await decide_course(world.ports, activation_id, "")
    assert await world.activation(activation_id) == before


async def test_an_offer_without_surplus_goes_by_itself_where_it_may() -> None:
    world = World(automatic=True)
    activation_id = await world.found(sales(5), travel(2))
    await decide_course(world.ports, activation_id, "")
    activation = await world.activation(activation_id)
    assert (activation.state, activation.automatic, activation.actor) == (S.ACTIVATING, True, "")
    assert await world.events(activation_id) == ["OfferFound", "ActivationStarted"]
    [job] = world.jobs("activate")
    assert job.arguments == (activation_id, 1)


async def test_a_surplus_is_for_people() -> None:
    world = World(automatic=True)
    activation_id = await world.found(sales(3), travel(2))
    await decide_course(world.ports, activation_id, "")
    assert (await world.activation(activation_id)).state is S.REVIEW


async def test_an_unmet_requirement_is_for_people() -> None:
    world = World(automatic=True)
    world.advice.missing = ["A second approval."]
    activation_id = await world.found()
    await decide_course(world.ports, activation_id, "")
    assert (await world.activation(activation_id)).state is S.REVIEW


async def test_an_offer_whose_day_has_not_come_is_for_people() -> None:
    world = World(automatic=True)
    activation_id = await world.found(not_before=START + DAY)
    await decide_course(world.ports, activation_id, "")
    assert (await world.activation(activation_id)).state is S.REVIEW
    assert (await look(world.ports, activation_id)).unmet == [
        "The new licence is valid from 25 November 2026, 09:00 UTC."
    ]


async def test_an_offer_goes_by_itself_once_its_day_has_come() -> None:
    """Given an offer that waits for tomorrow, when licbot looks again tomorrow."""
    world = World(automatic=True)
    activation_id = await world.found(not_before=START + DAY)
    await decide_course(world.ports, activation_id, "")
    world.clock.advance(DAY)
    world.store.take_jobs()
    await find_offers(world.ports, world.system.name)
    [again] = world.jobs("decide")
    await decide_course(world.ports, str(again.arguments[0]), str(again.arguments[1]))
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_what_a_person_took_up_again_stays_with_people() -> None:
    world = World(automatic=True)
    activation_id = await world.found(not_before=START + DAY)
    await decide_course(world.ports, activation_id, "")
    await decline_offer(world.ports, activation_id, "U1")
    await reopen_review(world.ports, activation_id, "U1")
    world.clock.advance(DAY)
    await decide_course(world.ports, activation_id, "")
    assert (await world.activation(activation_id)).state is S.REVIEW


async def test_what_changes_at_the_last_moment_is_for_people() -> None:
    """Given an offer that may go by itself, when the policy's own start is refused."""
    world = World(automatic=True)
    activation_id = await world.found()
    looks = 0

    async def give(method: str) -> None:
        nonlocal looks
        looks += method == "in_use"
        if looks == 2:
            world.system.seats.give("eve", "sales")

    world.system.meanwhile = give
    await decide_course(world.ports, activation_id, "")
    assert (await world.activation(activation_id)).state is S.REVIEW
    assert await world.events(activation_id) == ["OfferFound"]


async def test_what_starts_while_it_is_decided_is_left_alone(world: World) -> None:
    activation_id = await world.found()

    async def decide_first(method: str) -> None:
        if method == "recall_offer":
            world.system.meanwhile = None
            await decide_course(world.ports, activation_id, "")
            await world.confirm(activation_id)

    world.system.meanwhile = decide_first
    await decide_course(world.ports, activation_id, "")
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def superseded(world: World, *picks: str, module: str = "sales") -> str:
    """An offer for which people were picked; a newer one may follow."""
    activation_id = await world.reviewed(sales(1), travel(1))
    await pick_holders(world.ports, activation_id, module, "U1", picks)
    return activation_id


async def test_picks_are_taken_over_as_far_as_they_are_needed(world: World) -> None:
    older = await superseded(world, "ada", "bo", "cleo")
    newer = await world.found(sales(2), travel(2), sequence=2)
    await decide_course(world.ports, newer, older)
    assert await world.removals(newer) == [
        removal("ada"),
        removal("ada", "travel", picked=False),
        removal("bo"),
        removal("bo", "travel", picked=False),
    ]
    assert (await look(world.ports, newer)).is_clear
    assert await world.events(newer) == ["OfferFound", "RemovalsPlanned"]
    assert [event.detail for kind, event in world.advice.told if kind == "RemovalsPlanned"][
        -1
    ] == "+2 -0"


async def test_whoever_gave_up_the_seat_meanwhile_takes_nobodys_place(world: World) -> None:
    older = await superseded(world, "ada", "cleo")
    world.system.seats.revoke("ada", "sales")
    newer = await world.found(sales(2), travel(2), sequence=2)
    await decide_course(world.ports, newer, older)
    assert await world.removals(newer) == [removal("cleo")]


async def test_without_surplus_nobody_is_taken_over(world: World) -> None:
    older = await superseded(world, "ada", "bo")
    newer = await world.found(sales(4), travel(2), sequence=2)
    await decide_course(world.ports, newer, older)
    assert await world.removals(newer) == []
    assert await world.events(newer) == ["OfferFound"]


async def test_who_loses_it_anyway_counts(world: World) -> None:
    """Given picks of both licences, when those of one take along what the other needs."""
    older = await superseded(world, "ada", "bo")
    await pick_holders(world.ports, older, "travel", "U1", ["bo"])
    newer = await world.found(sales(3), travel(1), sequence=2)
    await decide_course(world.ports, newer, older)
    assert await world.removals(newer) == [
        removal("ada"),
        removal("ada", "travel", picked=False),
    ]


async def test_a_crash_in_between_loses_no_pick(world: World) -> None:
    """Given a decision that is interrupted, when it is made again, nothing is missing."""
    older = await superseded(world, "ada", "bo")
    newer = await world.found(sales(2), travel(2), sequence=2)
    for method in ("recall_offer", "in_use", "held_by", "installed"):
        world.system.fail(method, SystemUnavailable(), done=True)
        with pytest.raises(SystemUnavailable):
            await decide_course(world.ports, newer, older)
        assert (await world.activation(newer)).state is S.FOUND
    await decide_course(world.ports, newer, older)
    await decide_course(world.ports, newer, older)
    assert {each.user for each in await world.removals(newer)} == {"ada", "bo"}
    assert await world.events(newer) == ["OfferFound", "RemovalsPlanned"]


async def test_who_was_let_go_again_is_not_taken_over(world: World) -> None:
    """Taking over happens once; afterwards people have the word."""
    older = await superseded(world, "ada", "bo")
    newer = await world.found(sales(2), travel(2), sequence=2)
    await decide_course(world.ports, newer, older)
    async with world.store.begin() as uow:
        await uow.write_picks(newer, "sales", {"ada": False}, "U2", START)
    await decide_course(world.ports, newer, older)
    async with world.store.read() as uow:
        assert await uow.picked(newer) == {"bo": {"sales"}}


def _short(module: ModuleLicense, *, in_use: int, new_total: int) -> Change:
    return Change(
        module=module,
        in_use=in_use,
        total=in_use,
        new_total=new_total,
        altered=True,
        restricted=True,
    )


def test_picks_needed_for_one_licence_spare_those_of_the_next() -> None:
    held = {user: frozenset({"sales", "travel"}) for user in ("ada", "bo", "cleo")}
    depends = Dependencies(dependents={"sales": frozenset({"travel"})})
    kept = still_needed(
        {user: frozenset({"sales", "travel"}) for user in held},
        held,
        depends,
        [_short(sales(3), in_use=3, new_total=2), _short(TRAVEL, in_use=3, new_total=1)],
    )
    assert kept == {"ada": {"sales"}, "bo": {"travel"}}
    assert len(plan_removals(kept, held, depends)) == 3


async def test_a_digest_is_for_one_sight_only(world: World) -> None:
    """The picks that were taken over are part of what is confirmed."""
    older = await superseded(world, "ada", "bo")
    newer = await world.found(sales(2), travel(2), sequence=2)
    before = await look(world.ports, newer)
    await decide_course(world.ports, newer, older)
    assert (await look(world.ports, newer)).digest != before.digest
