"""Plan who loses a seat. Nothing is taken from anyone here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from licbot.domain.activation import Act, require_open, touch
from licbot.domain.errors import CannotReassign
from licbot.domain.events import RemovalsPlanned
from licbot.domain.licenses import LicenseSet, Offer
from licbot.domain.people import HolderQuery
from licbot.domain.removals import (
    Held,
    Removal,
    dependencies,
    keep_done,
    plan_removals,
    settle_ticks,
)
from licbot.domain.replacements import can_replace
from licbot.flows.jobs import update_card
from licbot.flows.look import is_guided, set_of
from licbot.ports.conversation import Selection
from licbot.ports.ports import Ports
from licbot.ports.store import Pick, UnitOfWork

Choose = Callable[[Mapping[str, Pick]], Mapping[str, bool]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wish:
    """What a person wants of the holders of a licence.

    drawn: the check boxes it was said with, by user. instead: the plan that those whom they pick
    are to get.
    """

    module: str
    actor: str
    users: Sequence[str]
    choose: Choose
    drawn: Mapping[str, str] = field(default_factory=dict)
    instead: str = ""


async def tick_holders(
    ports: Ports,
    activation_id: str,
    module: str,
    actor: str,
    groups: Sequence[Selection],
    instead: str = "",
) -> int:
    """Follow check boxes that a person changed. Returns how many picks changed.

    instead: the key of the plan that those who are picked now get; empty where they just lose the
    licence. Raises ActivationRunning, ActivationEnded, UnknownActivation, SystemUnavailable, and
    CannotReassign where somebody can't be given that plan.
    """
    drawn = {user: group.block_id for group in groups for user in group.listed}

    def choose(picks: Mapping[str, Pick]) -> Mapping[str, bool]:
        return settle_ticks(
            listed=frozenset(drawn),
            shown=frozenset().union(*(group.shown for group in groups)),
            ticked=frozenset().union(*(group.ticked for group in groups)),
            current=frozenset(user for user, pick in picks.items() if pick.picked),
            # Who ticks quickly has boxes before them that were drawn before their last tick.
            mine=frozenset(
                user
                for user, pick in picks.items()
                if (pick.actor, pick.group) == (actor, drawn[user])
            ),
        )

    users = sorted(drawn)
    wish = _Wish(
        module=module, actor=actor, users=users, choose=choose, drawn=drawn, instead=instead
    )
    return await _plan(ports, activation_id, wish)


async def pick_holders(
    ports: Ports,
    activation_id: str,
    module: str,
    actor: str,
    users: Sequence[str],
    instead: str = "",
) -> int:
    """Pick these holders too. Returns how many picks changed. Raises as tick_holders does."""

    def choose(picks: Mapping[str, Pick]) -> Mapping[str, bool]:
        return {user: True for user in users if user not in picks or not picks[user].picked}

    wish = _Wish(module=module, actor=actor, users=users, choose=choose, instead=instead)
    return await _plan(ports, activation_id, wish)


async def pick_least_recent(
    ports: Ports, activation_id: str, query: HolderQuery, actor: str, instead: str = ""
) -> int:
    """Pick the ``query.limit`` least recently signed in of the holders that match.

    Those who lose it already do not count, nor do people whose last sign-in is unknown. Returns how
    many were picked. Raises as tick_holders does.
    """
    async with ports.store.read() as uow:
        activation = await uow.activation(activation_id)
        require_open(activation)
        removals = await uow.removals(activation_id)
    skip = frozenset(each.user for each in removals if each.module == query.module)
    users = await ports.systems[activation.system].least_recent(query, skip)
    return await pick_holders(ports, activation_id, query.module, actor, users, instead)


async def clear_picks(ports: Ports, activation_id: str, module: str, actor: str) -> int:
    """Take back all picks of one licence. Returns how many. Raises as tick_holders does."""
    async with ports.store.read() as uow:
        picks = await uow.picks(activation_id, module)
    users = sorted(user for user, pick in picks.items() if pick.picked)

    def choose(picks: Mapping[str, Pick]) -> Mapping[str, bool]:
        return {user: False for user, pick in picks.items() if pick.picked}

    wish = _Wish(module=module, actor=actor, users=users, choose=choose)
    return await _plan(ports, activation_id, wish)


async def _plan(ports: Ports, activation_id: str, wish: _Wish) -> int:
    module, users = wish.module, wish.users
    async with ports.store.read() as uow:
        system = ports.systems[(await uow.activation(activation_id)).system]
        raw = await uow.offer_bytes(activation_id)
    sets = await system.installed()
    if wish.instead:
        _require_replacement(wish, sets, await system.recall_offer(raw))
    held = await system.held_by(users)
    depends = dependencies(sets)
    guided = await is_guided(system)
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        require_open(activation)
        by_hand = await _taken_by_hand(uow, activation_id, users, held) if guided else []
        wanted = wish.choose(await uow.picks(activation_id, module, users))
        wanted = _possible(wanted, held, module)
        wanted = _without(wanted, module, by_hand)
        if not wanted:
            return 0
        act = Act(actor=wish.actor, at=ports.clock.now())
        instead = {user: wish.instead for user, tick in wanted.items() if tick}
        await uow.write_picks(activation_id, module, wanted, act.actor, act.at, wish.drawn, instead)
        changed = sorted(wanted)
        picked = await uow.picked(activation_id, changed)
        replaced = await uow.replacements(activation_id, changed)
        plan = plan_removals(picked, held, depends, replaced)
        _require_possible(plan, wish, instead)
        plan = keep_done(plan, by_hand, picked, held)
        await uow.write_removals(activation_id, changed, plan)
        if guided:
            await _look_soon(ports, uow, activation.system)
        saved = await uow.save(touch(activation, act, _verb(wanted)))
        _record(uow, activation_id, act, wanted, wish.instead)
        await update_card(uow, saved, ports.policy.channel)
        return len(wanted)


def _require_replacement(wish: _Wish, sets: Sequence[LicenseSet], offer: Offer) -> None:
    if not can_replace(wish.module, wish.instead, set_of(sets, offer), offer.license):
        raise CannotReassign(
            "This plan can't be given instead any longer. Open the list anew to see which ones can."
        )


def _require_possible(plan: Sequence[Removal], wish: _Wish, picked: Mapping[str, str]) -> None:
    """Nobody is picked for a plan that they can't be given."""
    mine = [each for each in plan if each.module == wish.module and each.user in picked]
    stuck = {each.user for each in mine if each.is_stuck}
    if stuck:
        who = f"{len(stuck):,} of them" if len(picked) > 1 else "This person"
        raise CannotReassign(
            f"{who} can't be given the other plan: they lack, or are to lose, something that it "
            "needs. Nobody was picked. Let them lose the licence, or pick others."
        )


async def _taken_by_hand(
    uow: UnitOfWork, activation_id: str, users: Sequence[str], held: Held
) -> Sequence[Removal]:
    """Planned seats that their users hold no longer; what is done stays on record."""
    asked = frozenset(users)
    stored = await uow.removals(activation_id)
    return [
        each
        for each in stored
        if each.user in asked and each.module not in held.get(each.user, frozenset())
    ]


def _without(
    wanted: Mapping[str, bool], module: str, done: Sequence[Removal]
) -> Mapping[str, bool]:
    gone = {removal.user for removal in done if removal.module == module}
    return {user: tick for user, tick in wanted.items() if user not in gone}


async def _look_soon(ports: Ports, uow: UnitOfWork, system: str) -> None:
    """Look by itself whether people took the seats, sooner than the issuer is asked."""
    soon = ports.clock.now() + timedelta(seconds=ports.policy.recheck_seconds)
    due = await uow.poll_due(system)
    if due is None or due > soon:
        await uow.write_poll_due(system, soon)


def _possible(wanted: Mapping[str, bool], held: Held, module: str) -> Mapping[str, bool]:
    """Only holders can be picked; anyone can be let go."""
    return {
        user: tick
        for user, tick in wanted.items()
        if not tick or module in held.get(user, frozenset())
    }


def _verb(wanted: Mapping[str, bool]) -> str:
    return "picked people" if any(wanted.values()) else "let people keep their seats"


def _record(
    uow: UnitOfWork, activation_id: str, act: Act, wanted: Mapping[str, bool], instead: str
) -> None:
    picked = sum(wanted.values())
    swapped = f" ~{picked}" if instead and picked else ""
    uow.record(
        RemovalsPlanned(
            activation=activation_id,
            at=act.at,
            actor=act.actor,
            detail=f"+{picked} -{len(wanted) - picked}{swapped}",
        )
    )
