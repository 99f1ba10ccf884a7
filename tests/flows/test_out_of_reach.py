"""A system that is away in the middle of an activation: nothing is guessed, nothing is left."""

from licbot.domain.activation import ActivationState
from licbot.domain.errors import SystemRefused, SystemUnavailable
from tests.flows.durable import DurableJob, How
from tests.flows.world import World, sales, travel

S = ActivationState


async def nothing() -> object:
    return None


def running(world: World) -> DurableJob:
    """The job that carries out what was started."""
    return DurableJob(world.jobs("activate")[-1], world.ports, nothing)


async def carry_out(job: DurableJob, how: How = How.GIVEN_UP) -> None:
    """Step by step; where the system is out of reach, a step is given up."""
    for _ in range(50):
        if job.ended:
            return
        await job.go_on(how)
    raise AssertionError("the job does not come to an end")


async def test_a_licence_whose_answer_was_lost_is_found_in_force() -> None:
    world = World()
    activation_id = await world.started(sales(3), travel(2), sales=("ada",))
    world.system.fail("install", SystemUnavailable(), done=True)

    job = running(world)
    await carry_out(job)

    assert job.given_up == ["install"]
    assert (await world.activation(activation_id)).state is S.VERIFIED


async def test_a_licence_that_did_not_arrive_is_undone() -> None:
    world = World()
    activation_id = await world.started(sales(3), travel(2), sales=("ada",))
    held = await world.system.held_by(["ada"])
    world.system.fail("install", SystemUnavailable())

    await carry_out(running(world))

    assert (await world.activation(activation_id)).state is S.FAILED
    assert await world.system.held_by(["ada"]) == held


async def test_seats_are_given_back_however_long_the_system_is_away() -> None:
    world = World()
    activation_id = await world.started(sales(3), travel(2), sales=("ada",))
    held = await world.system.held_by(["ada"])
    world.system.fail("install", SystemRefused("The payment is missing."))
    world.system.fail("give_back", SystemUnavailable(), times=3)

    job = running(world)
    await carry_out(job)

    assert job.given_up == ["give back"] * 3
    activation = await world.activation(activation_id)
    assert (activation.state, activation.note) == (S.FAILED, "The payment is missing.")
    assert await world.system.held_by(["ada"]) == held
