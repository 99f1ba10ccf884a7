"""The workflows: what each kind of job does, in steps that are remembered."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from licbot.domain.activation import Stage
from licbot.domain.errors import OfferRefused, SystemRefused
from licbot.flows import run
from licbot.flows.decide import decide_course
from licbot.flows.find import find_offers
from licbot.flows.publish import publish_card
from licbot.ports.ports import Ports
from licbot.workflows.engine import GaveUp, Step, Workflow

PACE_SECONDS = 1.0
"""Slack takes about one message a second in a channel."""


def workflows(ports: Ports, step: Step, pace: float = PACE_SECONDS) -> Mapping[str, Workflow]:
    """Every kind of job with its workflow."""

    async def activate(activation_id: str, _run: int) -> None:
        await run_activation(ports, step, activation_id)

    async def card(activation_id: str, version: int) -> None:
        async def work() -> bool:
            return await publish_card(ports, activation_id, version)

        if await step("publish", work):
            await asyncio.sleep(pace)

    async def decide(activation_id: str, previous: str) -> None:
        async def work() -> None:
            await decide_course(ports, activation_id, previous)

        await step("decide", work)

    async def poll(system: str) -> None:
        async def work() -> None:
            await find_offers(ports, system)

        await step("find offers", work)

    return {"activate": activate, "card": card, "decide": decide, "poll": poll}


async def run_activation(ports: Ports, step: Step, activation_id: str) -> None:
    """Check again, take the seats, install, read back, tell; give back where it is refused."""
    against = await _tried(step, "check again", lambda: run.check_again(ports, activation_id))
    if against:
        await step("return to review", lambda: run.end_returned(ports, activation_id, against))
        return
    refused = await _take_all(ports, step, activation_id)
    if not refused:
        await step("show", lambda: run.show_stage(ports, activation_id, Stage.INSTALLING))
        refused = await _tried(step, "install", lambda: _install(ports, activation_id))
    if refused:
        await _undo(ports, step, activation_id, refused)
    else:
        await _verify(ports, step, activation_id)


async def _take_all(ports: Ports, step: Step, activation_id: str) -> str:
    mark = ("", "")
    while True:
        taken = await _taken(step, partial(_take, ports, activation_id, mark))
        if taken["refused"] or not taken["mark"]:
            return str(taken["refused"])
        mark = (taken["mark"][0], taken["mark"][1])


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
    return {"refused": "", "mark": mark}


async def _install(ports: Ports, activation_id: str) -> str:
    try:
        await run.install_offer(ports, activation_id)
    except (OfferRefused, SystemRefused) as refused:
        return refused.message
    return ""


async def _verify(ports: Ports, step: Step, activation_id: str) -> None:
    await step("show", lambda: run.show_stage(ports, activation_id, Stage.READING_BACK))

    async def differences() -> str:
        return " ".join(await run.read_back(ports, activation_id))

    wrong = await _tried(step, "read back", differences)
    if wrong:
        why = f"The system took the licence, but reading it back shows: {wrong}"
        await step("tell", lambda: run.end_failed(ports, activation_id, why))
    else:
        await step("tell", lambda: run.end_verified(ports, activation_id))


async def _undo(ports: Ports, step: Step, activation_id: str, refused: str) -> None:
    await step("show", lambda: run.show_stage(ports, activation_id, Stage.GIVING_BACK))
    left = await _tried(step, "give back", lambda: run.give_back(ports, activation_id))
    why = " ".join(part for part in (refused, left) if part)
    await step("tell", lambda: run.end_failed(ports, activation_id, why))


async def _tried(step: Step, name: str, work: Callable[[], Awaitable[str]]) -> str:
    """What speaks against going on; a system that stays out of reach does."""
    try:
        return await step(name, work)
    except GaveUp as gave_up:
        return gave_up.message
