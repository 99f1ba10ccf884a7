"""The stages of a run: each may be done again, and what was taken comes back if it is refused."""

import pytest

from licbot.domain.activation import ActivationState, Stage
from licbot.domain.errors import (
    ActivationEnded,
    OfferRefused,
    SystemRefused,
    SystemUnavailable,
)
from licbot.flows import run
from licbot.flows.decline import reopen_review
from licbot.testing import license_set
from tests.flows.world import DAY, HELD, World, removal, sales, travel

S = ActivationState
START = run.Mark()


async def started(world: World) -> str:
    """Ada, who holds both, and Cleo are to give up their seats."""
    return await world.started(sales(2), travel(2), sales=("ada", "cleo"))


def held(world: World) -> dict[str, set[str]]:
    return {user: set(modules) for user, modules in world.system.seats.held().items()}


ALL = {user: set(modules) for user, modules in HELD.items()}
LEFT = {"bo": {"sales", "travel"}, "dev": {"sales"}}


# The last check


async def test_nothing_speaks_against_what_is_as_it_was(world: World) -> None:
    activation_id = await started(world)
    assert await run.check_again(world.ports, activation_id) == ""


async def test_an_offer_that_is_refused_now_speaks_against_it(world: World) -> None:
    activation_id = await started(world)
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("It ended on Monday.", check=8))
    assert await run.check_again(world.ports, activation_id) == "It ended on Monday."


async def test_new_seats_in_use_speak_against_it(world: World) -> None:
    activation_id = await started(world)
    world.system.seats.give("eve", "sales")
    assert await run.check_again(world.ports, activation_id) == (
        "More seats came into use since it was confirmed; still to remove: Sales (1)."
    )


@pytest.mark.parametrize("change", ["given", "gone"])
async def test_another_closure_speaks_against_it(world: World, change: str) -> None:
    activation_id = await started(world)
    if change == "given":
        world.system.seats.revoke("bo", "travel")
        world.system.seats.give("cleo", "travel")
    else:
        world.system.seats.revoke("ada", "travel")
    assert await run.check_again(world.ports, activation_id) == (
        "Who holds what changed since it was confirmed. Look at the list again."
    )


async def test_a_system_out_of_reach_is_asked_again(world: World) -> None:
    activation_id = await started(world)
    for method in ("read_offer", "held_by"):
        world.system.fail(method, SystemUnavailable())
        with pytest.raises(SystemUnavailable):
            await run.check_again(world.ports, activation_id)


async def test_it_goes_back_to_review_with_the_reason(world: World) -> None:
    activation_id = await started(world)
    world.clock.advance(DAY)
    await run.end_returned(world.ports, activation_id, 1, "Something new.")
    activation = await world.activation(activation_id)
    assert (activation.state, activation.actor, activation.note) == (
        S.REVIEW,
        "",
        "Something new.",
    )
    assert activation.acted_at == world.clock.now()
    assert (await world.events(activation_id))[-1] == "ActivationReturned"
    assert held(world) == ALL


# Taking


async def test_seats_are_taken_in_chunks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CHUNK", 2)
    activation_id = await started(world)
    first = await run.take_chunk(world.ports, activation_id, START)
    assert first == run.Mark(user="ada", module="travel", taken=2)
    assert held(world) == {**LEFT, "cleo": {"sales"}}
    activation = await world.activation(activation_id)
    assert (activation.stage, activation.done, activation.of) == (Stage.TAKING, 2, 3)
    second = await run.take_chunk(world.ports, activation_id, first)
    assert second == run.Mark(user="cleo", module="sales", taken=3)
    assert held(world) == LEFT
    assert await run.take_chunk(world.ports, activation_id, second) is None
    assert (await world.activation(activation_id)).done == 3


async def test_a_chunk_that_is_repeated_takes_and_counts_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the answer got lost, and the seat was handed out anew, when it is done again."""
    monkeypatch.setattr(run, "CHUNK", 2)
    activation_id = await started(world)
    world.system.fail("take", SystemUnavailable(), done=True)
    with pytest.raises(SystemUnavailable):
        await run.take_chunk(world.ports, activation_id, START)
    world.system.seats.give("ada", "sales")
    for _ in range(2):
        mark = await run.take_chunk(world.ports, activation_id, START)
        assert mark == run.Mark(user="ada", module="travel", taken=2)
        assert (await world.activation(activation_id)).done == 2
    assert held(world)["ada"] == {"sales"}
    assert list(world.system.seats.taken(f"{activation_id}/1")) == [
        removal("ada"),
        removal("ada", "travel", picked=False),
    ]


async def test_a_plan_without_removals_takes_nothing(world: World) -> None:
    activation_id = await world.started()
    assert await run.take_chunk(world.ports, activation_id, START) is None
    assert "take" not in world.system.calls


async def test_every_change_of_the_stage_is_shown(world: World) -> None:
    activation_id = await started(world)
    await run.take_chunk(world.ports, activation_id, START)
    await run.show_stage(world.ports, activation_id, Stage.INSTALLING)
    activation = await world.activation(activation_id)
    assert (activation.stage, activation.done) == (Stage.INSTALLING, 3)
    assert world.jobs("card")[-1].arguments == (activation_id,)


async def test_only_a_run_has_a_stage(world: World) -> None:
    activation_id = await world.reviewed()
    with pytest.raises(ActivationEnded):
        await run.show_stage(world.ports, activation_id, Stage.INSTALLING)


# Installing and reading back


async def taken(world: World) -> str:
    activation_id = await started(world)
    await run.take_chunk(world.ports, activation_id, START)
    return activation_id


async def test_the_offer_is_put_in_force_once(world: World) -> None:
    activation_id = await taken(world)
    for _ in range(2):
        await run.install_offer(world.ports, activation_id)
    assert world.installed.same_as(license_set(sales(2), travel(2)))
    assert await run.read_back(world.ports, activation_id) == []


async def test_a_licence_that_is_not_in_force_is_a_difference(world: World) -> None:
    activation_id = await taken(world)
    assert await run.read_back(world.ports, activation_id) == [
        "The licence in force is not the one that was activated."
    ]


async def test_seats_that_came_back_are_a_difference(world: World) -> None:
    activation_id = await taken(world)
    await run.install_offer(world.ports, activation_id)
    world.system.seats.give("cleo", "sales")
    assert await run.read_back(world.ports, activation_id) == [
        "More seats are in use than granted: Sales.",
        "1 seat that should have gone is still in use.",
    ]


async def test_a_system_without_any_licence_is_a_difference() -> None:
    """Given the owner has nothing in force, when it is read back."""
    world = World()
    activation_id = await taken(world)
    world.system.forget(license_set().owner)
    assert (await run.read_back(world.ports, activation_id))[0] == (
        "The licence in force is not the one that was activated."
    )


async def test_it_is_verified_once_and_the_issuer_asked_soon(world: World) -> None:
    activation_id = await taken(world)
    await run.install_offer(world.ports, activation_id)
    world.clock.advance(DAY)
    await run.end_verified(world.ports, activation_id, 1)
    activation = await world.activation(activation_id)
    assert (activation.state, activation.actor, activation.verb) == (
        S.VERIFIED,
        "U1",
        "activated it",
    )
    async with world.store.read() as uow:
        assert await uow.poll_due("crm") == world.clock.now()
    world.clock.advance(DAY)
    await run.end_verified(world.ports, activation_id, 1)
    assert await world.activation(activation_id) == activation
    assert (await world.events(activation_id)).count("ActivationVerified") == 1


# Giving back


async def test_what_is_refused_gives_everything_back(world: World) -> None:
    activation_id = await taken(world)
    world.system.fail("install", SystemRefused("Not today."))
    with pytest.raises(SystemRefused, match="Not today"):
        await run.install_offer(world.ports, activation_id)
    for _ in range(2):
        assert await run.give_back(world.ports, activation_id) == ""
    assert held(world) == ALL


async def test_what_cannot_be_given_back_is_said(world: World) -> None:
    activation_id = await taken(world)
    world.system.seats.give("eve", "sales")
    world.system.seats.give("fay", "sales")
    assert await run.give_back(world.ports, activation_id) == (
        "3 seats of 2 people could not be given back: no seat was free."
    )
    assert held(world) == {**LEFT, "eve": {"sales"}, "fay": {"sales"}}


async def test_a_failure_is_told_once_with_its_reason(world: World) -> None:
    activation_id = await taken(world)
    for _ in range(2):
        await run.end_failed(world.ports, activation_id, 1, "Not today.")
    activation = await world.activation(activation_id)
    assert (activation.state, activation.actor, activation.note) == (S.FAILED, "", "Not today.")
    assert (await world.events(activation_id)).count("ActivationFailed") == 1
    assert world.advice.told[-1][1].detail == "Not today."


@pytest.mark.parametrize("end", ["verified", "failed", "returned"])
async def test_an_old_run_does_not_end_a_new_one(world: World, end: str) -> None:
    """Given a run ended and the next one began, when the end of the first is done again."""
    activation_id = await started(world)
    await run.end_failed(world.ports, activation_id, 1, "Not today.")
    await reopen_review(world.ports, activation_id, "U1")
    await world.confirm(activation_id)
    before = await world.activation(activation_id)
    if end == "verified":
        await run.end_verified(world.ports, activation_id, 1)
    elif end == "failed":
        await run.end_failed(world.ports, activation_id, 1, "Not today.")
    else:
        await run.end_returned(world.ports, activation_id, 1, "Something new.")
    assert await world.activation(activation_id) == before
    assert before.run == 2


async def test_each_run_takes_and_gives_back_seats_of_its_own(world: World) -> None:
    activation_id = await taken(world)
    await run.give_back(world.ports, activation_id)
    await run.end_failed(world.ports, activation_id, 1, "Not today.")
    await reopen_review(world.ports, activation_id, "U1")
    await world.confirm(activation_id)
    await run.take_chunk(world.ports, activation_id, START)
    assert held(world) == LEFT
    assert await run.give_back(world.ports, activation_id) == ""
    assert held(world) == ALL
