"""The database: SQLite for one process, PostgreSQL for several."""

import asyncio
import contextlib
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

LOCK_SECONDS = 10
"""How long a writer waits for another process to finish writing to a SQLite database."""

SQLITE_CONNECT_ARGUMENTS = {"isolation_level": None, "timeout": LOCK_SECONDS}
"""For every connection to SQLite; without a level the driver begins no transactions itself."""

_READERS = 4
_CONNECTIONS = 10
_POSTGRESQL_CONNECT_ARGUMENTS = {"connect_timeout": 10}

# Drivers for asyncio and for threads, by the names that people use.
_DRIVERS = {
    "sqlite": ("sqlite+aiosqlite", "sqlite"),
    "sqlite+aiosqlite": ("sqlite+aiosqlite", "sqlite"),
    "postgres": ("postgresql+psycopg", "postgresql+psycopg"),
    "postgresql": ("postgresql+psycopg", "postgresql+psycopg"),
    "postgresql+psycopg": ("postgresql+psycopg", "postgresql+psycopg"),
}


class DatabaseUnusable(Exception):
    """licbot cannot work with this database.

    message: what is wrong, in words, without passwords. cure: what to do.
    """

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(f"{message} {cure}")
        self.message = message
        self.cure = cure


class DatabaseUrls(NamedTuple):
    """The address of one database for SQLAlchemy's engines: with asyncio, and in threads."""

    asynchronous: str
    synchronous: str


def normalise(url: str) -> DatabaseUrls:
    """The address of a database with the drivers that licbot uses.

    Raises DatabaseUnusable where it names no SQLite file and no PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _not_an_address() from None
    drivers = _DRIVERS.get(parsed.drivername)
    if drivers is None:
        raise _not_an_address()
    if is_sqlite(parsed) and (parsed.database or ":memory:").startswith((":memory:", "file:")):
        raise DatabaseUnusable(
            "A SQLite database must be a plain file.", "Use an address like sqlite:///licbot.db."
        )
    return DatabaseUrls(*(_with_driver(parsed, driver) for driver in drivers))


def _not_an_address() -> DatabaseUnusable:
    return DatabaseUnusable(
        "This is not the address of a database that licbot knows.",
        "Use sqlite:///licbot.db or postgresql://user:password@host/database.",
    )


def _with_driver(url: URL, driver: str) -> str:
    return url.set(drivername=driver).render_as_string(hide_password=False)


def is_sqlite(url: URL) -> bool:
    """Whether this is the address of a SQLite database."""
    return url.get_backend_name() == "sqlite"


def require_sqlite_version(python: tuple[int, ...], sqlite: tuple[int, ...]) -> None:
    """Refuse the versions of Python and SQLite that do not work together."""
    if python >= (3, 12) and sqlite < (3, 42):
        found = ".".join(map(str, sqlite))
        raise DatabaseUnusable(
            f"Python 3.12 and newer need SQLite 3.42 or newer here, and this Python has {found}.",
            "Use a Python that brings a newer SQLite, or Python 3.11, or a PostgreSQL database.",
        )


def prepare_file(url: URL) -> None:
    """Create the file of a SQLite database, where there is none, for its owner's eyes only.

    SQLite gives the files that it keeps beside it the same permissions.
    Raises DatabaseUnusable where it cannot be created or written.
    """
    path = Path(url.database or "")
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseUnusable(
            f"The database {path} cannot be created.",
            "Check that its folder exists and that licbot may write in it.",
        ) from error
    # SQLite itself would only refuse the first write.
    if not os.access(path, os.W_OK):
        raise DatabaseUnusable(
            f"The database {path} may not be written.",
            "Give the user who runs licbot the right to write this file and its folder.",
        )


_SQLITE_TROUBLES = {
    "SQLITE_NOTADB": ("is not a SQLite database.", "Name another file, or restore a backup."),
    "SQLITE_CORRUPT": ("is damaged.", "Restore a backup."),
    "SQLITE_BUSY": (
        f"was held by another program for {LOCK_SECONDS} seconds.",
        "Find and stop that program, then try again.",
    ),
}


def unusable(url: URL, error: DBAPIError) -> DatabaseUnusable:
    """Say in words why a database could not be opened."""
    if not is_sqlite(url):
        return DatabaseUnusable(
            f"The PostgreSQL database {url.database} on {url.host or 'this computer'} "
            "cannot be reached.",
            "Check that the server runs, and the user, password and names in the address.",
        )
    name = getattr(error.orig, "sqlite_errorname", "")
    message, cure = _SQLITE_TROUBLES.get(
        "_".join(name.split("_")[:2]),
        ("cannot be opened.", "Check that it is a file which licbot may read and write."),
    )
    return DatabaseUnusable(f"The database {url.database} {message}", cure)


class SqlDatabase:
    """Begins transactions; one writer at a time on SQLite, many on PostgreSQL.

    writer: begins transactions that may write. reader: begins those that may not, each of which
    sees one state of the data from its first statement to its last.
    """

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write; it commits when its block ends without an exception."""
        async with self._writer.begin() as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads; the database refuses writes."""
        async with self._reader.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.dispose()
        await self._writer.dispose()


async def open_database(url: str) -> SqlDatabase:
    """Open a database, creating the file where it is SQLite's.

    Raises DatabaseUnusable, with the cure, where it cannot be opened for writing.
    """
    urls = normalise(url)
    await asyncio.to_thread(_try_to_write, make_url(urls.synchronous))
    address = make_url(urls.asynchronous)
    return _sqlite(address) if is_sqlite(address) else _postgresql(address)


def _try_to_write(address: URL) -> None:
    if is_sqlite(address):
        require_sqlite_version(sys.version_info[:3], sqlite3.sqlite_version_info)
        prepare_file(address)
    with transaction(address):
        pass


@contextlib.contextmanager
def transaction(address: URL, statement: str = "BEGIN IMMEDIATE") -> Iterator[Connection]:
    """A transaction on a connection of its own, for use in a thread.

    statement: what begins it on SQLite. Foreign keys are not enforced there.
    Raises DatabaseUnusable where the database cannot be opened.
    """
    if is_sqlite(address):
        engine = create_engine(address, connect_args=SQLITE_CONNECT_ARGUMENTS)
        _begin_with(engine, statement, foreign_keys=False)
    else:
        engine = create_engine(address, connect_args=_POSTGRESQL_CONNECT_ARGUMENTS)
    try:
        with contextlib.ExitStack() as stack:
            try:
                connection = stack.enter_context(engine.begin())
            except DBAPIError as error:
                raise unusable(address, error) from error
            yield connection
    finally:
        engine.dispose()


def _postgresql(url: URL) -> SqlDatabase:
    engine = create_async_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=_POSTGRESQL_CONNECT_ARGUMENTS,
    )
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return SqlDatabase(engine, reader)


def _sqlite(url: URL) -> SqlDatabase:
    writer = create_async_engine(
        url, pool_size=1, max_overflow=0, connect_args=SQLITE_CONNECT_ARGUMENTS
    )
    _begin_with(writer.sync_engine, "BEGIN IMMEDIATE", foreign_keys=True)
    reader = create_async_engine(
        url, pool_size=_READERS, max_overflow=0, connect_args=SQLITE_CONNECT_ARGUMENTS
    )
    _begin_with(reader.sync_engine, "BEGIN", foreign_keys=True)
    event.listen(reader.sync_engine, "connect", _only_query)
    return SqlDatabase(writer, reader)


def _begin_with(engine: Engine, statement: str, *, foreign_keys: bool) -> None:
    # Only an immediate transaction keeps what it read from changing before it writes.
    def connect(connection: Any, _record: object) -> None:
        try:
            _pragma(connection, "journal_mode = WAL")
            _pragma(connection, "synchronous = NORMAL")
            _pragma(connection, f"foreign_keys = {int(foreign_keys)}")
        except sqlite3.Error:
            # The pool does not know the connection yet and would leave it open.
            connection.close()
            raise

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", begin)


def _only_query(connection: Any, _record: object) -> None:
    _pragma(connection, "query_only = ON")


def _pragma(connection: Any, setting: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {setting}")
    cursor.close()
