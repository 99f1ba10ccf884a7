"""The list of users and seats that a licensed system stores: read anew, and what follows."""

from datetime import datetime

from licbot.domain.activation import ActivationState
from licbot.flows.jobs import list_job, update_card
from licbot.ports.ports import Ports


async def refresh_list(ports: Ports, system_name: str, since: datetime | None = None) -> None:
    """Read who holds what anew, and bring the messages of what waits up to date.

    since: a reading that began since then does. Raises SystemUnavailable.
    """
    await ports.systems[system_name].refresh(since)
    async with ports.store.begin() as uow:
        for activation in await uow.open_activations(system_name):
            if activation.state is ActivationState.REVIEW:
                await update_card(uow, activation, ports.policy.channel)


async def ask_for_list(ports: Ports, activation_id: str) -> None:
    """Have the list of an activation's system read anew soon, once for all who ask meanwhile.

    Raises UnknownActivation.
    """
    # A reading of this very second may have begun before what the person did.
    since = int(ports.clock.now().timestamp()) + 1
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        await uow.enqueue(list_job(activation.system, since))
