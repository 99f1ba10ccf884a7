"""Serves one request: once, within Slack's time, for those who may."""

import asyncio
import uuid
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

import structlog

from licbot.domain.errors import (
    ActivationEnded,
    LicbotError,
    NotAllowed,
    OfferRefused,
    Refused,
    RequirementUnmet,
    SystemRefused,
    SystemUnavailable,
    UnknownActivation,
)
from licbot.domain.people import Person, Role
from licbot.ports.conversation import Action, Reply, Request, Say
from licbot.ports.ports import Ports
from licbot.ports.texts import escape, mention

log = structlog.get_logger(__name__)

R = TypeVar("R")

BROKEN = (
    "Something went wrong in licbot, and what you asked for was not done. Try again; if it stays, "
    "give the people who run licbot this number: {number}"
)


FOREIGN = (OfferRefused, RequirementUnmet, SystemRefused, SystemUnavailable)
"""What they say may hold names out of files and systems."""


async def is_new(ports: Ports, key: str) -> bool:
    """Whether this delivery is seen for the first time.

    Slack repeats events, never clicks; a click whose effect was lost between this and its own
    transaction is answered with an error, and the person clicks again with a new key.
    """
    async with ports.store.begin() as uow:
        return await uow.first_time(key, ports.clock.now())


async def unless_slack_fails(work: Awaitable[object]) -> bool:
    """Carry out a reply, and whether Slack took it. What was asked for is done by then."""
    try:
        await work
    except Exception:  # outer edge: Slack, or the way to it, may fail in any manner
        log.exception("the reply did not reach Slack")
        return False
    return True


async def serve(request: Request, action: Action, ports: Ports) -> Reply:
    """The reply of a handler, or words that say why there is none. Raises nothing."""
    return await in_words(_serve(request, action, ports))


async def _serve(request: Request, action: Action, ports: Ports) -> Reply:
    person = await ports.messenger.person(request.user)
    if action.role not in await ports.advice.roles(person, ports):
        if action.role is not Role.ADMIN:
            raise NotAllowed
        await _ask_systems(person, ports)
    return await action.handler(replace(request, language=person.language), ports)


async def _ask_systems(person: Person, ports: Ports) -> None:
    """Let through whom a licensed system calls an administrator now, though it was not known.

    Raises NotAllowed, with what a system says that the person can do.
    """
    refused: list[LicbotError] = []
    for system in ports.systems.values():
        try:
            await system.confirm_administrator(person, named=False)
        except (NotAllowed, SystemUnavailable) as error:
            refused.append(error)
        else:
            return
    plain = NotAllowed()
    raise next((each for each in refused if each.message != plain.message), plain)


async def in_words(work: Awaitable[R]) -> R | Say:
    """The result, or what went wrong in words for people."""
    try:
        return await work
    except FOREIGN as error:
        return Say(text=escape(error.message))
    except Refused as error:
        last = f" Who acted last: {mention(error.actor)} {error.verb}." if error.actor else ""
        over = isinstance(error, ActivationEnded | UnknownActivation)
        return Say(text=f"{error.message}{last}", instead=over)
    except LicbotError as error:
        return Say(text=error.message)
    except asyncio.CancelledError:
        raise
    except Exception:  # outer edge: people get words and a number, the log gets the rest
        number = uuid.uuid4().hex[:8]
        log.exception("request failed", number=number)
        return Say(text=BROKEN.format(number=number))
