"""Start activating, if nothing is red and the plan is the one that was confirmed."""

from licbot.domain.activation import Act, ActivationState, begin, require_open
from licbot.domain.errors import Conflict, Refused
from licbot.domain.events import ActivationStarted
from licbot.domain.review import Review
from licbot.flows.find import LICBOT, require_acceptable
from licbot.flows.jobs import activate_job, update_card
from licbot.flows.look import look
from licbot.flows.plan import write_plan
from licbot.ports.ports import Ports
from licbot.ports.store import UnitOfWork
from licbot.ports.texts import count

TRIES = 5


async def start_activation(
    ports: Ports, activation_id: str, actor: str, *, confirmed: str, automatic: bool = False
) -> None:
    """Hand the activation over to the workflow that carries it out.

    confirmed: the digest of what the person saw. Everything is asked of the system anew; where
    it is not what they saw, the message is drawn anew. Raises PlanChanged, SurplusRemains,
    RequirementUnmet, ActivationRunning, ActivationEnded, UnknownActivation, OfferRefused,
    SystemUnavailable, Conflict, and NotAllowed where the system does not know the person as an
    administrator.
    """
    await _confirm(ports, activation_id, actor)
    for _ in range(TRIES):
        review = await look(ports, activation_id)
        if review.activation.state is not ActivationState.FOUND:
            require_open(review.activation)
        await require_acceptable(ports, review)
        async with ports.store.begin() as uow:
            current = await uow.activation(activation_id)
            if current.version != review.activation.version:
                continue
            try:
                await _start(ports, uow, review, actor, confirmed, automatic)
            except Refused as refused:
                # Committed, so that the message shows what speaks against it.
                await update_card(uow, current, ports.policy.channel)
                reason: Refused | None = refused
            else:
                reason = None
        if reason:
            raise reason
        return
    raise Conflict


async def _confirm(ports: Ports, activation_id: str, actor: str) -> None:
    """Ask the system itself whether this person may; licbot acts only where the policy says so."""
    if actor == LICBOT:
        return
    async with ports.store.read() as uow:
        system = ports.systems[(await uow.activation(activation_id)).system]
    person = await ports.messenger.person(actor)
    await system.confirm_administrator(person, named=actor in ports.policy.administrators)


async def _start(
    ports: Ports, uow: UnitOfWork, review: Review, actor: str, confirmed: str, automatic: bool
) -> None:
    act = Act(actor=actor, at=ports.clock.now())
    started = begin(
        review.activation,
        act,
        changes=review.changes,
        removals=len(review.removals),
        unmet=review.unmet,
        confirmed=confirmed,
        current=review.digest,
        automatic=automatic,
    )
    saved = await uow.save(started)
    await uow.write_changes(saved.id, review.changes)
    await write_plan(uow, review)
    people = count(review.people, "person", "people")
    detail = f"{count(review.seats, 'seat')} of {people}"
    uow.record(ActivationStarted(activation=saved.id, at=act.at, actor=actor, detail=detail))
    await uow.enqueue(activate_job(saved))
    await update_card(uow, saved, ports.policy.channel)
