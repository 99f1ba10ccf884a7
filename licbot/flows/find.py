"""Ask the issuer for offers, and take up what it has."""

import contextlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from licbot.domain.activation import Act, Activation, ActivationState, move
from licbot.domain.errors import Conflict, OfferRefused, OfferReplaced, SystemUnavailable
from licbot.domain.events import OfferExpired, OfferFound, OfferSuperseded
from licbot.domain.licenses import Moment, Offer, is_reached
from licbot.domain.review import Review
from licbot.flows.jobs import decide_job, poll_job, update_card
from licbot.flows.look import is_guided
from licbot.ports.ports import Ports
from licbot.ports.store import UnitOfWork
from licbot.ports.system import LicensedSystem, RefusedOffer

LICBOT = ""
"""The actor where licbot acts by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What asking the issuer came to.

    found: ids of activations that began with it. waiting: ids of those that were open before.
    refused: licences that were found and cannot be accepted.
    """

    found: Sequence[str]
    waiting: Sequence[str]
    refused: Sequence[RefusedOffer]


async def find_offers(ports: Ports, system_name: str) -> Finding:
    """Ask the issuer of a system now. Raises SystemUnavailable."""
    system = ports.systems[system_name]
    answer = await system.find_offers()
    # First, so that a newer offer takes the picks over from the one whose place it takes.
    found = await _receive_all(ports, system_name, answer.offers)
    await _expire(ports, system)
    found += await _receive_all(ports, system_name, answer.offers)
    moments = [
        *(each.dates.next_check for each in await system.installed()),
        *(offer.not_before for offer in answer.offers),
    ]
    guided = await is_guided(system)
    async with ports.store.begin() as uow:
        opened = await uow.open_activations(system_name)
        reviewed = [each.id for each in opened if each.state is ActivationState.REVIEW]
        by_hand = guided and any([(await uow.plan_counts(each)).to_do for each in reviewed])
        interval = ports.policy.recheck_seconds if by_hand else ports.policy.poll_seconds
        await uow.write_poll_due(system_name, next_poll(moments, ports.clock.now(), interval))
        waiting = [activation for activation in opened if activation.id not in found]
        await _look_again(ports, uow, system_name, waiting)
    return Finding(
        found=found,
        waiting=[activation.id for activation in waiting],
        refused=answer.refused,
    )


async def _look_again(
    ports: Ports, uow: UnitOfWork, system: str, waiting: Sequence[Activation]
) -> None:
    """Bring up to date what waits: its day may have come, seats may have changed outside.

    What could not be decided while the system was out of reach, or before its day, is decided.
    """
    latest = await uow.latest_activations(system)
    for activation in waiting:
        if activation.state is ActivationState.REVIEW:
            await update_card(uow, activation, ports.policy.channel)
        found = activation.state is ActivationState.FOUND
        if found or (ports.policy.automatic and is_undecided(activation)):
            previous = next((each.id for each in latest if _is_before(each, activation)), "")
            await uow.enqueue(replace(decide_job(activation, previous), id=None))


def is_undecided(activation: Activation) -> bool:
    """Whether no person has had a say in it yet."""
    waits = activation.state in (ActivationState.FOUND, ActivationState.REVIEW)
    return waits and activation.actor == LICBOT


def _is_before(previous: Activation, activation: Activation) -> bool:
    """Whether one took the other's place; both happen at the same moment."""
    return (
        previous.state is ActivationState.SUPERSEDED
        and previous.owner == activation.owner
        and previous.acted_at == activation.found_at
    )


def next_poll(moments: Iterable[Moment | None], now: datetime, interval: float) -> datetime:
    """When to ask again: after the interval (seconds), or at one of the moments before that."""
    due = now + timedelta(seconds=interval)
    ahead = [_begin(moment) for moment in moments if moment and not is_reached(moment, now)]
    return min([due, *ahead])


def _begin(moment: Moment) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.fromisoformat(f"{moment.isoformat()}T00:00:00+00:00")


async def _receive_all(ports: Ports, system_name: str, offers: Sequence[Offer]) -> list[str]:
    """Ids of the activations that began; none of what another process received just now."""
    begun = []
    for offer in offers:
        with contextlib.suppress(Conflict):
            if activation := await receive(ports, system_name, offer):
                begun.append(activation.id)
    return begun


async def receive(
    ports: Ports, system_name: str, offer: Offer, actor: str = LICBOT
) -> Activation | None:
    """Begin the activation of an offer; ``None`` where it is known, or another is running.

    An older open activation of the same owner is superseded. actor: who brought it.
    """
    now = ports.clock.now()
    async with ports.store.begin() as uow:
        current = await _open_of(uow, system_name, offer.license.owner.key)
        if current and not _supersedes(offer, current):
            return None
        if current:
            await _supersede(ports, uow, current, now)
        activation = _begun(system_name, offer, now)
        await uow.add_activation(activation, offer)
        uow.record(OfferFound(activation=activation.id, at=activation.found_at, actor=actor))
        await uow.enqueue(decide_job(activation, current.id if current else ""))
        return activation


def _supersedes(offer: Offer, current: Activation) -> bool:
    return (
        current.state is not ActivationState.ACTIVATING
        and offer.digest != current.offer_digest
        and offer.sequence > current.sequence
    )


def _begun(system: str, offer: Offer, now: datetime) -> Activation:
    return Activation(
        id=uuid.uuid4().hex,
        system=system,
        owner=offer.license.owner.key,
        offer_digest=offer.digest,
        sequence=offer.sequence,
        state=ActivationState.FOUND,
        found_at=now,
        acted_at=now,
    )


async def _open_of(uow: UnitOfWork, system: str, owner: str) -> Activation | None:
    return next((a for a in await uow.open_activations(system) if a.owner == owner), None)


async def _supersede(ports: Ports, uow: UnitOfWork, current: Activation, now: datetime) -> None:
    act = Act(actor=LICBOT, at=now)
    note = "A newer licence took its place. Its own message follows below."
    moved = move(current, ActivationState.SUPERSEDED, act, "found a newer licence", note)
    saved = await uow.save(moved)
    uow.record(OfferSuperseded(activation=saved.id, at=act.at))
    await update_card(uow, saved, ports.policy.channel)


async def _expire(ports: Ports, system: LicensedSystem) -> None:
    async with ports.store.read() as uow:
        waiting = [
            (activation, await uow.offer_bytes(activation.id))
            for activation in await uow.open_activations(system.name)
            if activation.state is not ActivationState.ACTIVATING
        ]
    for activation, raw in waiting:
        try:
            await system.read_offer(raw)
        except SystemUnavailable:
            continue  # one that cannot be asked about now must not hide what other issuers have
        except OfferRefused as refused:
            await _close_unless_passing(ports, activation.id, refused)


async def require_acceptable(ports: Ports, review: Review) -> None:
    """Ask the system whether it would still accept an offer, and close what it would not.

    Where the issuer has another one, that is asked for, and takes the picks over. Raises
    OfferRefused, SystemUnavailable.
    """
    activation = review.activation
    try:
        await ports.systems[activation.system].read_offer(review.offer.raw)
    except OfferReplaced:
        await ask_soon(ports, activation.system)
        raise
    except OfferRefused as refused:
        await _close_unless_passing(ports, activation.id, refused)
        raise


async def ask_soon(ports: Ports, system: str) -> None:
    """Have the issuer of a system asked at once."""
    async with ports.store.begin() as uow:
        await uow.enqueue(poll_job(system, int(ports.clock.now().timestamp())))


async def _close_unless_passing(ports: Ports, activation_id: str, refused: OfferRefused) -> None:
    if not refused.may_pass:
        await _close(ports, activation_id, refused.message)


async def _close(ports: Ports, activation_id: str, why: str) -> None:
    act = Act(actor=LICBOT, at=ports.clock.now())
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        if ActivationState.ACTIVATING is activation.state or not activation.is_open:
            return
        saved = await uow.save(
            move(activation, ActivationState.EXPIRED, act, "closed this licence", why)
        )
        uow.record(OfferExpired(activation=saved.id, at=act.at, detail=why))
        await update_card(uow, saved, ports.policy.channel)
