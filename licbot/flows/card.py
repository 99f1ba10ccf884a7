"""Find the confirmation message of an activation, and bring it back where it is gone."""

from licbot.domain.activation import ActivationState
from licbot.flows.jobs import update_card
from licbot.ports.messenger import MessageGone
from licbot.ports.ports import Ports


async def card_link(ports: Ports, activation_id: str) -> str | None:
    """The address of the message; ``None`` where it is on its way, or Slack gives none.

    Someone may have deleted it: then it is posted again. Raises UnknownActivation.
    """
    async with ports.store.read() as uow:
        card = await uow.card(activation_id)
    if card is not None:
        try:
            return await ports.messenger.permalink(card)
        except MessageGone:
            pass
    async with ports.store.begin() as uow:
        if await uow.card(activation_id) == card:
            await uow.write_card(activation_id, None)
        activation = await uow.activation(activation_id)
        await uow.begin_card(activation_id)  # whoever asks gets a job, whatever became of others
        await update_card(uow, activation, ports.policy.channel)
    return None


SAID = {
    ActivationState.DECLINED: "A new licence was set aside because its numbers are wrong.",
    ActivationState.FAILED: "A new licence could not be activated.",
    ActivationState.ACTIVATING: "A new licence is being activated right now.",
}


async def where(ports: Ports, activation_id: str, hint: str = "") -> str:
    """Where the message is, in words with a link. Raises UnknownActivation.

    hint: what can be done there while people review.
    """
    channel = ports.policy.channel
    async with ports.store.read() as uow:
        activation = await uow.activation(activation_id)
    link = await card_link(ports, activation_id)
    if link is None:
        return f"The message with the changes is about to appear in <#{channel}>."
    said = SAID.get(activation.state, "A new licence is waiting.")
    todo = f" {hint}" if hint and activation.state is ActivationState.REVIEW else ""
    return f"{said} <{link}|Open the changes> in <#{channel}>.{todo}"


async def where_all(ports: Ports, hint: str = "") -> list[str]:
    """Where the messages of all licences that wait are; empty where none does."""
    waiting: list[str] = []
    for name in ports.systems:
        async with ports.store.read() as uow:
            waiting += [activation.id for activation in await uow.open_activations(name)]
    return [await where(ports, activation_id, hint) for activation_id in waiting]
