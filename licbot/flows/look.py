"""Look at an activation as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from licbot.domain.activation import Activation, ActivationState, plan_digest
from licbot.domain.changes import Change, compare
from licbot.domain.licenses import LicenseSet, Offer, is_past, is_reached
from licbot.domain.removals import Removal, dependencies, freed, plan_removals
from licbot.domain.review import Review
from licbot.ports.ports import Ports
from licbot.ports.store import UnitOfWork
from licbot.ports.system import LicensedSystem
from licbot.ports.texts import point

PLANNING = frozenset({ActivationState.FOUND, ActivationState.REVIEW})
"""The states in which the plan follows from the picks and the system's own figures."""


async def look(ports: Ports, activation_id: str) -> Review:
    """An activation with its offer, its changes and the exact plan, asked of the system now.

    Once it was started the plan is fixed and only counted. Raises UnknownActivation,
    SystemUnavailable.
    """
    async with ports.store.read() as uow:
        seen = await _seen(uow, activation_id)
        picked = await uow.picked(activation_id) if seen.planning else {}
    if not seen.planning:
        return await _counted(ports, seen)
    system = ports.systems[seen.activation.system]
    removals = await exact_removals(system, picked)
    lost = freed(removals)
    review = await _counted(ports, replace(seen, lost=lost))
    return replace(
        review,
        people=len({removal.user for removal in removals}),
        removals=removals,
        digest=plan_digest(review.offer.digest, removals, ports.policy.as_words()),
        unmet=await _unmet(ports, activation_id, review.offer, review.changes),
    )


async def glance(ports: Ports, activation_id: str) -> Review:
    """An activation with the counts of its plan as stored; quick, however many people lose a seat.

    What is decided is decided on ``look``. Raises UnknownActivation, SystemUnavailable.
    """
    async with ports.store.read() as uow:
        seen = await _seen(uow, activation_id)
    return await _counted(ports, seen)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What the store knows; kept: the changes as they were when it was started."""

    activation: Activation
    raw: bytes
    lost: Mapping[str, int]
    people: int
    kept: Sequence[Change]

    @property
    def planning(self) -> bool:
        return self.activation.state in PLANNING or not self.kept


async def _seen(uow: UnitOfWork, activation_id: str) -> _Seen:
    return _Seen(
        activation=await uow.activation(activation_id),
        raw=await uow.offer_bytes(activation_id),
        lost=await uow.freed(activation_id),
        people=await uow.people_losing(activation_id),
        kept=await uow.changes(activation_id),
    )


async def _counted(ports: Ports, seen: _Seen) -> Review:
    system = ports.systems[seen.activation.system]
    offer = await system.recall_offer(seen.raw)
    installed = set_of(await system.installed(), offer)
    changes = seen.kept
    if seen.planning:
        changes = compare(installed, offer.license, await system.in_use(), seen.lost)
    return Review(
        activation=seen.activation,
        offer=offer,
        installed=installed,
        changes=changes,
        lost=seen.lost,
        people=seen.people,
    )


def set_of(installed: Sequence[LicenseSet], offer: Offer) -> LicenseSet | None:
    """The installed set of an offer's owner."""
    return next((s for s in installed if s.owner.key == offer.license.owner.key), None)


async def exact_removals(
    system: LicensedSystem, picked: Mapping[str, frozenset[str]]
) -> tuple[Removal, ...]:
    """The removals that the picks come to, by what the system says each user holds now."""
    held = await system.held_by(sorted(picked))
    return plan_removals(picked, held, dependencies(await system.installed()))


async def _unmet(
    ports: Ports, activation_id: str, offer: Offer, changes: Sequence[Change]
) -> Sequence[str]:
    now = ports.clock.now()
    unmet = list(await ports.advice.unmet(activation_id, changes, ports))
    if offer.not_before and not is_reached(offer.not_before, now):
        unmet.insert(0, f"The new licence is valid from {point(offer.not_before)}.")
    if is_past(offer.license.dates.grace, now):
        unmet.insert(0, "The new licence has expired. Ask its issuer for a newer one.")
    return unmet
