"""What all transactions on the tables have in common."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import JSON, Select, Table, Text, cast, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.ports.database import Database
from licbot_local.tables import clock

_CLOCKS_APART = timedelta(seconds=2)
"""Replicas' clocks differ a little, which is not a clock set back."""


@asynccontextmanager
async def locked(database: Database, system: str) -> AsyncIterator[AsyncConnection]:
    """A transaction that writes to a system while no other one does."""
    async with database.begin() as connection:
        await insert_new(connection, clock, [{"system": system, "latest": None}])
        await connection.execute(
            select(clock.c.system).where(clock.c.system == system).with_for_update()
        )
        yield connection


async def insert_new(
    connection: AsyncConnection, table: Table, rows: list[dict[str, object]]
) -> None:
    """Insert the rows whose primary key is not there yet."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    if rows:
        await connection.execute(insert(table).on_conflict_do_nothing(), rows)


def among(connection: AsyncConnection, values: Iterable[str]) -> Select[str]:
    """Any number of texts, as a subquery of one parameter: databases limit how many they take."""
    text = literal(json.dumps(sorted(set(values))), Text)
    if connection.dialect.name == "postgresql":
        return select(func.json_array_elements_text(cast(text, JSON)).column_valued("value"))
    return select(func.json_each(text).table_valued("value").c.value)


async def latest_moment(connection: AsyncConnection, system: str) -> datetime | None:
    """The latest moment that was recorded."""
    return await connection.scalar(select(clock.c.latest).where(clock.c.system == system))


async def record_moment(connection: AsyncConnection, system: str, now: datetime) -> None:
    """Remember a moment that has come. Needs a locked transaction."""
    latest = await latest_moment(connection, system)
    moment = now - _CLOCKS_APART
    if latest is None or moment > latest:
        await connection.execute(
            update(clock).where(clock.c.system == system).values(latest=moment)
        )
