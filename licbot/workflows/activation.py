"""The workflows: what each kind of job does, in steps that are remembered."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from licbot.domain.activation import Stage
from licbot.domain.errors import OfferRefused, SystemRefused, SystemUnavailable
from licbot.flows import run
from licbot.flows.decide import decide_course
from licbot.flows.find import find_offers
from licbot.flows.listing import refresh_list
from licbot.flows.publish import publish_card
from licbot.ports.ports import Ports
from licbot.workflows.engine import GaveUp, Step, Workflow

log = structlog.get_logger(__name__)

R = TypeVar("R")

PACE_SECONDS = 1.0
"""Slack takes about one message a second in a channel."""

AGAIN_SECONDS = 60.0
"""How long to leave Slack or a system alone that was out of reach for some minutes."""


def workflows(
    ports: Ports, step: Step, pace: float = PACE_SECONDS, again: float = AGAIN_SECONDS
) -> Mapping[str, Workflow]:
    """Every kind of job with its workflow.

    pace: seconds between two messages in a channel. again: seconds to wait before what must be
    done is tried anew.
    """
    insist = _Insistent(step, again)

    async def activate(activation_id: str, number: int) -> None:
        await run_activation(ports, step, insist, activation_id, number)

    async def card(activation_id: str) -> None:
        # Slack may be away, or licbot not yet in the channel: nothing is lost by waiting.
        await insist("publish", lambda: publish_card(ports, activation_id))
        await asyncio.sleep(pace)

    async def decide(activation_id: str, previous: str) -> None:
        async def work() -> None:
            await decide_course(ports, activation_id, previous)

        await step("decide", work)

    async def poll(system: str) -> None:
        await step("find offers", lambda: _polled(ports, system))

    async def read_list(system: str, since: int) -> None:
        asked = datetime.fromtimestamp(since, UTC)
        await step("read the list", lambda: refresh_list(ports, system, asked))

    return {
        "activate": activate,
        "card": card,
        "decide": decide,
        "list": read_list,
        "poll": poll,
    }


async def _polled(ports: Ports, system: str) -> None:
    """Read the list, so that what is found can be acted on, and ask the issuer in any case."""
    try:
        await refresh_list(ports, system)
    except SystemUnavailable:
        await find_offers(ports, system)
        raise
    await find_offers(ports, system)


async def run_activation(
    ports: Ports, step: Step, insist: Step, activation_id: str, number: int
) -> None:
    """Check again, take the seats, install, read back, tell; give back where it is refused.

    step: for what may be given up. insist: for what may not. number: of the run.
    """
    against = await _tried(step, "check again", lambda: run.check_again(ports, activation_id))
    if against:
        await insist(
            "return to review", lambda: run.end_returned(ports, activation_id, number, against)
        )
        return
    refused = await _take_all(ports, step, activation_id)
    if not refused:
        await insist("show", lambda: run.show_stage(ports, activation_id, Stage.INSTALLING))
        refused = await _installed(ports, step, insist, activation_id)
    if refused:
        await _undo(ports, insist, activation_id, number, refused)
    else:
        await _verify(ports, insist, activation_id, number)


class _Insistent:
    """A Step for what cannot be left undone, however long the system is out of reach."""

    def __init__(self, step: Step, again: float) -> None:
        self._step = step
        self._again = again

    async def __call__(self, name: str, work: Callable[[], Awaitable[R]]) -> R:
        while True:
            try:
                return await self._step(name, work)
            except GaveUp:
                log.warning("still out of reach; trying again", step=name)
                await asyncio.sleep(self._again)


async def _take_all(ports: Ports, step: Step, activation_id: str) -> str:
    mark = run.Mark()
    while True:
        taken = await _taken(step, partial(_take, ports, activation_id, mark))
        if taken["refused"] or not taken["mark"]:
            return str(taken["refused"])
        mark = run.Mark(*taken["mark"])


async def _taken(step: Step, work: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    try:
        return await step("take seats", work)
    except GaveUp as gave_up:
        return {"refused": gave_up.message, "mark": None}


async def _take(ports: Ports, activation_id: str, after: run.Mark) -> dict[str, Any]:
    """As JSON, since the engine keeps what a step returned."""
    try:
        mark = await run.take_chunk(ports, activation_id, after)
    except (OfferRefused, SystemRefused) as refused:
        return {"refused": refused.message, "mark": None}
    return {"refused": "", "mark": mark and list(mark)}


async def _installed(ports: Ports, step: Step, insist: Step, activation_id: str) -> str:
    """Install, and say what the system has against it."""
    refused = await _tried(step, "install", lambda: _install(ports, activation_id))
    if not refused:
        return ""
    # Its answer may be lost though the licence is in force: look, never guess.
    in_force = await insist("look", lambda: run.is_in_force(ports, activation_id))
    return "" if in_force else refused


async def _install(ports: Ports, activation_id: str) -> str:
    try:
        await run.install_offer(ports, activation_id)
    except (OfferRefused, SystemRefused) as refused:
        return refused.message
    return ""


async def _verify(ports: Ports, insist: Step, activation_id: str, number: int) -> None:
    await insist("show", lambda: run.show_stage(ports, activation_id, Stage.READING_BACK))

    async def differences() -> str:
        return " ".join(await run.read_back(ports, activation_id))

    wrong = await insist("read back", differences)
    if wrong:
        why = f"The system took the licence, but reading it back shows: {wrong}"
        await insist("tell", lambda: run.end_failed(ports, activation_id, number, why))
    else:
        await insist("tell", lambda: run.end_verified(ports, activation_id, number))


async def _undo(ports: Ports, insist: Step, activation_id: str, number: int, refused: str) -> None:
    await insist("show", lambda: run.show_stage(ports, activation_id, Stage.GIVING_BACK))
    left = await insist("give back", lambda: run.give_back(ports, activation_id))
    why = " ".join(part for part in (refused, left) if part)
    await insist("tell", lambda: run.end_failed(ports, activation_id, number, why))


async def _tried(step: Step, name: str, work: Callable[[], Awaitable[str]]) -> str:
    """What speaks against going on; a system that stays out of reach does."""
    try:
        return await step(name, work)
    except GaveUp as gave_up:
        return gave_up.message
