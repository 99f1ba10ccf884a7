"""The durable engine: jobs that survive the process. The only module that knows DBOS."""

import asyncio
import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, PortableWorkflowError
from dbos._error import DBOSMaxStepRetriesExceeded
from dbos._serialization import DBOSPortableJSONSerializer as JsonSerializer
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.errors import LicbotError
from licbot.ports.store import Job

VERSION = "1"
"""Raised on purpose when the order of steps in a workflow changes; older jobs then stay put."""

JOBS, LANES = "jobs", "lanes"

ATTEMPTS = 8
"""With a pause of one second that doubles each time: two minutes in all."""

R = TypeVar("R")


class Step(Protocol):
    """Runs a part of a job once and remembers what it returned, across restarts."""

    async def __call__(self, name: str, work: Callable[[], Awaitable[R]]) -> R:
        """Run it. ``work`` returns a JSON value; what it raises is tried again for some minutes.

        Raises GaveUp when that did not help.
        """
        ...


Workflow = Callable[..., Awaitable[None]]


class Engine:
    """Runs jobs durably, in the database that licbot uses."""

    def __init__(self, url: str, *, polling_seconds: float = 0.2, drain_seconds: int = 5) -> None:
        self._url = url
        self._workflows: Mapping[str, Workflow] = {}
        self._polling_seconds = polling_seconds
        self._drain_seconds = drain_seconds
        self._client: DBOSClient | None = None
        self.executor_id = _executor_id(url)

    def define(self, workflows: Mapping[str, Workflow]) -> None:
        """Say what each kind of job does; it is called with the job's arguments."""
        self._workflows = workflows

    async def start(self) -> None:
        """Create the engine's tables, register the queues and begin to work."""
        DBOS(config=self._config())
        for kind, workflow in self._workflows.items():
            DBOS.workflow(name=kind)(_named(kind, workflow))
        await asyncio.to_thread(DBOS.migrate, self._url)
        # Jobs that were left are taken up at the launch, and may hand over others.
        self._client = await asyncio.to_thread(
            DBOSClient, system_database_url=self._url, serializer=JsonSerializer()
        )
        # Before the launch: after it DBOS looks for queues once a second only.
        await self._client.register_queue_async(
            JOBS, worker_concurrency=8, polling_interval_sec=self._polling_seconds
        )
        await self._client.register_queue_async(
            LANES, partition_concurrency=1, polling_interval_sec=self._polling_seconds
        )
        DBOS.launch()

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name="licbot",
            system_database_url=self._url,
            application_version=VERSION,
            executor_id=self.executor_id,
            serializer=JsonSerializer(),
            log_level="WARNING",
            max_executor_threads=16,
            notification_listener_polling_interval_sec=1.0,
        )

    async def stop(self) -> None:
        """Let running steps end, then stop; what is left goes on after the next start."""
        running = await DBOS.list_workflows_async(
            status="PENDING", executor_id=self.executor_id, limit=1
        )
        # Asked to wait, DBOS waits a second at the least, even for nothing.
        await asyncio.to_thread(
            DBOS.destroy,
            destroy_registry=True,
            workflow_completion_timeout_sec=self._drain_seconds if running else 0,
        )
        # DBOS made its own threads the loop's, and closed them.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        # Only now: steps that were running may have handed over jobs.
        if self._client:
            await asyncio.to_thread(self._client.destroy)
            self._client = None

    async def enqueue(self, connection: AsyncConnection, job: Job) -> None:
        """Hand a job over within the caller's transaction; it runs only if that commits."""
        client = self._client
        if client is None:
            raise RuntimeError("the engine is not started")
        options = _options(job)

        def insert(sync: Connection) -> None:
            client.enqueue_in_transaction(sync, options, *job.arguments)

        await connection.run_sync(insert)

    async def adopt(self, executor_id: str) -> None:
        """Take over the jobs of a process that is surely dead."""
        # The public resume_workflow would drop the lane that a job waits in.
        recover = DBOS._recover_pending_workflows  # noqa: SLF001  there is no public twin
        await asyncio.to_thread(recover, [executor_id])

    async def forget_before(self, at: datetime) -> None:
        """Delete what the engine remembers of jobs from before a moment that have ended."""
        await asyncio.to_thread(_forget, at)


class GaveUp(LicbotError):
    """The licensed system could not be reached for some minutes. Try again later."""


async def run_step(name: str, work: Callable[[], Awaitable[R]], attempts: int = ATTEMPTS) -> R:
    """The engine's Step; see there."""

    async def body() -> R:
        return await work()

    try:
        return await DBOS.run_step_async(
            {
                "name": name,
                "retries_allowed": True,
                "max_attempts": attempts,
                "interval_seconds": 1.0,
                "backoff_rate": 2.0,
            },
            body,
        )
    except (DBOSMaxStepRetriesExceeded, PortableWorkflowError) as error:
        raise GaveUp from error


def _options(job: Job) -> EnqueueOptions:
    options: EnqueueOptions = {
        "workflow_name": job.kind,
        "queue_name": LANES if job.lane else JOBS,
        "app_version": VERSION,
    }
    if job.id:
        options["workflow_id"] = job.id
    if job.lane:
        options["queue_partition_key"] = job.lane
    return options


def _named(kind: str, workflow: Workflow) -> Workflow:
    async def run(*arguments: Any) -> None:
        await workflow(*arguments)

    run.__name__ = run.__qualname__ = f"licbot_{kind}"
    return run


def _executor_id(url: str) -> str:
    """SQLite has one process, which takes its own jobs up again; others are told apart."""
    if url.startswith("sqlite"):
        return "single"
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _forget(before: datetime) -> None:
    ended = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"], end_time=before.isoformat(), limit=1000
    )
    if ended:
        DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
