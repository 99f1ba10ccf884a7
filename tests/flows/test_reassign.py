"""Giving people another plan: planned with a tick, counted, checked at the last moment, undone."""

from typing import Any

import pytest

from licbot.domain.changes import red
from licbot.domain.errors import CannotReassign, SurplusRemains, SystemRefused
from licbot.domain.people import HolderQuery
from licbot.domain.removals import Removal
from licbot.flows.decide import decide_course
from licbot.flows.find import find_offers
from licbot.flows.history import read_story
from licbot.flows.look import glance, look
from licbot.flows.losses import read_losses
from licbot.flows.pick import clear_picks, pick_holders, pick_least_recent, tick_holders
from licbot.flows.run import Mark, check_again, give_back, read_back, take_chunk
from licbot.flows.start import start_activation
from licbot.ports.conversation import Selection
from licbot.ports.losses import losses_view
from licbot.testing import license_set, module_license
from tests.flows.world import World

PREMIUM = module_license("premium", 4, comes_with=("user", "web"))
BASIC = module_license("basic", 3, comes_with=("user", "mail"))
HIDDEN = tuple(module_license(name, 9, hidden=True) for name in ("user", "web", "mail"))
FEWER = (module_license("premium", 2, comes_with=("user", "web")), BASIC, *HIDDEN)
SEATS: Any = {
    "ada": ("premium", "user", "web"),
    "bo": ("premium", "user", "web"),
    "cleo": ("premium", "user", "web"),
    "dev": ("premium", "user", "web"),
    "eli": ("basic", "user", "mail"),
}


def swapped(user: str) -> list[Removal]:
    """What is planned for somebody who gets Basic instead of Premium."""
    return [
        Removal(user=user, module="premium", picked=True, instead="basic", gives=("basic", "mail")),
        Removal(user=user, module="web", picked=False),
    ]


def plan_world() -> World:
    """Four people have Premium and one Basic, of which two seats are free."""
    made = World(**SEATS)
    made.system.put_in_force(license_set(PREMIUM, BASIC, *HIDDEN))
    return made


@pytest.fixture
def world() -> World:
    return plan_world()


async def reassign(world: World, activation_id: str, *users: str) -> int:
    return await pick_holders(world.ports, activation_id, "premium", "U1", users, "basic")


async def test_a_tick_plans_another_plan_and_gives_nothing_yet(world: World) -> None:
    activation_id = await world.reviewed(*FEWER)
    boxes = Selection(
        block_id="d1",
        listed=frozenset(SEATS),
        shown=frozenset(),
        ticked=frozenset({"ada"}),
    )

    changed = await tick_holders(world.ports, activation_id, "premium", "U1", [boxes], "basic")

    assert changed == 1
    assert await world.removals(activation_id) == swapped("ada")
    assert world.system.seats.of("ada") == {"premium", "user", "web"}
    [event] = [event for kind, event in world.advice.told if kind == "RemovalsPlanned"]
    assert event.detail == "+1 -0 ~1"
    review = await look(world.ports, activation_id)
    numbers = {c.module.key: (c.planned, c.given) for c in review.changes if c.planned or c.given}
    assert numbers == {"premium": (1, 0), "basic": (-1, 1), "mail": (-1, 1), "web": (1, 0)}
    assert review.reassigned == {("premium", "basic"): 1}
    assert (await glance(world.ports, activation_id)).changes == review.changes


async def test_people_are_told_apart_by_what_becomes_of_them(world: World) -> None:
    """Whoever was ticked before keeps the way they were ticked, until they are let go."""
    activation_id = await world.reviewed(*FEWER)
    await pick_holders(world.ports, activation_id, "premium", "U1", ["ada"])
    await reassign(world, activation_id, "ada", "bo")

    review = await look(world.ports, activation_id)
    assert {each.user: each.instead for each in review.removals if each.picked} == {
        "ada": "",
        "bo": "basic",
    }

    assert await clear_picks(world.ports, activation_id, "premium", "U1") == 2
    await reassign(world, activation_id, "ada")
    assert await world.removals(activation_id) == swapped("ada")


async def test_the_least_recent_can_get_another_plan(world: World) -> None:
    activation_id = await world.reviewed(*FEWER)
    query = HolderQuery(module="premium", limit=2)

    assert await pick_least_recent(world.ports, activation_id, query, "U1", "basic") == 2

    assert await world.removals(activation_id) == [*swapped("bo"), *swapped("dev")]


@pytest.mark.parametrize("plan", ["web", "premium", "nothing"])
async def test_only_a_plan_that_both_grant_can_be_chosen(world: World, plan: str) -> None:
    activation_id = await world.reviewed(*FEWER)

    with pytest.raises(CannotReassign):
        await pick_holders(world.ports, activation_id, "premium", "U1", ["ada"], plan)

    assert await world.removals(activation_id) == []


async def test_nobody_is_picked_for_a_plan_that_they_cannot_be_given(world: World) -> None:
    """What it needs is to be taken from Ada besides; Bo is not picked either."""
    activation_id = await world.reviewed(*FEWER)
    await pick_holders(world.ports, activation_id, "user", "U1", ["ada"])

    with pytest.raises(CannotReassign, match="1 of them"):
        await reassign(world, activation_id, "ada", "bo")
    with pytest.raises(CannotReassign, match="This person"):
        await reassign(world, activation_id, "ada")

    async with world.store.read() as uow:
        assert await uow.picks(activation_id, "premium") == {}


async def test_a_plan_that_becomes_impossible_is_said_and_not_carried_out(world: World) -> None:
    """Not even as a plain loss: it waits for somebody to decide."""
    activation_id = await world.reviewed(*FEWER)
    await reassign(world, activation_id, "ada", "bo")
    await pick_holders(world.ports, activation_id, "user", "U1", ["ada"])

    review = await look(world.ports, activation_id)

    assert not red(review.changes)
    assert [words for words in review.unmet if "1 person can't be given the plan" in words]


async def test_more_than_there_are_seats_for_cannot_be_activated(world: World) -> None:
    activation_id = await world.reviewed(*FEWER)
    await reassign(world, activation_id, "ada", "bo", "cleo")

    review = await look(world.ports, activation_id)

    assert [(c.module.key, c.remaining) for c in red(review.changes)] == [("basic", 1)]
    with pytest.raises(SurplusRemains):
        await start_activation(world.ports, activation_id, "U1", confirmed=review.digest)


async def started(world: World, *users: str) -> str:
    """Confirm that these people get Basic."""
    activation_id = await world.reviewed(*FEWER)
    await reassign(world, activation_id, *users)
    await world.confirm(activation_id)
    return activation_id


async def test_a_run_gives_and_takes_and_is_read_back(world: World) -> None:
    activation_id = await started(world, "ada", "bo")

    assert await check_again(world.ports, activation_id) == ""
    mark = await take_chunk(world.ports, activation_id, Mark())
    assert mark == Mark(user="bo", module="web", taken=4)
    assert world.system.seats.of("bo") == {"basic", "user", "mail"}
    await world.system.install((await look(world.ports, activation_id)).offer)
    assert await read_back(world.ports, activation_id) == []
    story = (await read_story(world.ports, activation_id)).entry
    assert (story.people, story.reassigned) == (2, 2)

    world.system.seats.revoke("ada", "basic", "mail")
    assert await read_back(world.ports, activation_id) == [
        "2 seats to be given instead are missing."
    ]
    world.system.seats.give("ada", "mail")
    assert "1 seat to be given instead is missing." in await read_back(world.ports, activation_id)


async def test_a_seat_that_went_to_somebody_else_stops_it_before_anything_is_taken(
    world: World,
) -> None:
    activation_id = await started(world, "ada", "bo")
    world.system.seats.give("fay", "basic")

    against = await check_again(world.ports, activation_id)

    assert against == (
        "More seats came into use since it was confirmed; too many people are to get another plan "
        "for the seats left: Basic (1)."
    )
    assert world.system.seats.of("ada") == {"premium", "user", "web"}


async def test_both_kinds_of_shortage_are_told(world: World) -> None:
    activation_id = await started(world, "ada", "bo")
    world.system.seats.give("fay", "basic")
    world.system.seats.give("gus", "premium")

    against = await check_again(world.ports, activation_id)

    assert "still to remove: Premium (1); too many people" in against


async def test_a_plan_that_became_impossible_meanwhile_stops_it_too(world: World) -> None:
    """Somebody changed what it needs, and nothing else."""
    activation_id = await started(world, "ada", "bo")
    needy = module_license("basic", 3, comes_with=("user", "mail"), prerequisite="extra")
    world.system.put_in_force(license_set(PREMIUM, needy, *HIDDEN))

    assert await check_again(world.ports, activation_id) != ""


async def test_no_room_at_the_moment_of_taking_takes_nothing(world: World) -> None:
    activation_id = await started(world, "ada", "bo")
    assert await check_again(world.ports, activation_id) == ""
    world.system.seats.give("fay", "basic")

    with pytest.raises(SystemRefused):
        await take_chunk(world.ports, activation_id, Mark())

    assert await give_back(world.ports, activation_id) == ""
    assert world.system.seats.of("ada") == {"premium", "user", "web"}


async def test_a_run_that_is_undone_leaves_everything_as_it_was(world: World) -> None:
    activation_id = await started(world, "ada", "bo")
    before = {user: frozenset(held) for user, held in SEATS.items()}
    await take_chunk(world.ports, activation_id, Mark())

    assert await give_back(world.ports, activation_id) == ""
    assert await give_back(world.ports, activation_id) == ""

    assert {user: world.system.seats.of(user) for user in SEATS} == before


async def test_who_was_to_get_a_plan_that_is_gone_is_not_left_without(world: World) -> None:
    """Given a newer licence without that plan, nobody is picked whom people meant to reassign."""
    first = await world.reviewed(*FEWER)
    await reassign(world, first, "ada", "bo")
    await pick_holders(world.ports, first, "premium", "U1", ["cleo"])
    world.system.seats.revoke("eli", "basic")
    world.leave(FEWER[0], *HIDDEN, sequence=2)
    [second] = (await find_offers(world.ports, "crm")).found

    await decide_course(world.ports, second, first)

    assert {each.user for each in await world.removals(second)} == {"cleo"}


async def test_a_newer_licence_takes_the_choice_over(world: World) -> None:
    """The plan is one that it grants too."""
    first = await world.reviewed(*FEWER)
    await reassign(world, first, "ada", "bo")
    world.leave(*FEWER, sequence=2)
    [second] = (await find_offers(world.ports, "crm")).found

    await decide_course(world.ports, second, first)

    assert await world.removals(second) == [*swapped("ada"), *swapped("bo")]
    async with world.store.read() as uow:
        picks = await uow.picks(second, "premium")
    assert {user: pick.instead for user, pick in picks.items()} == {"ada": "basic", "bo": "basic"}


async def test_who_gets_what_is_shown_with_who_loses_what(world: World) -> None:
    activation_id = await world.reviewed(*FEWER)
    await reassign(world, activation_id, "ada")
    await pick_holders(world.ports, activation_id, "premium", "U1", ["bo"])

    losses = await read_losses(world.ports, activation_id)

    words = str(losses_view(losses).to_dict())
    assert "*Ada*: Premium, Web; gets Basic instead" in words
    assert "*Bo*: Premium, User, Web" in words


async def test_by_hand_it_is_done_once_the_old_plan_is_gone(world: World) -> None:
    """Whether the other one was given or not: that is theirs to see to."""
    world.system.guided = True
    activation_id = await world.reviewed(*FEWER)
    await reassign(world, activation_id, "ada", "bo")
    world.system.seats.revoke("ada", "premium", "web")
    world.system.seats.give("ada", "basic", "mail")
    world.system.seats.revoke("bo", "premium", "user", "web")

    review = await look(world.ports, activation_id)

    assert (review.people, review.to_do) == (2, 0)
    assert all(each.done for each in review.removals)
    assert review.reassigned == {("premium", "basic"): 2}
    assert not any(change.given or change.is_red for change in review.changes)
    assert review.unmet == []
    await world.confirm(activation_id)
    assert await check_again(world.ports, activation_id) == ""
    await take_chunk(world.ports, activation_id, Mark())
    await world.system.install(review.offer)
    assert await read_back(world.ports, activation_id) == []
