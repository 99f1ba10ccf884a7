"""An installation on each kind of database. The tables are made once, not for every test."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from licbot.ports.database import Migrations
from licbot.store.database import SqlDatabase, open_database
from licbot.store.migrate import migrate
from licbot_local.tables import LocalTable
from tests.plugins.local.samples import Installation

MIGRATIONS = Migrations(name="local", location="licbot_local:migrations")


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with empty tables, to be copied."""
    path = tmp_path_factory.mktemp("local") / "empty.db"
    asyncio.run(migrate(f"sqlite:///{path}", [MIGRATIONS]))
    return path


@pytest.fixture(scope="session")
def shared_url(postgres_server: Engine) -> str:
    """A PostgreSQL database with tables, to be emptied before each test."""
    with postgres_server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE local_plugin")
    url = postgres_server.url.set(database="local_plugin")
    shown = url.render_as_string(hide_password=False)
    asyncio.run(migrate(shown, [MIGRATIONS]))
    return shown


@pytest.fixture
async def small_database(empty_file: Path, tmp_path: Path) -> AsyncIterator[SqlDatabase]:
    """An open SQLite database with the plugin's tables."""
    path = shutil.copy(empty_file, tmp_path / "local.db")
    database = await open_database(f"sqlite:///{path}")
    yield database
    await database.close()


@pytest.fixture
async def large_database(shared_url: str) -> AsyncIterator[SqlDatabase]:
    """An open PostgreSQL database with the plugin's tables."""
    database = await open_database(shared_url)
    async with database.begin() as connection:
        await connection.exec_driver_sql(f"TRUNCATE {', '.join(LocalTable.metadata.tables)}")
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> SqlDatabase:
    """An open database with the plugin's tables, on each kind of database in turn."""
    fixture = "small_database" if request.param == "sqlite" else "large_database"
    found: SqlDatabase = request.getfixturevalue(fixture)
    return found


@pytest.fixture
def place(database: SqlDatabase, tmp_path: Path) -> Installation:
    """An installation with nothing in it."""
    return _installation(database, tmp_path)


@pytest.fixture
def small_place(small_database: SqlDatabase, tmp_path: Path) -> Installation:
    """The same on SQLite only, for what has nothing to do with the kind of database."""
    return _installation(small_database, tmp_path)


def _installation(database: SqlDatabase, folder: Path) -> Installation:
    offers = folder / "offers"
    offers.mkdir()
    return Installation(database=database, folder=offers)
