"""What comes due is done, by whichever process looks first, and once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from licbot.ports.ports import Ports
from licbot.testing import FakeClock, MemoryStore, MemorySystem, ports
from licbot.workflows.ticker import DEAD_AFTER, KEEP_JOBS, KEEP_REQUESTS, Ticker

HOUR = timedelta(hours=1)


class Jobs:
    """Stands in for the engine: keeps what it was asked."""

    executor_id = "me"

    def __init__(self) -> None:
        self.adopted: list[str] = []
        self.forgotten: list[datetime] = []

    async def adopt(self, executor_id: str) -> None:
        self.adopted.append(executor_id)

    async def forget_before(self, at: datetime) -> None:
        self.forgotten.append(at)


class Beats:
    """Heartbeats in memory."""

    def __init__(self) -> None:
        self.at: dict[str, datetime] = {}
        self.forgotten: list[datetime] = []

    async def beat(self, executor_id: str, at: datetime) -> None:
        self.at[executor_id] = at

    async def dead_replicas(self, before: datetime) -> Sequence[str]:
        return [each for each, at in self.at.items() if at < before]

    async def forget_replica(self, executor_id: str) -> None:
        del self.at[executor_id]

    async def forget_before(self, at: datetime) -> int:
        self.forgotten.append(at)
        return 0


class Bench:
    """A ticker with everything around it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore()
        self.ports: Ports = ports(MemorySystem(self.clock), store=self.store, clock=self.clock)
        self.jobs = Jobs()
        self.beats = Beats()
        self.ticker = Ticker(self.ports, self.jobs, self.beats)

    def polls(self) -> list[str | None]:
        return [job.id for job in self.store.take_jobs() if job.kind == "poll"]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_the_issuer_is_asked_at_the_first_tick_and_after_every_interval(
    bench: Bench,
) -> None:
    await bench.ticker.tick()
    assert len(bench.polls()) == 1
    bench.clock.advance(HOUR)
    await bench.ticker.tick()
    assert bench.polls() == []
    bench.clock.advance(5 * HOUR)
    await bench.ticker.tick()
    assert len(bench.polls()) == 1


async def test_a_start_asks_at_once(bench: Bench) -> None:
    await bench.ticker.tick()
    bench.polls()
    bench.clock.advance(HOUR)
    await bench.ticker.poll_now()
    await bench.ticker.tick()
    assert len(bench.polls()) == 1


async def test_two_processes_that_look_at_once_ask_once(bench: Bench) -> None:
    """Given the same due moment, both hand over a job of the same id, which is one job."""
    await bench.ticker.tick()
    assert len(bench.polls()) == 1
    async with bench.store.begin() as uow:
        await uow.write_poll_due("crm", bench.clock.now())
    other = Ticker(bench.ports, Jobs(), Beats())
    await other.tick()
    assert bench.polls() == [], "the store keeps one job of an id"


async def test_the_jobs_of_a_process_that_is_silent_are_taken_over_once(bench: Bench) -> None:
    bench.beats.at["other"] = bench.clock.now()
    await bench.ticker.tick()
    assert bench.jobs.adopted == [], "it was heard of just now"
    bench.clock.advance(DEAD_AFTER + timedelta(seconds=1))
    await bench.ticker.tick()
    await bench.ticker.tick()
    assert bench.jobs.adopted == ["other"]
    assert list(bench.beats.at) == ["me"]


async def test_what_is_old_is_forgotten_every_hour(bench: Bench) -> None:
    await bench.ticker.tick()
    await bench.ticker.tick()
    now = bench.clock.now()
    assert bench.jobs.forgotten == [now - KEEP_JOBS]
    assert bench.beats.forgotten == [now - KEEP_REQUESTS]
    bench.clock.advance(HOUR + timedelta(seconds=1))
    await bench.ticker.tick()
    assert len(bench.jobs.forgotten) == len(bench.beats.forgotten) == 2
