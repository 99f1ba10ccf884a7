"""What has to happen from time to time, whoever asks: polls, heartbeats, cleaning up."""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from licbot.flows.jobs import poll_job
from licbot.ports.ports import Ports
from licbot.ports.replicas import Replicas

log = structlog.get_logger(__name__)

TICK_SECONDS = 5.0
DEAD_AFTER = timedelta(seconds=45)
KEEP_REQUESTS = timedelta(days=1)
KEEP_JOBS = timedelta(days=7)


class Jobs(Protocol):
    """What the ticker asks of the engine; see Engine."""

    executor_id: str

    async def adopt(self, executor_id: str) -> None:
        """Take over the jobs of a process that is surely dead."""
        ...

    async def forget_before(self, at: datetime) -> None:
        """Delete what is remembered of jobs from before a moment that have ended."""
        ...


class Ticker:
    """Looks every few seconds at what is due."""

    def __init__(self, ports: Ports, engine: Jobs, replicas: Replicas) -> None:
        self._ports = ports
        self._engine = engine
        self._replicas = replicas
        self._cleaned: datetime | None = None

    async def run(self) -> None:
        """Tick until cancelled; a tick that fails is logged and the next one tries again."""
        while True:
            try:
                await self.tick()
            except Exception:  # outer edge: the loop must outlive a database that is away
                log.exception("tick failed")
            await asyncio.sleep(TICK_SECONDS)

    async def tick(self) -> None:
        """Do what is due now."""
        now = self._ports.clock.now()
        for system in self._ports.systems:
            await self._poll(system, now)
        await self._watch(now)
        if self._cleaned is None or now - self._cleaned > timedelta(hours=1):
            self._cleaned = now
            await self._replicas.forget_before(now - KEEP_REQUESTS)
            await self._engine.forget_before(now - KEEP_JOBS)

    async def poll_now(self) -> None:
        """Ask every issuer at the next tick, as after a start."""
        for system in self._ports.systems:
            async with self._ports.store.begin() as uow:
                await uow.write_poll_due(system, self._ports.clock.now())

    async def _poll(self, system: str, now: datetime) -> None:
        async with self._ports.store.read() as uow:
            due = await uow.poll_due(system)
        if due is not None and due > now:
            return
        async with self._ports.store.begin() as uow:
            await uow.enqueue(poll_job(system, int((due or now).timestamp())))
            again = now + timedelta(seconds=self._ports.policy.poll_seconds)
            await uow.write_poll_due(system, again)

    async def _watch(self, now: datetime) -> None:
        """A process that was not heard of for long is dead: its jobs are taken over."""
        await self._replicas.beat(self._engine.executor_id, now)
        for executor_id in await self._replicas.dead_replicas(now - DEAD_AFTER):
            if executor_id != self._engine.executor_id:
                log.warning("taking over the jobs of a dead process", executor=executor_id)
                await self._engine.adopt(executor_id)
                await self._replicas.forget_replica(executor_id)
