"""Gather who loses, or lost, what by an activation."""

from licbot.domain.activation import ActivationState
from licbot.flows.look import glance
from licbot.ports.losses import Losses
from licbot.ports.ports import Ports


async def read_losses(ports: Ports, activation_id: str, language: str = "") -> Losses:
    """The seats that an activation takes, with their people.

    Raises UnknownActivation, SystemUnavailable.
    """
    review = await glance(ports, activation_id, language)
    async with ports.store.read() as uow:
        removals = await uow.removals(activation_id)
    users = sorted({removal.user for removal in removals})
    return Losses(
        removals=removals,
        people=await ports.systems[review.activation.system].people(users),
        labels={change.module.key: change.module.label for change in review.changes},
        done=review.activation.state is ActivationState.VERIFIED,
    )
