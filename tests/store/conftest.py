"""A store of each kind."""

from collections.abc import AsyncIterator

import pytest

from licbot.store.database import SqlDatabase, open_database
from licbot.store.unit_of_work import SqlStore
from tests.store.samples import OFFER, REVIEW, Outside


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[SqlDatabase]:
    """An open database with licbot's tables, on each kind of database in turn."""
    database = await open_database(migrated_url)
    yield database
    await database.close()


@pytest.fixture
def outside() -> Outside:
    """Where jobs and events go."""
    return Outside()


@pytest.fixture
def store(database: SqlDatabase, outside: Outside) -> SqlStore:
    """A store with nothing in it."""
    return SqlStore(database, outside.enqueue, outside.on_commit)


@pytest.fixture
async def reviewed(store: SqlStore) -> SqlStore:
    """A store that holds one activation, in review."""
    async with store.begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
    return store
