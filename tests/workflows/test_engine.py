"""What licbot relies on in its durable engine; it guards every upgrade of DBOS."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from licbot.ports.store import Job
from licbot.store.database import SqlDatabase, normalise, open_database
from licbot.workflows.engine import Engine, GaveUp, run_step

WITHIN_SECONDS = 20


class Bench:
    """An engine whose jobs note what they were called with."""

    def __init__(self, engine: Engine, database: SqlDatabase) -> None:
        self.engine = engine
        self.database = database
        self.done: list[tuple[str | int, ...]] = []
        self.running = 0
        self.most_at_once = 0
        self._news = asyncio.Event()

    async def note(self, *arguments: str | int) -> None:
        """A job: notes its arguments, in a step."""
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)

        async def work() -> None:
            await asyncio.sleep(0)

        await run_step("note", work)
        self.running -= 1
        self.done.append(arguments)
        self._news.set()

    async def until(self, count: int) -> None:
        """Wait until so many jobs have noted something."""
        async with asyncio.timeout(WITHIN_SECONDS):
            while len(self.done) < count:
                self._news.clear()
                await self._news.wait()

    async def hand_over(self, *jobs: Job) -> None:
        """Commit these jobs."""
        async with self.database.begin() as connection:
            for job in jobs:
                await self.engine.enqueue(connection, job)


@asynccontextmanager
async def bench(url: str) -> AsyncIterator[Bench]:
    """A started engine."""
    database = await open_database(url)
    engine = Engine(normalise(url).synchronous, polling_seconds=0.05)
    made = Bench(engine, database)
    engine.define({"note": made.note})
    await engine.start()
    try:
        yield made
    finally:
        await engine.stop()
        await database.close()


async def test_a_job_runs_once_its_transaction_is_committed(database_url: str) -> None:
    async with bench(database_url) as at:
        await at.hand_over(Job(kind="note", arguments=("kept", 7)))
        await at.until(1)

        assert at.done == [("kept", 7)]


async def test_a_job_of_a_transaction_that_was_undone_never_runs(database_url: str) -> None:
    async with bench(database_url) as at:
        with pytest.raises(ZeroDivisionError):
            await _undone(at, Job(kind="note", arguments=("lost",)))
        await at.hand_over(Job(kind="note", arguments=("kept",)))
        await at.until(1)

        assert at.done == [("kept",)]


async def _undone(at: Bench, job: Job) -> None:
    async with at.database.begin() as connection:
        await at.engine.enqueue(connection, job)
        raise ZeroDivisionError


async def test_jobs_of_one_id_are_one_job(database_url: str) -> None:
    async with bench(database_url) as at:
        twice = Job(kind="note", arguments=("same",), id="same")
        await at.hand_over(twice, twice)
        await at.hand_over(twice, Job(kind="note", arguments=("other",)))
        await at.until(2)

        assert sorted(at.done) == [("other",), ("same",)]


async def test_jobs_of_one_lane_run_one_after_another(database_url: str) -> None:
    async with bench(database_url) as at:
        await at.hand_over(*(Job(kind="note", arguments=(n,), lane="C1") for n in range(4)))
        await at.until(4)

        assert sorted(at.done) == [(n,) for n in range(4)]
        assert at.most_at_once == 1


async def test_a_step_that_cannot_be_done_gives_up(sqlite_url: str) -> None:
    async with bench(sqlite_url) as at:
        gave_up = asyncio.Event()

        async def fails() -> None:
            raise OSError

        async def job() -> None:
            try:
                await run_step("fails", fails, attempts=1)
            except GaveUp:
                gave_up.set()

        at.engine.define({"note": at.note, "job": job})
        await at.engine.stop()
        await at.engine.start()
        await at.hand_over(Job(kind="job"))
        async with asyncio.timeout(WITHIN_SECONDS):
            await gave_up.wait()


async def test_it_stops_when_the_job_that_runs_has_ended(database_url: str) -> None:
    async with bench(database_url) as at:
        began, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            began.set()
            await may_end.wait()

        async def job() -> None:
            await run_step("slow", slow)
            ended.set()

        at.engine.define({"note": at.note, "job": job})
        await at.engine.stop()
        await at.engine.start()
        await at.hand_over(Job(kind="job"))
        async with asyncio.timeout(WITHIN_SECONDS):
            await began.wait()
            stopping = asyncio.create_task(at.engine.stop())
            assert await asyncio.wait([stopping], timeout=1) == (set(), {stopping})
            may_end.set()
            await stopping

        assert ended.is_set()
        await at.engine.start()


CHILD = """
import asyncio, sys
from licbot.ports.store import Job
from licbot.store.database import normalise, open_database
from licbot.workflows.engine import Engine

async def main(url):
    database = await open_database(url)
    engine = Engine(normalise(url).synchronous, polling_seconds=0.05)

    async def note(word):
        print(engine.executor_id, flush=True)
        await asyncio.Event().wait()

    engine.define({"note": note})
    await engine.start()
    async with database.begin() as connection:
        await engine.enqueue(connection, Job(kind="note", arguments=("left",), lane="C1"))
    await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


async def test_the_jobs_of_a_process_that_was_killed_are_taken_up(
    database_url: str, database_kind: str, tmp_path: Path
) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(script), database_url, stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert child.stdout is not None
    async with asyncio.timeout(WITHIN_SECONDS):
        executor_id = (await child.stdout.readline()).decode().strip()
    child.send_signal(signal.SIGKILL)
    await child.wait()

    async with bench(database_url) as at:
        if database_kind == "postgresql":  # SQLite has one process, which takes up its own
            await at.engine.adopt(executor_id)
        await at.until(1)

        assert at.done == [("left",)]
