"""Look at an activation as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from licbot.domain.activation import Activation, ActivationState, plan_digest
from licbot.domain.changes import Change, compare
from licbot.domain.licenses import LicenseSet, Offer, called, is_past, is_reached
from licbot.domain.removals import (
    Held,
    Instead,
    Removal,
    dependencies,
    keep_done,
    plan_removals,
)
from licbot.domain.replacements import stuck
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
        plan = await read_plan(uow, activation_id) if seen.planning else Plan()
    if not seen.planning:
        return await _counted(ports, seen, language)
    system = ports.systems[seen.activation.system]
    removals = await exact_removals(system, plan)
    review = await _counted(ports, replace(seen, plan=PlanCounts.of(removals)), language)
    planned = replace(
        review,
        removals=removals,
        digest=plan_digest(review.offer.digest, removals, ports.policy.as_words()),
    )
    return replace(planned, unmet=await _unmet(ports, planned))


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
    installed, changes = None, seen.kept
    if seen.planning:
        installed = set_of(await system.installed(), offer)
        in_use, plan = await system.in_use(), seen.plan
        changes = compare(installed, offer.license, in_use, plan.freed, plan.given)
    names = await names_in(ports, seen.activation.system, language) if language else {}
    return Review(
        activation=seen.activation,
        offer=offer,
        installed=installed,
        changes=[replace(change, module=called(change.module, names)) for change in changes],
        lost=seen.plan.lost,
        people=seen.plan.people,
        reassigned=seen.plan.reassigned,
        guided=await is_guided(system),
        to_do=seen.plan.to_do,
    )


def set_of(installed: Sequence[LicenseSet], offer: Offer) -> LicenseSet | None:
    """The installed set of an offer's owner."""
    return next((s for s in installed if s.owner.key == offer.license.owner.key), None)


async def is_guided(system: LicensedSystem) -> bool:
    """Whether people take seats by hand in this system."""
    return await system.guidance(()) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What people picked, with the plans to be given instead, and what it came to last."""

    picked: Held = field(default_factory=dict)
    instead: Instead = field(default_factory=dict)
    stored: Sequence[Removal] = ()


async def read_plan(uow: UnitOfWork, activation_id: str) -> Plan:
    """The plan of an activation as it is stored."""
    return Plan(
        picked=await uow.picked(activation_id),
        instead=await uow.replacements(activation_id),
        stored=await uow.removals(activation_id),
    )


async def exact_removals(system: LicensedSystem, plan: Plan) -> tuple[Removal, ...]:
    """The removals that the picks come to, by what the system says each user holds now.

    Where people take seats by hand, what they took stays in it.
    """
    picked = plan.picked
    held = await system.held_by(sorted(picked))
    depends = dependencies(await system.installed())
    removals = plan_removals(picked, held, depends, plan.instead)
    return keep_done(removals, plan.stored, picked, held) if await is_guided(system) else removals


def not_to_be_given(removals: Sequence[Removal], changes: Sequence[Change]) -> Sequence[str]:
    """Who cannot be given the plan that they are to get, in words; empty where everybody can."""
    people = len({removal.user for removal in stuck(removals, changes)})
    if not people:
        return []
    who = count(people, "person", "people")
    return [
        f"{who} can't be given the plan that they are to get instead: it is no longer granted, or "
        "something that it needs is missing. Let them keep what they have, then pick them anew."
    ]


async def _unmet(ports: Ports, review: Review) -> Sequence[str]:
    offer, now = review.offer, ports.clock.now()
    system = ports.systems[review.activation.system]
    unmet = [
        *await ports.advice.unmet(review.activation.id, review.changes, ports),
        *_by_hand(review, await system.guidance(())),
        *not_to_be_given(review.removals, review.changes),
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
