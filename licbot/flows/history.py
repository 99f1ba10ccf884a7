"""Read what became of every offer so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from licbot.domain.activation import Activation
from licbot.domain.changes import Change
from licbot.domain.errors import UnknownActivation
from licbot.domain.events import Event
from licbot.domain.licenses import Offer
from licbot.flows.look import PLANNING, glance
from licbot.ports.lists import page_count
from licbot.ports.ports import Ports
from licbot.ports.store import PlanCounts, UnitOfWork


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One activation and its offer.

    changes: as they were when it was started, or as they are now while people decide; empty where
    it ended without being started. people: how many users its plan concerns. reassigned: how many
    of them get another plan.
    """

    activation: Activation
    offer: Offer
    changes: Sequence[Change]
    people: int
    reassigned: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """A page of the activations, the latest found first. page: from 0; total: of activations."""

    entries: Sequence[Entry]
    page: int
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One activation from its beginning. events: oldest first, with the names of their kinds."""

    entry: Entry
    events: Sequence[tuple[str, Event]]


async def read_history(ports: Ports, page: int, size: int) -> History:
    """A page of the activations of all systems; the last one where there are not so many.

    page: from 0. size: activations in a page. Raises SystemUnavailable.
    """
    systems = sorted(ports.systems)
    async with ports.store.read() as uow:
        total = await uow.count_activations(systems)
        page = max(0, min(page, page_count(total, size) - 1))
        listed = await uow.past_activations(systems, offset=page * size, limit=size)
        seen = [await _seen(uow, activation) for activation in listed]
    return History(entries=[await _entry(ports, each) for each in seen], page=page, total=total)


async def read_story(ports: Ports, activation_id: str) -> Story:
    """All that happened to one offer. Raises UnknownActivation, SystemUnavailable."""
    async with ports.store.read() as uow:
        activation = await uow.activation(activation_id)
        if activation.system not in ports.systems:
            raise UnknownActivation
        seen = await _seen(uow, activation)
        events = await uow.events(activation_id)
    return Story(entry=await _entry(ports, seen), events=events)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What the store knows."""

    activation: Activation
    raw: bytes
    changes: Sequence[Change]
    plan: PlanCounts


async def _seen(uow: UnitOfWork, activation: Activation) -> _Seen:
    return _Seen(
        activation=activation,
        raw=await uow.offer_bytes(activation.id),
        changes=await uow.changes(activation.id),
        plan=await uow.plan_counts(activation.id),
    )


async def _entry(ports: Ports, seen: _Seen) -> Entry:
    activation, changes = seen.activation, seen.changes
    if activation.state in PLANNING or (activation.is_open and not changes):
        # Nothing is fixed yet: what it changes depends on what is in force and in use.
        review = await glance(ports, activation.id)
        activation, changes = review.activation, review.changes
    return Entry(
        activation=activation,
        offer=await ports.systems[activation.system].recall_offer(seen.raw),
        changes=changes,
        people=seen.plan.people,
        reassigned=sum(seen.plan.reassigned.values()),
    )
