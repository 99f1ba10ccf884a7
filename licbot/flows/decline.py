"""Say that an offer is wrong, and take it up again."""

from licbot.domain.activation import Act, Activation, ActivationState, move, require_open
from licbot.domain.errors import Refused
from licbot.domain.events import OfferDeclined, ReviewReopened
from licbot.flows.jobs import update_card
from licbot.ports.ports import Ports


async def decline_offer(ports: Ports, activation_id: str, actor: str) -> None:
    """Set an offer aside because its numbers or modules are wrong.

    Raises UnknownActivation, ActivationRunning, ActivationEnded.
    """
    act = Act(actor=actor, at=ports.clock.now())
    note = "The numbers or modules are wrong. Tell the issuer; licbot waits for a newer licence."
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        require_open(activation)
        saved = await uow.save(
            move(activation, ActivationState.DECLINED, act, "said that this licence is wrong", note)
        )
        uow.record(OfferDeclined(activation=saved.id, at=act.at, actor=actor))
        await update_card(uow, saved, ports.policy.channel)


async def reopen_review(ports: Ports, activation_id: str, actor: str) -> None:
    """Take a declined or failed offer up again, with the picks it had.

    Raises Refused in any other state, UnknownActivation, OfferRefused, SystemUnavailable.
    """
    async with ports.store.read() as uow:
        activation = await uow.activation(activation_id)
        _require_set_aside(activation)
        raw = await uow.offer_bytes(activation_id)
    await ports.systems[activation.system].read_offer(raw)
    act = Act(actor=actor, at=ports.clock.now())
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        _require_set_aside(activation)
        saved = await uow.save(
            move(activation, ActivationState.REVIEW, act, "took this licence up again")
        )
        uow.record(ReviewReopened(activation=saved.id, at=act.at, actor=actor))
        await update_card(uow, saved, ports.policy.channel)


def _require_set_aside(activation: Activation) -> None:
    """An activation that runs may go back to review too, but only by its own last check."""
    if activation.state not in (ActivationState.DECLINED, ActivationState.FAILED):
        require_open(activation)
        raise Refused(
            "Someone took this licence up again before you. Its message shows how it stands."
        )
