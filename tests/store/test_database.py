"""A database opens as it should, or says in words why not."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from licbot.ports.database import Database
from licbot.store.database import (
    SQLITE_CONNECT_ARGUMENTS,
    DatabaseUnusable,
    SqlDatabase,
    normalise,
    open_database,
    require_sqlite_version,
)


@pytest.mark.parametrize(
    ("url", "asynchronous", "synchronous"),
    [
        ("sqlite:///licbot.db", "sqlite+aiosqlite:///licbot.db", "sqlite:///licbot.db"),
        ("sqlite+aiosqlite:///a.db", "sqlite+aiosqlite:///a.db", "sqlite:///a.db"),
        ("sqlite:////var/lib/l.db", "sqlite+aiosqlite:////var/lib/l.db", "sqlite:////var/lib/l.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h:5433/d", "postgresql+psycopg://h:5433/d", "postgresql+psycopg://h:5433/d"),
        (
            "postgresql+psycopg://u:p%40ss@h/d?sslmode=require",
            "postgresql+psycopg://u:p%40ss@h/d?sslmode=require",
            "postgresql+psycopg://u:p%40ss@h/d?sslmode=require",
        ),
    ],
)
def test_an_address_gets_the_drivers(url: str, asynchronous: str, synchronous: str) -> None:
    assert normalise(url) == (asynchronous, synchronous)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "licbot.db",
        "mysql://user:hush@host/licbot",
        "postgresql+asyncpg://user:hush@host/licbot",
        "postgresql://user:hush@host:port/licbot",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:licbot.db?uri=true",
    ],
)
def test_another_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match=r"Use .*sqlite:///licbot\.db") as refusal:
        normalise(url)
    assert "hush" not in str(refusal.value)


async def test_a_new_sqlite_database_is_for_its_owner_only(sqlite_url: str, tmp_path: Path) -> None:
    database = await open_database(sqlite_url)
    async with database.begin() as connection:
        await connection.execute(text("CREATE TABLE t (x INTEGER)"))
    modes = {name: stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in os.listdir(tmp_path)}
    await database.close()
    assert modes == {"licbot.db": 0o600, "licbot.db-wal": 0o600, "licbot.db-shm": 0o600}


async def test_the_permissions_of_an_old_file_stay(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "licbot.db").touch(0o640)
    await (await open_database(sqlite_url)).close()
    assert stat.S_IMODE((tmp_path / "licbot.db").stat().st_mode) == 0o640


@pytest.mark.parametrize("kind", ["begin", "read"])
async def test_every_sqlite_connection_is_set_up(sqlite_url: str, kind: str) -> None:
    database = await open_database(sqlite_url)
    transaction = database.begin() if kind == "begin" else database.read()
    async with transaction as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await database.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"nowhere/licbot\.db cannot be created\..*folder"):
        await open_database(f"sqlite:///{tmp_path}/nowhere/licbot.db")


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"cannot be opened\..*a file which licbot may"):
        await open_database(f"sqlite:///{tmp_path}")


async def test_another_file_is_no_database(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "licbot.db").write_text("Dear diary, today I was no database. " * 99)
    with pytest.raises(DatabaseUnusable, match="is not a SQLite database"):
        await open_database(sqlite_url)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write every file")
async def test_a_file_that_may_not_be_written_is_told(sqlite_url: str, tmp_path: Path) -> None:
    await (await open_database(sqlite_url)).close()
    (tmp_path / "licbot.db").chmod(0o400)
    with pytest.raises(DatabaseUnusable, match="may not be written"):
        await open_database(sqlite_url)


async def test_a_database_that_another_program_holds_is_told(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SQLITE_CONNECT_ARGUMENTS, "timeout", 0.01)
    await (await open_database(sqlite_url)).close()
    other = sqlite3.connect(tmp_path / "licbot.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnusable, match="held by another program"):
        await open_database(sqlite_url)
    other.close()


async def test_a_postgresql_that_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(DatabaseUnusable, match=r"licences on 127\.0\.0\.1 cannot be") as refusal:
        await open_database("postgresql://licbot:hush@127.0.0.1:1/licences")
    assert "hush" not in str(refusal.value)


async def test_an_unknown_postgresql_database_is_told(postgres_url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="gone on this computer cannot be reached"):
        await open_database(str(make_url(postgres_url).set(database="gone")))


@pytest.mark.parametrize(
    ("python", "sqlite"),
    [((3, 11, 9), (3, 40, 1)), ((3, 12, 0), (3, 42, 0)), ((3, 13, 1), (3, 46, 1))],
)
def test_a_python_takes_a_sqlite_that_fits(
    python: tuple[int, ...], sqlite: tuple[int, ...]
) -> None:
    require_sqlite_version(python, sqlite)


def test_a_newer_python_needs_a_newer_sqlite() -> None:
    with pytest.raises(DatabaseUnusable, match=r"need SQLite 3\.42 .* this Python has 3\.41\.2\."):
        require_sqlite_version((3, 12, 0), (3, 41, 2))


@pytest.fixture
async def numbers(database: SqlDatabase) -> Database:
    """A database with a table of its own, as plugins see it."""
    async with database.begin() as connection:
        await connection.execute(text("CREATE TABLE number (x INTEGER PRIMARY KEY)"))
    return database


async def count(database: Database) -> int:
    async with database.read() as connection:
        found: int = (await connection.execute(text("SELECT count(*) FROM number"))).scalar_one()
        return found


async def test_a_transaction_commits_at_the_end_of_its_block(numbers: Database) -> None:
    async with numbers.begin() as connection:
        await connection.execute(text("INSERT INTO number VALUES (1)"))
        assert await count(numbers) == 0
    assert await count(numbers) == 1


async def test_an_exception_undoes_a_transaction(numbers: Database) -> None:
    async def write_and_fail() -> None:
        async with numbers.begin() as connection:
            await connection.execute(text("INSERT INTO number VALUES (1)"))
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    assert await count(numbers) == 0


async def test_a_reading_transaction_may_not_write(numbers: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        async with numbers.read() as connection:
            await connection.execute(text("INSERT INTO number VALUES (1)"))
    assert await count(numbers) == 0


async def test_a_reading_transaction_sees_one_state(numbers: Database) -> None:
    async with numbers.read() as reading:
        before = (await reading.execute(text("SELECT count(*) FROM number"))).scalar()
        async with numbers.begin() as writing:
            await writing.execute(text("INSERT INTO number VALUES (1)"))
        after = (await reading.execute(text("SELECT count(*) FROM number"))).scalar()
    assert (before, after) == (0, 0)
    assert await count(numbers) == 1
