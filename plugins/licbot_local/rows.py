"""What all transactions on the tables have in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.ports.database import Database
from licbot.roster.statements import insert_new
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
