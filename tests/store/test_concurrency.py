"""Many at once: nothing is lost, and one wins."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import make_url, text

from licbot.domain.errors import Conflict
from licbot.store.database import SQLITE_CONNECT_ARGUMENTS, SqlDatabase, open_database
from licbot.store.migrate import migrate
from licbot.store.unit_of_work import SqlStore
from tests.store.samples import NOW, OFFER, REVIEW, Outside, activation

WRITERS = 8


@pytest.fixture
async def stores(database: SqlDatabase, migrated_url: str) -> AsyncIterator[list[SqlStore]]:
    """Eight ways to one database, through the connections of two processes."""
    other = await open_database(migrated_url)
    outside = Outside()
    yield [
        SqlStore(each, outside.enqueue, outside.on_commit)
        for each in (database, other) * (WRITERS // 2)
    ]
    await other.close()


async def test_no_change_of_eight_writers_is_lost(stores: list[SqlStore]) -> None:
    async def count_up(store: SqlStore) -> None:
        for _ in range(5):
            async with store.begin() as unit:
                current = await unit.activation("a1")
                await unit.save(replace(current, done=current.done + 1))

    async with stores[0].begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
    await asyncio.gather(*map(count_up, stores))
    async with stores[0].read() as unit:
        assert await unit.activation("a1") == activation(done=40, version=40)


async def test_one_of_eight_opens_the_activation(stores: list[SqlStore]) -> None:
    async def add(store: SqlStore, name: str) -> str:
        async with store.begin() as unit:
            await unit.add_activation(activation(id=name), OFFER)
            return name

    names = [f"a{number}" for number in range(WRITERS)]
    results = await asyncio.gather(*map(add, stores, names), return_exceptions=True)
    winners = [result for result in results if isinstance(result, str)]
    assert len(winners) == 1
    assert sum(isinstance(result, Conflict) for result in results) == WRITERS - 1
    async with stores[0].read() as unit:
        assert [one.id for one in await unit.open_activations("crm")] == winners


async def test_one_of_eight_sees_a_request_for_the_first_time(stores: list[SqlStore]) -> None:
    async def see(store: SqlStore) -> bool:
        async with store.begin() as unit:
            return await unit.first_time("k", NOW)

    assert sorted(await asyncio.gather(*map(see, stores))) == [False] * 7 + [True]


async def test_a_request_whose_first_transaction_failed_is_new_again(
    stores: list[SqlStore],
) -> None:
    async def see_and_fail() -> None:
        async with stores[0].begin() as unit:
            assert await unit.first_time("k", NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await see_and_fail()
    async with stores[1].begin() as unit:
        assert await unit.first_time("k", NOW)


async def test_eight_writers_of_the_same_picks_agree(stores: list[SqlStore]) -> None:
    async def pick(store: SqlStore, actor: str) -> None:
        async with store.begin() as unit:
            await unit.activation("a1")
            wanted = dict.fromkeys(["u1", "u2", "u3"], True)
            await unit.write_picks("a1", "sales", wanted, actor, NOW)

    async with stores[0].begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
    await asyncio.gather(*map(pick, stores, map(str, range(WRITERS))))
    async with stores[0].read() as unit:
        picks = await unit.picks("a1", "sales")
    assert set(picks) == {"u1", "u2", "u3"}
    assert len({pick.actor for pick in picks.values()}) == 1


async def test_readers_do_not_wait_for_a_writer(stores: list[SqlStore]) -> None:
    async with stores[0].begin() as writing:
        await writing.add_activation(REVIEW, OFFER)
        async with stores[0].read() as reading, stores[1].read() as elsewhere:
            assert await reading.open_activations("crm") == []
            assert await elsewhere.open_activations("crm") == []
    async with stores[1].read() as reading:
        assert await reading.open_activations("crm") == [REVIEW]


async def test_a_task_that_is_cancelled_gives_its_transaction_back(stores: list[SqlStore]) -> None:
    inside = asyncio.Event()

    async def linger() -> None:
        async with stores[0].begin() as unit:
            await unit.add_activation(REVIEW, OFFER)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(linger())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with stores[0].begin() as unit:
        await unit.add_activation(activation(id="a2"), OFFER)


async def test_two_that_wait_for_each_other_end_in_a_conflict(postgres_url: str) -> None:
    await migrate(postgres_url)
    database = await open_database(postgres_url)
    async with database.begin() as connection:
        name = make_url(postgres_url).database
        await connection.execute(text(f"ALTER DATABASE {name} SET deadlock_timeout = '10ms'"))
    await database.close()
    database = await open_database(postgres_url)
    outside = Outside()
    store = SqlStore(database, outside.enqueue, outside.on_commit)
    async with store.begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
        await unit.add_activation(activation(id="a2", owner="partner"), OFFER)
    both = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> str:
        async with store.begin() as unit:
            await unit.activation(first)
            await both.wait()
            return (await unit.activation(second)).id

    results = await asyncio.gather(lock("a1", "a2"), lock("a2", "a1"), return_exceptions=True)
    await database.close()
    assert {type(result) for result in results} == {str, Conflict}


async def test_a_writer_that_waits_too_long_ends_in_a_conflict(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SQLITE_CONNECT_ARGUMENTS, "timeout", 0.01)
    await migrate(sqlite_url)
    database, other = await open_database(sqlite_url), await open_database(sqlite_url)
    outside = Outside()
    store = SqlStore(database, outside.enqueue, outside.on_commit)

    async def see() -> None:
        async with store.begin() as unit:
            await unit.first_time("k", NOW)

    async with other.begin():
        with pytest.raises(Conflict):
            await see()
    await see()
    await database.close()
    await other.close()
