"""What the columns of licbot's tables make of values, on each kind of database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select

from licbot.store.database import SqlDatabase, open_database
from licbot.store.tables import Words

THING = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
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


async def kept(things: SqlDatabase, words: str | None) -> object:
    """What comes back of what is written."""
    async with things.begin() as connection:
        await connection.execute(THING.insert(), {"words": words})
    async with things.read() as connection:
        return await connection.scalar(select(THING.c.words))


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
    assert await kept(things, written) == read


async def test_nothing_stays_nothing(things: SqlDatabase) -> None:
    assert await kept(things, None) is None
