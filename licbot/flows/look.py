"""Look at an activation as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from licbot.domain.activation import Activation, ActivationState, plan_digest
from licbot.domain.changes import Change, compare
from licbot.domain.licenses import LicenseSet, Offer, called, is_past, is_reached
from licbot.domain.removals import (
    Held,
    Removal,
    dependencies,
    freed,
    keep_done,
    lost,
    plan_removals,
)
from licbot.domain.review import Review
from licbot.flows.naming import names_in
from licbot.ports.ports import Ports
from licbot.ports.store import PlanCounts, UnitOfWork
from licbot.ports.system import Guidance, LicensedSystem
from licbot.ports.texts import count, point

PLANNING = frozenset({ActivationState.FOUND, ActivationState.REVIEW})
"""The states in which the plan follows from the picks and the system's own figures."""


async def look(ports: Ports, activation_id: str, language: str = "") -> Review:
    """An activation with its offer, its changes and the exact plan, asked of the system now.

    Once it was started the plan is fixed and only counted. language: in which the licences are
    named, where it is given. Raises UnknownActivation, SystemUnavailable.
    """
    async with ports.store.read() as uow:
        seen = await _seen(uow, activation_id)
        picked = await uow.picked(activation_id) if seen.planning else {}
        stored = await uow.removals(activation_id) if seen.planning else []
    if not seen.planning:
        return await _counted(ports, seen, language)
    system = ports.systems[seen.activation.system]
    removals = await exact_removals(system, picked, stored)
    review = await _counted(ports, replace(seen, plan=_counts(removals)), language)
    planned = replace(
        review,
        removals=removals,
        digest=plan_digest(review.offer.digest, removals, ports.policy.as_words()),
    )
    return replace(planned, unmet=await _unmet(ports, planned))


def _counts(removals: Sequence[Removal]) -> PlanCounts:
    return PlanCounts(
        lost=lost(removals),
        freed=freed(removals),
        people=len({removal.user for removal in removals}),
        to_do=len({removal.user for removal in removals if not removal.done}),
    )


async def glance(ports: Ports, activation_id: str, language: str = "") -> Review:
    """An activation with the counts of its plan as stored; quick, however many people lose a seat.

    What is decided is decided on ``look``. Raises UnknownActivation, SystemUnavailable.
    """
    async with ports.store.read() as uow:
        seen = await _seen(uow, activation_id)
    return await _counted(ports, seen, language)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What the store knows; kept: the changes as they were when it was started."""

    activation: Activation
    raw: bytes
    plan: PlanCounts
    kept: Sequence[Change]

    @property
    def planning(self) -> bool:
        return self.activation.state in PLANNING or not self.kept


async def _seen(uow: UnitOfWork, activation_id: str) -> _Seen:
    return _Seen(
        activation=await uow.activation(activation_id),
        raw=await uow.offer_bytes(activation_id),
        plan=await uow.plan_counts(activation_id),
        kept=await uow.changes(activation_id),
    )


async def _counted(ports: Ports, seen: _Seen, language: str) -> Review:
    system = ports.systems[seen.activation.system]
    offer = await system.recall_offer(seen.raw)
    changes = seen.kept
    if seen.planning:
        installed = set_of(await system.installed(), offer)
        changes = compare(installed, offer.license, await system.in_use(), seen.plan.freed)
    names = await names_in(ports, seen.activation.system, language) if language else {}
    return Review(
        activation=seen.activation,
        offer=offer,
        changes=[replace(change, module=called(change.module, names)) for change in changes],
        lost=seen.plan.lost,
        people=seen.plan.people,
        guided=await is_guided(system),
        to_do=seen.plan.to_do,
    )


def set_of(installed: Sequence[LicenseSet], offer: Offer) -> LicenseSet | None:
    """The installed set of an offer's owner."""
    return next((s for s in installed if s.owner.key == offer.license.owner.key), None)


async def is_guided(system: LicensedSystem) -> bool:
    """Whether people take seats by hand in this system."""
    return await system.guidance(()) is not None


async def exact_removals(
    system: LicensedSystem, picked: Held, stored: Sequence[Removal]
) -> tuple[Removal, ...]:
    """The removals that the picks come to, by what the system says each user holds now.

    stored: the plan as it was; where people take seats by hand, what they took stays in it.
    """
    held = await system.held_by(sorted(picked))
    plan = plan_removals(picked, held, dependencies(await system.installed()))
    return keep_done(plan, stored, picked, held) if await is_guided(system) else plan


async def _unmet(ports: Ports, review: Review) -> Sequence[str]:
    offer, now = review.offer, ports.clock.now()
    system = ports.systems[review.activation.system]
    unmet = [
        *await ports.advice.unmet(review.activation.id, review.changes, ports),
        *_by_hand(review, await system.guidance(())),
        *await system.objections(offer, [each for each in review.removals if not each.done]),
    ]
    if offer.not_before and not is_reached(offer.not_before, now):
        unmet.insert(0, f"The new licence is valid from {point(offer.not_before)}.")
    if is_past(offer.license.dates.grace, now):
        unmet.insert(0, "The new licence has expired. Ask its issuer for a newer one.")
    return unmet


def _by_hand(review: Review, guidance: Guidance | None) -> Sequence[str]:
    """What people still have to do in a system that does not let licbot take seats."""
    if guidance is None or not review.to_do:
        return []
    people = count(review.to_do, "picked person", "picked people")
    verb = "has" if review.to_do == 1 else "have"
    return [
        f"{people} still {verb} what they are to lose: take it from them in {guidance.product}, "
        "or take them off the list."
    ]
