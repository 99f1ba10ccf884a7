"""A database with the tables of a roster."""

from collections.abc import AsyncIterator

import pytest

from licbot.store.database import SqlDatabase, open_database
from tests.roster.samples import AcmeTable


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[SqlDatabase]:
    """An open database with empty tables, on each kind of database in turn."""
    database = await open_database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(AcmeTable.metadata.create_all)
    yield database
    await database.close()
