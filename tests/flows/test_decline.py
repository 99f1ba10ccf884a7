"""An offer is set aside and taken up again, by one person at a time."""

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import (
    ActivationEnded,
    ActivationRunning,
    OfferRefused,
    Refused,
    Superseded,
    SystemUnavailable,
)
from licbot.flows.decline import decline_offer, reopen_review
from licbot.flows.pick import pick_holders
from licbot.flows.run import end_failed, end_verified
from tests.flows.world import DAY, World, removal, sales

S = ActivationState


async def test_an_offer_is_set_aside(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    world.clock.advance(DAY)
    await decline_offer(world.ports, activation_id, "U1")
    activation = await world.activation(activation_id)
    assert (activation.state, activation.actor) == (S.DECLINED, "U1")
    assert activation.acted_at == world.clock.now()
    assert "Tell the issuer" in activation.note
    assert (await world.events(activation_id))[-1] == "OfferDeclined"
    assert world.jobs("card")[-1].arguments == (activation_id,)


async def test_it_is_set_aside_once(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await decline_offer(world.ports, activation_id, "U1")
    with pytest.raises(ActivationEnded):
        await decline_offer(world.ports, activation_id, "U2")
    assert (await world.activation(activation_id)).actor == "U1"


async def test_what_runs_is_not_set_aside(world: World) -> None:
    activation_id = await world.started()
    with pytest.raises(ActivationRunning):
        await decline_offer(world.ports, activation_id, "U1")


async def test_it_is_taken_up_again_with_its_picks(world: World) -> None:
    activation_id = await world.reviewed(sales(3))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["cleo"])
    await decline_offer(world.ports, activation_id, "U1")
    await reopen_review(world.ports, activation_id, "U2")
    activation = await world.activation(activation_id)
    assert (activation.state, activation.actor, activation.note) == (S.REVIEW, "U2", "")
    assert await world.removals(activation_id) == [removal("cleo")]
    assert (await world.events(activation_id))[-1] == "ReviewReopened"
    assert world.jobs("card")[-1].arguments == (activation_id,)


async def test_what_failed_is_taken_up_again_and_runs_anew(world: World) -> None:
    activation_id = await world.started()
    await end_failed(world.ports, activation_id, 1, "refused")
    await reopen_review(world.ports, activation_id, "U2")
    await world.confirm(activation_id)
    assert (await world.activation(activation_id)).run == 2


async def test_the_second_to_take_it_up_is_told(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await decline_offer(world.ports, activation_id, "U1")
    await reopen_review(world.ports, activation_id, "U1")
    with pytest.raises(Refused, match="before you"):
        await reopen_review(world.ports, activation_id, "U2")
    assert (await world.activation(activation_id)).actor == "U1"


async def test_a_run_is_not_stopped_by_an_old_button(world: World) -> None:
    """Given it failed and runs again, when somebody presses the button of the failure."""
    activation_id = await world.started()
    await end_failed(world.ports, activation_id, 1, "refused")
    await reopen_review(world.ports, activation_id, "U1")
    await world.confirm(activation_id)
    with pytest.raises(ActivationRunning):
        await reopen_review(world.ports, activation_id, "U2")
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_a_run_that_starts_while_the_offer_is_checked_goes_on(world: World) -> None:
    activation_id = await world.reviewed()
    await decline_offer(world.ports, activation_id, "U1")

    async def start(method: str) -> None:
        if method == "read_offer":
            world.system.meanwhile = None
            await reopen_review(world.ports, activation_id, "U1")
            await world.confirm(activation_id)

    world.system.meanwhile = start
    with pytest.raises(ActivationRunning):
        await reopen_review(world.ports, activation_id, "U2")
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_what_waits_or_ended_is_not_taken_up(world: World) -> None:
    activation_id = await world.found(sales(2))
    with pytest.raises(ActivationEnded):
        await reopen_review(world.ports, activation_id, "U1")
    newer = await world.started(sequence=2)
    with pytest.raises(Superseded):
        await reopen_review(world.ports, activation_id, "U1")
    await end_verified(world.ports, newer, 1)
    with pytest.raises(ActivationEnded):
        await reopen_review(world.ports, newer, "U1")


async def test_only_what_can_still_be_accepted_is_taken_up(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await decline_offer(world.ports, activation_id, "U1")
    world.system.down = True
    with pytest.raises(SystemUnavailable):
        await reopen_review(world.ports, activation_id, "U1")
    world.system.down = False
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("It ended on Monday.", check=8))
    with pytest.raises(OfferRefused):
        await reopen_review(world.ports, activation_id, "U1")
    assert (await world.activation(activation_id)).state is S.DECLINED
