"""Statements that SQLite and PostgreSQL share, though SQLAlchemy has one of each for both."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Select, Table, Text, cast, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def among(connection: AsyncConnection, values: Iterable[str]) -> Select[str]:
    """Any number of texts, as a subquery of one parameter: databases limit how many they take."""
    text = literal(json.dumps(sorted(set(values))), Text)
    if connection.dialect.name == "postgresql":
        return select(func.json_array_elements_text(cast(text, JSON)).column_valued("value"))
    return select(func.json_each(text).table_valued("value").c.value)


async def insert_new(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> int:
    """Insert rows, except those that the table's keys do not allow beside one that is there.

    Returns how many were inserted.
    """
    if not rows:
        return 0
    # Asking the rows back to count them would take twice as long.
    statement = insert_into(connection, table).on_conflict_do_nothing()
    result = await connection.execute(
        statement, rows, execution_options={"preserve_rowcount": True}
    )
    return result.rowcount


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, or overwrite those that have the same primary key."""
    if not rows:
        return
    insert = insert_into(connection, table)
    keys = [column.name for column in table.primary_key]
    others = {each.name: insert.excluded[each.name] for each in table.c if not each.primary_key}
    await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=others), rows)


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that may say what becomes of rows that are there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
