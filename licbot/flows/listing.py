"""The list of users and seats that a licensed system stores: read anew, and what follows."""

from licbot.domain.activation import ActivationState
from licbot.flows.jobs import list_job, update_card
from licbot.ports.ports import Ports


async def refresh_list(ports: Ports, system_name: str) -> None:
    """Read who holds what anew, and bring the messages of what waits up to date.

    Raises SystemUnavailable.
    """
    await ports.systems[system_name].refresh()
    async with ports.store.begin() as uow:
        for activation in await uow.open_activations(system_name):
            if activation.state is ActivationState.REVIEW:
                await update_card(uow, activation, ports.policy.channel)


async def ask_for_list(ports: Ports, activation_id: str) -> None:
    """Have the list of an activation's system read anew soon. Raises UnknownActivation."""
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        await uow.enqueue(list_job(activation.system))
