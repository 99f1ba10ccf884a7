"""Statements that SQLite and PostgreSQL share, though SQLAlchemy has one of each for both."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

# Older builds of SQLite take no more than 999 parameters in a statement.
_CHUNK = 900

# A failed serialization and a deadlock.
_POSTGRESQL_COLLISIONS = ("40001", "40P01")


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values in parts that are short enough for an ``IN``."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def is_collision(error: DBAPIError) -> bool:
    """Whether the database undid a transaction because it met another one."""
    sqlite_name = str(getattr(error.orig, "sqlite_errorname", ""))
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate in _POSTGRESQL_COLLISIONS or sqlite_name.startswith("SQLITE_BUSY")


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row, unless one is there that the table's keys do not allow beside it."""
    statement = _insert(connection, table).on_conflict_do_nothing().returning(*table.primary_key)
    return (await connection.execute(statement, row)).first() is not None


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, or overwrite those that have the same primary key."""
    if not rows:
        return
    insert = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    others = {each.name: insert.excluded[each.name] for each in table.c if not each.primary_key}
    await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=others), rows)


def _insert(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
