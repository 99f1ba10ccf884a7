"""The tables of the ``local`` licensed systems, several of which may share a database.

Users and seats are read by the hundred thousand: what queries compare or order by stands in
columns of its own, ``local_seats`` repeats whether the user counts, and SQLite keeps both in the
order of their keys, so that joining them reads each page of the file once.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Index, LargeBinary, MetaData, TypeDecorator
from sqlmodel import Field, SQLModel


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC, which comes back aware from SQLite too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time for the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time from the database."""
        if value is None or value.tzinfo is not None:
            return None if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


class LocalTable(SQLModel):
    """What the tables have in common."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UserRow(LocalTable, table=True):
    """A user. name_key, email_key and search are derived, for ordering and comparing."""

    __tablename__ = "local_users"
    __table_args__: Any = (Index(None, "system", "email_key"), {"sqlite_with_rowid": False})

    system: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    name_key: str
    email: str
    email_key: str
    search: str
    kind: str
    administrator: bool
    can_login: bool
    last_login: datetime | None = Field(default=None, sa_type=UtcTime)
    deleted: bool


class SeatRow(LocalTable, table=True):
    """A seat of a user. module: the key of the module licence. active: the user counts."""

    __tablename__ = "local_seats"
    __table_args__: Any = (Index(None, "user_id", "system"), {"sqlite_with_rowid": False})

    system: str = Field(primary_key=True)
    module: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    active: bool


class SeatLogRow(LocalTable, table=True):
    """What one run of an activation did with one seat; see ``seats.SeatState``."""

    __tablename__ = "local_seat_log"

    system: str = Field(primary_key=True)
    run: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    module: str = Field(primary_key=True)
    picked: bool
    state: str
    at: datetime = Field(sa_type=UtcTime)


class InstalledRow(LocalTable, table=True):
    """The licence file in force of one owner, byte for byte."""

    __tablename__ = "local_installed"

    system: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    raw: bytes = Field(sa_type=LargeBinary)
    digest: str
    kid: str
    sequence: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcTime)


class AcceptedRow(LocalTable, table=True):
    """A licence file that was put in force at some time."""

    __tablename__ = "local_accepted"
    __table_args__: Any = (Index(None, "system", "digest"),)

    system: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    kid: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    digest: str
    at: datetime = Field(sa_type=UtcTime)


class KeyRow(LocalTable, table=True):
    """A pinned key of an issuer."""

    __tablename__ = "local_keys"

    system: str = Field(primary_key=True)
    kid: str = Field(primary_key=True)
    pem: str
    not_before: datetime | None = Field(default=None, sa_type=UtcTime)
    not_after: datetime | None = Field(default=None, sa_type=UtcTime)


class ClockRow(LocalTable, table=True):
    """The latest moment that was seen. Whoever writes holds this row until the commit."""

    __tablename__ = "local_clock"

    system: str = Field(primary_key=True)
    latest: datetime | None = Field(default=None, sa_type=UtcTime)


tables = LocalTable.metadata.tables
users = tables["local_users"]
seats = tables["local_seats"]
seat_log = tables["local_seat_log"]
installed = tables["local_installed"]
accepted = tables["local_accepted"]
keys = tables["local_keys"]
clock = tables["local_clock"]
