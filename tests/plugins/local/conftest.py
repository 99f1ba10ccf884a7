"""An installation on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from licbot.ports.database import Migrations
from licbot.store.database import SqlDatabase, open_database
from licbot.store.migrate import migrate
from tests.plugins.local.samples import Installation

MIGRATIONS = Migrations(name="local", location="licbot_local:migrations")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[SqlDatabase]:
    """An open database with the plugin's tables, on each kind of database in turn."""
    await migrate(database_url, [MIGRATIONS])
    database = await open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
def place(database: SqlDatabase, tmp_path: Path) -> Installation:
    """An installation with nothing in it."""
    folder = tmp_path / "offers"
    folder.mkdir()
    return Installation(database=database, folder=folder)


@pytest.fixture
async def small_place(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """The same on SQLite only, for what has nothing to do with the kind of database."""
    await migrate(sqlite_url, [MIGRATIONS])
    database = await open_database(sqlite_url)
    folder = tmp_path / "offers"
    folder.mkdir()
    yield Installation(database=database, folder=folder)
    await database.close()
