"""What flows hand over: each job once, and one for all that changes in the meantime."""

from licbot.flows.jobs import activate_job, decide_job, poll_job, update_card
from licbot.testing import CHANNEL
from tests.flows.world import World, sales


async def test_jobs_are_named_after_what_they_do_once(world: World) -> None:
    activation = await world.activation(await world.started())
    decide, activate = decide_job(activation, "older"), activate_job(activation)
    assert (decide.kind, decide.arguments, decide.id) == (
        "decide",
        (activation.id, "older"),
        f"decide/{activation.id}",
    )
    assert (activate.kind, activate.arguments, activate.id) == (
        "activate",
        (activation.id, 1),
        f"activate/{activation.id}/1",
    )


async def test_an_issuer_is_asked_once_for_each_date_and_by_one_at_a_time() -> None:
    job = poll_job("crm", 1_764_000_000)
    assert (job.kind, job.arguments) == ("poll", ("crm",))
    assert job.id != poll_job("crm", 1_764_000_001).id
    assert job.lane == poll_job("crm", 1_764_000_001).lane
    assert job.lane != poll_job("test", 1_764_000_000).lane


async def test_a_message_is_brought_up_to_date_once_for_all_that_changed(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    activation = await world.activation(activation_id)
    world.store.take_jobs()
    async with world.store.begin() as uow:
        await uow.begin_card(activation_id)
        for _ in range(3):
            await update_card(uow, activation, CHANNEL)
    [job] = world.store.jobs
    lane = f"{CHANNEL}/crm"
    assert (job.kind, job.arguments, job.lane) == ("card", (activation_id,), lane)
    async with world.store.begin() as uow:
        await uow.begin_card(activation_id)
        await update_card(uow, activation, CHANNEL)
    assert len(world.jobs("card")) == 2
