"""Decide what follows on a found offer: activate at once, or wait for people."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from licbot.domain.activation import Act, ActivationState, move
from licbot.domain.changes import Change, red
from licbot.domain.errors import OfferRefused, Refused
from licbot.domain.events import RemovalsPlanned
from licbot.domain.removals import (
    Dependencies,
    Held,
    Instead,
    Removal,
    dependencies,
    keep_done,
    plan_removals,
)
from licbot.domain.replacements import can_replace
from licbot.domain.review import Review
from licbot.flows.find import LICBOT, is_undecided
from licbot.flows.jobs import update_card
from licbot.flows.look import is_guided, look
from licbot.flows.start import start_activation
from licbot.ports.ports import Ports
from licbot.ports.store import UnitOfWork


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What is taken over from the activation before: the picks, with the plans that are to be given
    instead, and what they come to.
    """

    picks: Held = field(default_factory=dict)
    instead: Instead = field(default_factory=dict)
    removals: Sequence[Removal] = ()


async def decide_course(ports: Ports, activation_id: str, previous: str) -> None:
    """Let an offer go its way; doing it again changes nothing.

    An offer that is in review because its day had not come may go its way then. previous: the
    activation it supersedes, whose picks are taken over where they are still needed; empty where
    there is none. Raises SystemUnavailable.
    """
    review = await look(ports, activation_id)
    if not is_undecided(review.activation):
        return
    if ports.policy.automatic and _needs_nobody(review):
        try:
            await start_activation(
                ports, activation_id, LICBOT, confirmed=review.digest, automatic=True
            )
            return
        except (Refused, OfferRefused):
            pass  # something changed in between: people decide
    plan = await _carried_over(ports, review, previous) if previous else _Plan()
    await _open_review(ports, activation_id, plan)


def _needs_nobody(review: Review) -> bool:
    """Whether it can be activated without anybody losing anything."""
    surplus = any(change.surplus for change in review.changes)
    return review.is_clear and not surplus and not review.removals


async def _open_review(ports: Ports, activation_id: str, plan: _Plan) -> None:
    act = Act(actor=LICBOT, at=ports.clock.now())
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        if activation.state is not ActivationState.FOUND:
            return
        saved = await uow.save(move(activation, ActivationState.REVIEW, act, "found this licence"))
        if plan.picks:
            await _write(uow, activation_id, plan, act)
        await update_card(uow, saved, ports.policy.channel)


async def _write(uow: UnitOfWork, activation_id: str, plan: _Plan, act: Act) -> None:
    for module in sorted(frozenset().union(*plan.picks.values())):
        wanted = {user: True for user, modules in plan.picks.items() if module in modules}
        instead = {user: plan.instead.get((user, module), "") for user in wanted}
        await uow.write_picks(activation_id, module, wanted, act.actor, act.at, instead=instead)
    await uow.write_removals(activation_id, sorted(plan.picks), plan.removals)
    picked = sum(len(modules) for modules in plan.picks.values())
    uow.record(
        RemovalsPlanned(
            activation=activation_id, at=act.at, actor=act.actor, detail=f"+{picked} -0"
        )
    )


async def _carried_over(ports: Ports, review: Review, previous: str) -> _Plan:
    async with ports.store.read() as uow:
        picked = await uow.picked(previous)
        stored = await uow.removals(previous)
        instead = await uow.replacements(previous)
    system = ports.systems[review.activation.system]
    held = await system.held_by(sorted(picked))
    depends = dependencies(await system.installed())
    wanted = _without(picked, _not_to_be_had(instead, review))
    picks = still_needed(wanted, held, depends, red(review.changes), instead)
    plan = plan_removals(picks, held, depends, instead)
    if not await is_guided(system):
        return _Plan(picks=picks, instead=instead, removals=plan)
    # What people took by hand for the licence before is on record with this one.
    done = [each for each in stored if each.module not in held.get(each.user, frozenset())]
    picks = {**picks, **{each.user: picked[each.user] for each in done if each.user in picked}}
    return _Plan(picks=picks, instead=instead, removals=keep_done(plan, done, picks, held))


def _not_to_be_had(instead: Instead, review: Review) -> frozenset[tuple[str, str]]:
    """Picks of people who were to get a plan that cannot be given any longer.

    They were never meant to be left without.
    """
    return frozenset(
        (user, module)
        for (user, module), plan in instead.items()
        if not can_replace(module, plan, review.installed, review.offer.license)
    )


def _without(picked: Held, gone: frozenset[tuple[str, str]]) -> Held:
    return {
        user: frozenset(module for module in modules if (user, module) not in gone)
        for user, modules in picked.items()
    }


def still_needed(
    picked: Held,
    held: Held,
    depends: Dependencies,
    short: Sequence[Change],
    instead: Instead | None = None,
) -> Held:
    """Those of the picks that these changes need, and no more than they need.

    A pick counts only where the user still holds the licence and no other pick takes it along.
    instead: the plans that are to be given in place of what is picked.
    """
    kept: dict[str, frozenset[str]] = {}
    for change in short:
        module = change.module.key
        plan = plan_removals(kept, held, depends, instead)
        losing = {each.user for each in plan if each.module == module}
        free = [
            user
            for user in sorted(picked)
            if module in picked[user] & held.get(user, frozenset()) and user not in losing
        ]
        for user in free[: max(0, change.surplus - len(losing))]:
            kept[user] = kept.get(user, frozenset()) | {module}
    return kept
