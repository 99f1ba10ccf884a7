"""The stages of a running activation. Each can be done again without doing it twice."""

from collections.abc import Sequence
from typing import NamedTuple

from licbot.domain.activation import (
    Act,
    Activation,
    ActivationState,
    Stage,
    advance,
    move,
    run_key,
)
from licbot.domain.changes import Change, compare, red
from licbot.domain.errors import LicbotError, OfferReplaced, SystemUnavailable
from licbot.domain.events import (
    ActivationFailed,
    ActivationReturned,
    ActivationVerified,
    Event,
)
from licbot.domain.licenses import Offer
from licbot.domain.removals import Held, Removal, freed, given
from licbot.flows.find import LICBOT, ask_soon
from licbot.flows.jobs import update_card
from licbot.flows.look import exact_removals, not_to_be_given, read_plan, set_of
from licbot.ports.ports import Ports
from licbot.ports.texts import count

CHUNK = 200
"""Seats taken in one go."""


class Mark(NamedTuple):
    """How far the taking of seats is: the last seat taken, and how many were taken in all."""

    user: str = ""
    module: str = ""
    taken: int = 0


async def check_again(ports: Ports, activation_id: str) -> str:
    """Ask the system once more before anything is taken. Returns what speaks against it.

    Raises SystemUnavailable.
    """
    async with ports.store.read() as uow:
        activation = await uow.activation(activation_id)
        raw = await uow.offer_bytes(activation_id)
        plan = await read_plan(uow, activation_id)
    system = ports.systems[activation.system]
    await system.refresh()
    try:
        offer = await system.read_offer(raw)
    except SystemUnavailable:
        raise
    except OfferReplaced as replaced:
        await ask_soon(ports, activation.system)
        return replaced.message
    except LicbotError as refused:
        return refused.message
    removals = await exact_removals(system, plan)
    installed = set_of(await system.installed(), offer)
    in_use = await system.in_use()
    changes = compare(installed, offer.license, in_use, freed(removals), given(removals))
    if full := _too_full(changes):
        return full
    if sorted(removals) != sorted(plan.stored):
        return "Who holds what changed since it was confirmed. Look at the list again."
    to_do = [removal for removal in removals if not removal.done]
    against = [*not_to_be_given(removals, changes), *await system.objections(offer, to_do)]
    return " ".join(against)


def _too_full(changes: Sequence[Change]) -> str:
    """What has no room, in words; empty where all has."""
    blocking = red(changes)
    if not blocking:
        return ""
    names = ", ".join(f"{c.module.label} ({c.remaining})" for c in blocking if not c.given)
    full = ", ".join(f"{c.module.label} ({c.remaining})" for c in blocking if c.given)
    words = ["More seats came into use since it was confirmed"]
    words += [f"still to remove: {names}"] if names else []
    words += [f"too many people are to get another plan for the seats left: {full}"] if full else []
    return f"{'; '.join(words)}."


async def take_chunk(ports: Ports, activation_id: str, after: Mark) -> Mark | None:
    """Take the next seats of the plan. Returns where it stands, ``None`` when none is left.

    Raises SystemRefused, SystemUnavailable.
    """
    async with ports.store.read() as uow:
        activation = await uow.activation(activation_id)
        mark = (after.user, after.module)
        chunk = _whole_people(await uow.removals(activation_id, after=mark, limit=CHUNK + 1))
    if not chunk:
        return None
    if activation.stage is not Stage.TAKING:
        await show_stage(ports, activation_id, Stage.TAKING, after.taken)
    await ports.systems[activation.system].take(chunk, run_key(activation), activation.actor)
    taken = after.taken + len(chunk)
    await show_stage(ports, activation_id, Stage.TAKING, taken)
    return Mark(user=chunk[-1].user, module=chunk[-1].module, taken=taken)


def _whole_people(rows: Sequence[Removal]) -> Sequence[Removal]:
    """A chunk that parts no user's rows, unless one has more than fit; rows: one more than that."""
    chunk, beyond = rows[:CHUNK], rows[CHUNK:]
    if not beyond or beyond[0].user != chunk[-1].user or chunk[0].user == chunk[-1].user:
        return chunk
    return [each for each in chunk if each.user != chunk[-1].user]


async def show_stage(
    ports: Ports, activation_id: str, stage: Stage, taken: int | None = None
) -> None:
    """Say in the message how far it is, and how many seats were taken so far, where that grew."""
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        done = activation.done if taken is None else taken
        saved = await uow.save(advance(activation, stage, done))
        await update_card(uow, saved, ports.policy.channel)


async def install_offer(ports: Ports, activation_id: str) -> None:
    """Put the offer in force. Raises OfferRefused, SystemRefused, SystemUnavailable."""
    activation, offer = await _recall(ports, activation_id)
    await ports.systems[activation.system].install(offer, activation.actor)


async def is_in_force(ports: Ports, activation_id: str) -> bool:
    """Whether the system has the offer in force. Raises SystemUnavailable."""
    activation, offer = await _recall(ports, activation_id)
    installed = set_of(await ports.systems[activation.system].installed(), offer)
    return installed is not None and installed.same_as(offer.license)


async def read_back(ports: Ports, activation_id: str) -> Sequence[str]:
    """Compare the system with what was to come about. Returns the differences, in words.

    Raises SystemUnavailable.
    """
    activation, offer = await _recall(ports, activation_id)
    system = ports.systems[activation.system]
    await system.refresh()
    async with ports.store.read() as uow:
        removals = await uow.removals(activation_id)
    installed = set_of(await system.installed(), offer)
    differences = []
    if installed is None or not installed.same_as(offer.license):
        differences.append("The licence in force is not the one that was activated.")
    over = red(compare(installed, offer.license, await system.in_use()))
    if over:
        names = ", ".join(change.module.label for change in over)
        differences.append(f"More seats are in use than granted: {names}.")
    held = await system.held_by(sorted({removal.user for removal in removals}))
    if kept := _still_held(removals, held):
        still = "is still" if kept == 1 else "are still"
        differences.append(f"{count(kept, 'seat')} that should have gone {still} in use.")
    if missing := _not_given(removals, held):
        are = "is" if missing == 1 else "are"
        differences.append(f"{count(missing, 'seat')} to be given instead {are} missing.")
    return differences


def _still_held(removals: Sequence[Removal], held: Held) -> int:
    return sum(removal.module in held.get(removal.user, ()) for removal in removals)


def _not_given(removals: Sequence[Removal], held: Held) -> int:
    """Seats that licbot should have given; what people do by hand is theirs."""
    return sum(
        module not in held.get(removal.user, ())
        for removal in removals
        if not removal.done
        for module in removal.gives
    )


async def give_back(ports: Ports, activation_id: str) -> str:
    """Give back what the run took. Returns what could not be given back, in words.

    Raises SystemUnavailable.
    """
    activation, _ = await _recall(ports, activation_id)
    system = ports.systems[activation.system]
    left = await system.give_back(run_key(activation), activation.actor)
    if not left:
        return ""
    people = count(len({removal.user for removal in left}), "person", "people")
    return f"{count(len(left), 'seat')} of {people} could not be given back: no seat was free."


async def end_verified(ports: Ports, activation_id: str, run: int) -> None:
    """Say that the licence is active and checked; nothing where this run has ended already."""
    now = ports.clock.now()
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        if not _goes_on(activation, run):
            return
        verified = move(
            activation, ActivationState.VERIFIED, _as_before(activation, ports), "activated it"
        )
        saved = await uow.save(verified)
        uow.record(ActivationVerified(activation=saved.id, at=now, actor=activation.actor))
        await uow.write_poll_due(activation.system, now)
        await update_card(uow, saved, ports.policy.channel)


async def end_failed(ports: Ports, activation_id: str, run: int, why: str) -> None:
    """Say that it failed, and why; nothing where this run has ended already."""
    event = ActivationFailed(activation=activation_id, at=ports.clock.now(), detail=why)
    await _end(ports, run, ActivationState.FAILED, "could not activate it", event)


async def end_returned(ports: Ports, activation_id: str, run: int, why: str) -> None:
    """Go back to review before anything was taken, and say why; nothing where it has ended."""
    event = ActivationReturned(activation=activation_id, at=ports.clock.now(), detail=why)
    await _end(ports, run, ActivationState.REVIEW, "checked it again", event)


async def _end(ports: Ports, run: int, state: ActivationState, verb: str, event: Event) -> None:
    async with ports.store.begin() as uow:
        activation = await uow.activation(event.activation)
        if not _goes_on(activation, run):
            return
        act = Act(actor=LICBOT, at=event.at)
        saved = await uow.save(move(activation, state, act, verb, event.detail))
        uow.record(event)
        await update_card(uow, saved, ports.policy.channel)


def _goes_on(activation: Activation, run: int) -> bool:
    """A job that is done again may find that people have started the next run meanwhile."""
    return activation.state is ActivationState.ACTIVATING and activation.run == run


def _as_before(activation: Activation, ports: Ports) -> Act:
    """The person who pressed Activate stays the one who acted last."""
    return Act(actor=activation.actor, at=ports.clock.now())


async def _recall(ports: Ports, activation_id: str) -> tuple[Activation, Offer]:
    async with ports.store.read() as uow:
        activation = await uow.activation(activation_id)
        raw = await uow.offer_bytes(activation_id)
    return activation, await ports.systems[activation.system].recall_offer(raw)
