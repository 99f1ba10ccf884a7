"""What only the store in memory has: its jobs, and refusals that help whoever writes a test."""

import asyncio
from collections.abc import Sequence

import pytest

from licbot.domain.events import Event
from licbot.ports.store import Job
from licbot.testing.clock import START
from licbot.testing.store import MemoryStore
from tests.testing.test_store import FOUND, OFFER, REVIEW


async def test_jobs_are_collected_once_by_their_ids() -> None:
    store = MemoryStore()
    first, again, other = (
        Job(kind="poll", id="poll/1"),
        Job(kind="poll", id="poll/1", arguments=("crm",)),
        Job(kind="poll", id="poll/2"),
    )
    nameless = Job(kind="card")
    async with store.begin() as unit:
        for job in (first, again, nameless, nameless):
            await unit.enqueue(job)
        assert list(store.jobs) == []
    assert list(store.take_jobs()) == [first, nameless, nameless]
    async with store.begin() as unit:
        await unit.enqueue(again)
        await unit.enqueue(other)
    assert list(store.jobs) == [other]


async def test_jobs_of_an_undone_transaction_may_come_again() -> None:
    store = MemoryStore()
    job = Job(kind="poll", id="poll/1")

    async def hand_over(error: Exception | None) -> None:
        async with store.begin() as unit:
            await unit.enqueue(job)
            if error:
                raise error

    with pytest.raises(LookupError):
        await hand_over(LookupError())
    assert list(store.jobs) == []
    await hand_over(None)
    assert list(store.jobs) == [job]


async def test_writers_wait_for_each_other() -> None:
    store = MemoryStore()
    order: list[str] = []
    inside = asyncio.Event()

    async def first() -> None:
        async with store.begin() as unit:
            await unit.add_activation(REVIEW, OFFER)
            inside.set()
            await asyncio.sleep(0)
            order.append("first")

    async def second() -> None:
        await inside.wait()
        async with store.begin() as unit:
            order.append("second")
            assert await unit.activation("a1") == REVIEW

    await asyncio.gather(second(), first())
    assert order == ["first", "second"]


async def test_a_transaction_inside_another_is_refused_at_once() -> None:
    store = MemoryStore()
    async with store.begin() as unit:
        with pytest.raises(RuntimeError, match="inside another"):
            async with store.begin():
                pass
        assert await unit.first_time("the outer one goes on", START)


async def test_who_hears_of_events_may_write() -> None:
    seen: list[int] = []
    store = MemoryStore()

    async def hear(_recorded: Sequence[tuple[str, Event]]) -> None:
        async with store.begin() as unit:
            seen.append(len(await unit.events("a1")))

    store.on_commit = hear
    async with store.begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
        unit.record(FOUND)
    assert seen == [1]


async def test_a_transaction_is_over_when_its_block_is() -> None:
    store = MemoryStore()
    async with store.begin() as writer, store.read() as reader:
        pass
    for unit in (writer, reader):
        with pytest.raises(RuntimeError, match="ended"):
            await unit.card("a1")


async def test_what_a_listener_raises_is_heard_and_undoes_nothing() -> None:
    async def fail(_recorded: Sequence[tuple[str, Event]]) -> None:
        raise LookupError

    async def find() -> None:
        async with store.begin() as unit:
            await unit.add_activation(REVIEW, OFFER)
            unit.record(FOUND)

    store = MemoryStore(fail)
    with pytest.raises(LookupError):
        await find()
    async with store.read() as unit:
        assert await unit.activation("a1") == REVIEW
