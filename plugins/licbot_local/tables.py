"""The tables of the ``local`` licensed systems, several of which may share a database."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

from licbot.roster.columns import SeatColumns, UserColumns, UtcTime
from licbot.roster.roster import Roster


class LocalTable(SQLModel):
    """What the tables have in common."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UserRow(UserColumns, LocalTable, table=True):
    """A user."""

    __tablename__ = "local_users"


class SeatRow(SeatColumns, LocalTable, table=True):
    """A seat of a user."""

    __tablename__ = "local_seats"


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


class CustomerRow(LocalTable, table=True):
    """The customer whom a demo version was registered for."""

    __tablename__ = "local_customers"

    system: str = Field(primary_key=True)
    company: str
    serial: str
    at: datetime = Field(sa_type=UtcTime)


class ClockRow(LocalTable, table=True):
    """The latest moment that was seen. Whoever writes holds this row until the commit."""

    __tablename__ = "local_clock"

    system: str = Field(primary_key=True)
    latest: datetime | None = Field(default=None, sa_type=UtcTime)


tables = LocalTable.metadata.tables
users = tables["local_users"]
seats = tables["local_seats"]
roster = Roster(users=users, seats=seats)
seat_log = tables["local_seat_log"]
installed = tables["local_installed"]
accepted = tables["local_accepted"]
keys = tables["local_keys"]
customers = tables["local_customers"]
clock = tables["local_clock"]
