"""Plan who loses a seat. Nothing is taken from anyone here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from licbot.domain.activation import Act, require_open, touch
from licbot.domain.events import RemovalsPlanned
from licbot.domain.people import HolderQuery
from licbot.domain.removals import (
    Held,
    Removal,
    dependencies,
    keep_done,
    plan_removals,
    settle_ticks,
)
from licbot.flows.jobs import update_card
from licbot.flows.look import is_guided
from licbot.ports.conversation import Selection
from licbot.ports.ports import Ports
from licbot.ports.store import Pick, UnitOfWork

Choose = Callable[[Mapping[str, Pick]], Mapping[str, bool]]


async def tick_holders(
    ports: Ports, activation_id: str, module: str, actor: str, groups: Sequence[Selection]
) -> int:
    """Follow check boxes that a person changed. Returns how many picks changed.

    Raises ActivationRunning, ActivationEnded, UnknownActivation, SystemUnavailable.
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

    return await _plan(ports, activation_id, module, actor, sorted(drawn), choose, drawn)


async def pick_holders(
    ports: Ports, activation_id: str, module: str, actor: str, users: Sequence[str]
) -> int:
    """Pick these holders too. Returns how many picks changed. Raises as tick_holders does."""

    def choose(picks: Mapping[str, Pick]) -> Mapping[str, bool]:
        return {user: True for user in users if user not in picks or not picks[user].picked}

    return await _plan(ports, activation_id, module, actor, users, choose)


async def pick_least_recent(
    ports: Ports, activation_id: str, query: HolderQuery, actor: str
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
    return await pick_holders(ports, activation_id, query.module, actor, users)


async def clear_picks(ports: Ports, activation_id: str, module: str, actor: str) -> int:
    """Take back all picks of one licence. Returns how many. Raises as tick_holders does."""
    async with ports.store.read() as uow:
        picks = await uow.picks(activation_id, module)
    users = sorted(user for user, pick in picks.items() if pick.picked)

    def choose(picks: Mapping[str, Pick]) -> Mapping[str, bool]:
        return {user: False for user, pick in picks.items() if pick.picked}

    return await _plan(ports, activation_id, module, actor, users, choose)


async def _plan(
    ports: Ports,
    activation_id: str,
    module: str,
    actor: str,
    users: Sequence[str],
    choose: Choose,
    drawn: Mapping[str, str] | None = None,
) -> int:
    async with ports.store.read() as uow:
        system = ports.systems[(await uow.activation(activation_id)).system]
    held = await system.held_by(users)
    depends = dependencies(await system.installed())
    guided = await is_guided(system)
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        require_open(activation)
        by_hand = await _taken_by_hand(uow, activation_id, users, held) if guided else []
        wanted = _possible(choose(await uow.picks(activation_id, module, users)), held, module)
        wanted = _without(wanted, module, by_hand)
        if not wanted:
            return 0
        act = Act(actor=actor, at=ports.clock.now())
        await uow.write_picks(activation_id, module, wanted, actor, act.at, drawn)
        changed = sorted(wanted)
        picked = await uow.picked(activation_id, changed)
        plan = keep_done(plan_removals(picked, held, depends), by_hand, picked, held)
        await uow.write_removals(activation_id, changed, plan)
        if guided:
            await _look_soon(ports, uow, activation.system)
        saved = await uow.save(touch(activation, act, _verb(wanted)))
        _record(uow, activation_id, act, wanted)
        await update_card(uow, saved, ports.policy.channel)
        return len(wanted)


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


def _record(uow: UnitOfWork, activation_id: str, act: Act, wanted: Mapping[str, bool]) -> None:
    picked = sum(wanted.values())
    uow.record(
        RemovalsPlanned(
            activation=activation_id,
            at=act.at,
            actor=act.actor,
            detail=f"+{picked} -{len(wanted) - picked}",
        )
    )
