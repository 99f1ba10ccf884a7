"""Bring the confirmation message up to date."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from licbot.domain.activation import ActivationState
from licbot.domain.changes import red, shown
from licbot.domain.review import Review
from licbot.flows.look import look
from licbot.flows.plan import settle_plan
from licbot.ports.messenger import MessageGone
from licbot.ports.ports import Ports
from licbot.ports.store import Card
from licbot.ports.texts import clip, count, escape

HEADLINES = {
    ActivationState.FOUND: "A new licence was found.",
    ActivationState.ACTIVATING: "The new licence is being activated.",
    ActivationState.VERIFIED: "New licence activated.",
    ActivationState.DECLINED: "The new licence was set aside: its numbers are wrong.",
    ActivationState.EXPIRED: "The new licence can no longer be activated.",
    ActivationState.SUPERSEDED: "A newer licence took this one's place.",
    ActivationState.FAILED: "The new licence could not be activated.",
}


async def publish_card(ports: Ports, activation_id: str) -> None:
    """Post the confirmation message, or update it in place, with all that is true now.

    Raises what the messenger raises.
    """
    async with ports.store.begin() as uow:
        await uow.begin_card(activation_id)
    review = await look(ports, activation_id, ports.policy.language)
    await settle_plan(ports, review)
    text = headline(review)
    blocks = await ports.advice.card(review, ports)
    async with ports.store.read() as uow:
        card = await uow.card(activation_id)
    posted = await _put(ports, card, text, blocks)
    if posted != card:
        async with ports.store.begin() as uow:
            await uow.write_card(activation_id, posted)


async def _put(ports: Ports, card: Card | None, text: str, blocks: Sequence[Block]) -> Card:
    if card is not None:
        try:
            await ports.messenger.update(card, text, blocks)
            return card
        except MessageGone:
            pass  # someone deleted it: post it anew
    return await ports.messenger.post(ports.policy.channel, text, blocks)


def headline(review: Review) -> str:
    """The message in one line, for notifications and screen readers."""
    customer = escape(clip(review.offer.license.customer.company, 200))
    words = HEADLINES.get(review.activation.state) or _waiting(review)
    return f"{words} ({customer})"


def _waiting(review: Review) -> str:
    blocking = red(review.changes)
    if not blocking:
        return f"A new licence is waiting: {count(len(shown(review.changes)), 'change')}."
    gap = sum(change.remaining for change in blocking)
    return f"A new licence is waiting: {count(gap, 'seat')} must go before it can be activated."
