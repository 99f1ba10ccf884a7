"""Take up an offer that a person brought, and say what became of it."""

from dataclasses import dataclass
from enum import StrEnum

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.errors import Conflict
from licbot.domain.licenses import Offer
from licbot.flows.find import receive
from licbot.ports.ports import Ports


class Outcome(StrEnum):
    """What became of it.

    BEGUN: its activation begins. WAITING: it waits already. SET_ASIDE: it was set aside, or
    failed, and can be taken up again. RUNNING: a licence of its owner is being activated.
    OUTDONE: another one that waits is as new or newer.
    """

    BEGUN = "begun"
    WAITING = "waiting"
    SET_ASIDE = "set aside"
    RUNNING = "running"
    OUTDONE = "outdone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What became of an offer that a person brought.

    brought: its number. activation: its own, or the one of its owner that keeps it from
    beginning.
    """

    outcome: Outcome
    brought: int
    activation: Activation


async def load_offer(ports: Ports, system_name: str, offer: Offer, actor: str) -> Loaded:
    """Begin the activation of an offer that was just read, unless something speaks against it.

    Raises Conflict where others were quicker again and again.
    """
    try:
        return await _load(ports, system_name, offer, actor)
    except Conflict:
        return await _load(ports, system_name, offer, actor)


async def _load(ports: Ports, system_name: str, offer: Offer, actor: str) -> Loaded:
    begun = await receive(ports, system_name, offer, actor)
    if begun is not None:
        return Loaded(outcome=Outcome.BEGUN, brought=offer.sequence, activation=begun)
    async with ports.store.read() as uow:
        opened = await uow.open_activations(system_name)
    owner = offer.license.owner.key
    current = next((each for each in opened if each.owner == owner), None)
    if current is None:
        raise Conflict
    outcome = _why_not(offer, current)
    return Loaded(outcome=outcome, brought=offer.sequence, activation=current)


def _why_not(offer: Offer, current: Activation) -> Outcome:
    if current.state is ActivationState.ACTIVATING:
        return Outcome.RUNNING
    if current.offer_digest != offer.digest:
        return Outcome.OUTDONE
    set_aside = current.state in (ActivationState.DECLINED, ActivationState.FAILED)
    return Outcome.SET_ASIDE if set_aside else Outcome.WAITING
