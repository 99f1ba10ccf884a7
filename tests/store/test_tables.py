"""What the columns of licbot's tables make of values, on each kind of database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select
from sqlalchemy.exc import StatementError

from licbot.store.database import SqlDatabase, open_database
from licbot.store.tables import UtcDateTime, Words

THING = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("words", Words),
)


@pytest.fixture
async def things(database_url: str) -> AsyncIterator[SqlDatabase]:
    """A database with one table, of which every column may be empty."""
    database = await open_database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(THING.metadata.create_all)
    yield database
    await database.close()


async def kept(things: SqlDatabase, **values: object) -> tuple[object, ...]:
    """What comes back of what is written."""
    async with things.begin() as connection:
        await connection.execute(THING.insert(), values)
    async with things.read() as connection:
        found = (await connection.execute(select(THING.c.at, THING.c.words))).one()
        return tuple(found)


@pytest.mark.parametrize("hours", [0, 5.5, -11])
async def test_a_time_comes_back_in_utc(things: SqlDatabase, hours: float) -> None:
    zone = timezone(timedelta(hours=hours))
    written = datetime(2026, 3, 29, 2, 30, 0, 999999, tzinfo=zone)
    [at, _] = await kept(things, at=written)
    assert isinstance(at, datetime)
    assert at == written
    assert at.tzinfo is UTC


async def test_times_are_ordered_as_moments_whatever_their_zone(things: SqlDatabase) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    later = (noon + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-11)))
    async with things.begin() as connection:
        await connection.execute(THING.insert(), [{"id": 1, "at": later}, {"id": 2, "at": noon}])
        ordered = await connection.execute(select(THING.c.id).order_by(THING.c.at))
        assert ordered.scalars().all() == [2, 1]
        after = await connection.execute(select(THING.c.id).where(THING.c.at > noon))
        assert after.scalars().all() == [1]


async def test_a_time_without_a_zone_is_refused(things: SqlDatabase) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        await kept(things, at=datetime(2026, 11, 24))  # noqa: DTZ001 - this is what is refused


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a\0b", "a?b"),
        ("half \ud83d of a pair", "half ? of a pair"),
        ("whole 👩🏽‍💻", "whole 👩🏽‍💻"),
    ],
)
async def test_words_lose_only_what_no_database_keeps(
    things: SqlDatabase, written: str, read: str
) -> None:
    assert await kept(things, words=written) == (None, read)


async def test_nothing_stays_nothing(things: SqlDatabase) -> None:
    assert await kept(things, id=1) == (None, None)
