"""What a roster's tables make of values, on each kind of database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect, select
from sqlalchemy.exc import StatementError

from licbot.roster.columns import UtcTime
from licbot.store.database import SqlDatabase
from tests.roster.samples import SEATS, USERS

THING = Table("thing", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcTime))


@pytest.fixture
async def things(database: SqlDatabase) -> SqlDatabase:
    """A database with a table of times, which may be empty."""
    async with database.begin() as connection:
        await connection.run_sync(THING.metadata.create_all)
    return database


async def kept(things: SqlDatabase, at: datetime | None) -> datetime | None:
    """What comes back of what is written."""
    async with things.begin() as connection:
        await connection.execute(THING.insert(), {"at": at})
    async with things.read() as connection:
        found: datetime | None = await connection.scalar(select(THING.c.at))
        return found


@pytest.mark.parametrize("hours", [0, 5.5, -11])
async def test_a_time_comes_back_in_utc(things: SqlDatabase, hours: float) -> None:
    zone = timezone(timedelta(hours=hours))
    written = datetime(2026, 3, 29, 2, 30, 0, 999999, tzinfo=zone)
    at = await kept(things, written)
    assert at == written
    assert at is not None
    assert at.tzinfo is UTC


async def test_times_are_ordered_as_moments_whatever_their_zone(things: SqlDatabase) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    later = (noon + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-11)))
    async with things.begin() as connection:
        await connection.execute(THING.insert(), [{"id": 1, "at": later}, {"id": 2, "at": noon}])
        ordered = await connection.execute(select(THING.c.id).order_by(THING.c.at))
        assert ordered.scalars().all() == [2, 1]
        after = await connection.execute(select(THING.c.id).where(THING.c.at > noon))
        assert after.scalars().all() == [1]


async def test_a_time_without_a_zone_is_refused(things: SqlDatabase) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        await kept(things, datetime(2026, 11, 24))  # noqa: DTZ001 - this is what is refused


async def test_no_time_stays_none(things: SqlDatabase) -> None:
    assert await kept(things, None) is None


def indexes(connection: Connection) -> dict[str, set[tuple[str | None, ...]]]:
    return {
        name: {tuple(each["column_names"]) for each in inspect(connection).get_indexes(name)}
        for name in ("acme_users", "acme_seats")
    }


async def test_every_plugin_has_indexes_of_its_own(database: SqlDatabase) -> None:
    """They bear the names of the plugin's tables, which may stand beside another's."""
    async with database.read() as connection:
        found = await connection.run_sync(indexes)

    assert found == {
        "acme_users": {("system", "email_key")},
        "acme_seats": {("user_id", "system")},
    }
    names = [index.name for table in (USERS, SEATS) for index in table.indexes]
    assert names == ["ix_acme_users_system_email_key", "ix_acme_seats_user_id_system"]
