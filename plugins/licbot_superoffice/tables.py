"""The tables of the ``superoffice`` systems, several of which may share a database."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from licbot.roster.columns import SeatColumns, UserColumns, UtcTime
from licbot.roster.roster import Roster


class SuperOfficeTable(SQLModel):
    """What the tables have in common."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )


class UserRow(UserColumns, SuperOfficeTable, table=True):
    """A user, as last listed. id: the associate id. seen: the last reading that listed them."""

    __tablename__ = "superoffice_users"

    seen: int = Field(sa_type=BigInteger)


class SeatRow(SeatColumns, SuperOfficeTable, table=True):
    """A seat of a user, as last listed. seen: the last reading that listed it."""

    __tablename__ = "superoffice_seats"

    seen: int = Field(sa_type=BigInteger)


class RunRow(SuperOfficeTable, table=True):
    """What one run of an activation did with one seat; see ``ledger.SeatState``."""

    __tablename__ = "superoffice_runs"

    system: str = Field(primary_key=True)
    run: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    module: str = Field(primary_key=True)
    picked: bool
    state: str
    at: datetime = Field(sa_type=UtcTime)


class OfferRow(SuperOfficeTable, table=True):
    """A licence that SuperOffice offered once; licbot counts them for each owner."""

    __tablename__ = "superoffice_offers"
    __table_args__: Any = (UniqueConstraint("system", "owner", "number"),)

    system: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    found_at: datetime = Field(sa_type=UtcTime)


class FactRow(SuperOfficeTable, table=True):
    """Something that was found out about a tenant, as JSON, and when."""

    __tablename__ = "superoffice_facts"

    system: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)


class SignInRow(SuperOfficeTable, table=True):
    """A sign-in that somebody began. state_hash: of the one-time word that their browser brings.

    member: the Slack user it is for.
    """

    __tablename__ = "superoffice_signins"

    state_hash: str = Field(primary_key=True)
    system: str
    member: str
    expires_at: datetime = Field(sa_type=UtcTime)
    used: bool


tables = SuperOfficeTable.metadata.tables
users = tables["superoffice_users"]
seats = tables["superoffice_seats"]
runs = tables["superoffice_runs"]
offers = tables["superoffice_offers"]
facts = tables["superoffice_facts"]
signins = tables["superoffice_signins"]

roster = Roster(users=users, seats=seats)
