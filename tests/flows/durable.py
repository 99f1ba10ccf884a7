"""Jobs that are done step by step, killed and done again, as the engine may do it."""

import json
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from licbot.domain.errors import SystemUnavailable
from licbot.ports.ports import Ports
from licbot.ports.store import Job
from licbot.workflows.activation import workflows
from licbot.workflows.engine import GaveUp

Snapshot = Callable[[], Awaitable[object]]
"""Takes down everything that doing a step twice must not change."""


class How(StrEnum):
    """What becomes of the next step of a job."""

    DONE = "it is done and remembered"
    LOST = "it is done, and the process dies before that is remembered"
    TWICE = "it is done twice, as where two processes take it up"
    GIVEN_UP = "where the system is out of reach, it is given up"


class Stopped(Exception):
    """The process ends here; the job goes on from what is remembered."""


class DurableJob:
    """A job with what is remembered of its steps. given_up: the names of those given up."""

    def __init__(self, job: Job, ports: Ports, snapshot: Snapshot) -> None:
        self.job = job
        self.given_up: list[str] = []
        self.ended = False
        self._snapshot = snapshot
        self._work = workflows(ports, self._step, pace=0, again=0)[job.kind]
        self._remembered: list[Any] = []
        self._replayed = 0
        self._how: How | None = None

    async def go_on(self, how: How) -> None:
        """Do one more step, after everything that is remembered."""
        self._replayed, self._how = 0, how
        try:
            await self._work(*self.job.arguments)
            self.ended = True
        except Stopped:
            pass
        except GaveUp:
            self.ended = True

    async def _step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        if self._replayed == len(self._remembered):
            await self._next(name, work)
        result = self._remembered[self._replayed]
        self._replayed += 1
        if isinstance(result, GaveUp):
            raise result
        return result

    async def _next(self, name: str, work: Callable[[], Awaitable[Any]]) -> None:
        how, self._how = self._how, None
        if how is None:
            raise Stopped
        try:
            result = await work()
            if how is How.TWICE:
                first, once = result, await self._snapshot()
                result = await work()
                # A system that refused the first time may have come round.
                assert result != first or await self._snapshot() == once
        except SystemUnavailable:
            if how is not How.GIVEN_UP or name == "publish":  # which never gives up
                raise Stopped from None
            self.given_up.append(name)
            result = GaveUp()
        if how is How.LOST:
            raise Stopped
        self._remembered.append(_as_kept(result))


def _as_kept(result: Any) -> Any:
    """The engine keeps results as JSON."""
    return result if isinstance(result, GaveUp) else json.loads(json.dumps(result))
