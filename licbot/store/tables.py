"""licbot's own tables. Their rows never leave the store."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from licbot.domain.activation import ENDED
from licbot.roster.columns import UtcTime


class Words(TypeDecorator[str]):
    """Text from elsewhere, without the characters that a database cannot keep."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Put question marks for NUL and for halves of surrogate pairs."""
        if value is None:
            return None
        return value.replace("\0", "?").encode(errors="replace").decode()


# Ordered by code point on every database, as Python and SQLite order text.
KEY = String().with_variant(String(collation="C"), "postgresql")

SERIAL = BigInteger().with_variant(Integer, "sqlite")

_OPEN = text(f"state NOT IN ({', '.join(repr(state.value) for state in sorted(ENDED))})")


class Row(SQLModel):
    """The base of the tables."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ActivationRow(Row, table=True):
    """An activation. Only one of a system and an owner may be open."""

    __tablename__ = "activation"
    __table_args__ = (
        Index(
            "uq_activation_open",
            "system",
            "owner",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_activation_system_acted_at", "system", "acted_at"),
    )

    id: str = Field(primary_key=True)
    system: str
    owner: str
    offer_digest: str
    sequence: int = Field(sa_type=BigInteger)
    state: str
    found_at: datetime = Field(sa_type=UtcTime)
    acted_at: datetime = Field(sa_type=UtcTime)
    version: int
    run: int
    actor: str
    verb: str
    note: str = Field(sa_type=Words)
    automatic: bool
    stage: str | None
    done: int
    of: int


class OfferRow(Row, table=True):
    """The offer of an activation, byte for byte as it came."""

    __tablename__ = "offer"

    activation: str = Field(primary_key=True, foreign_key="activation.id")
    raw: bytes = Field(sa_type=LargeBinary)


class PickRow(Row, table=True):
    """What a person last said about a holder of a module licence. instead: see Pick."""

    __tablename__ = "pick"

    activation: str = Field(primary_key=True, foreign_key="activation.id")
    module: str = Field(primary_key=True, sa_type=KEY)
    user: str = Field(primary_key=True, sa_type=KEY)
    picked: bool
    actor: str
    group: str
    at: datetime = Field(sa_type=UtcTime)
    instead: str = Field(sa_type=KEY, sa_column_kwargs={"server_default": ""})


class RemovalRow(Row, table=True):
    """A planned removal. done: people have taken the seat by hand.

    instead: the plan that is given in its place. gives: all that is given with it, as JSON.
    """

    __tablename__ = "removal"

    activation: str = Field(primary_key=True, foreign_key="activation.id")
    user: str = Field(primary_key=True, sa_type=KEY)
    module: str = Field(primary_key=True, sa_type=KEY)
    picked: bool
    done: bool = Field(sa_column_kwargs={"server_default": false()})
    instead: str = Field(sa_type=KEY, sa_column_kwargs={"server_default": ""})
    gives: str = Field(sa_type=Text, sa_column_kwargs={"server_default": "[]"})


class ChangesRow(Row, table=True):
    """What an activation changed when it last started, as JSON."""

    __tablename__ = "changes"

    activation: str = Field(primary_key=True, foreign_key="activation.id")
    document: str = Field(sa_type=Text)


class CardRow(Row, table=True):
    """The confirmation message of an activation in Slack."""

    __tablename__ = "card"

    activation: str = Field(primary_key=True, foreign_key="activation.id")
    channel: str
    ts: str


class StaleCardRow(Row, table=True):
    """A confirmation message that is out of date, and that a job is to bring up to date."""

    __tablename__ = "stale_card"

    activation: str = Field(primary_key=True, foreign_key="activation.id")


class EventRow(Row, table=True):
    """Something that happened, in the order of the ids."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_activation_id", "activation", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=SERIAL)
    activation: str = Field(foreign_key="activation.id")
    kind: str
    at: datetime = Field(sa_type=UtcTime)
    actor: str
    detail: str = Field(sa_type=Words)


class PollRow(Row, table=True):
    """When the issuer of a licensed system is to be asked next."""

    __tablename__ = "poll"

    system: str = Field(primary_key=True)
    due_at: datetime = Field(sa_type=UtcTime)


class SeenRequestRow(Row, table=True):
    """The key of a request that was answered."""

    __tablename__ = "seen_request"

    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcTime, index=True)


class SecretRow(Row, table=True):
    """A secret of an owner, such as a licensed system. token: what it is encrypted to."""

    __tablename__ = "secret"

    owner: str = Field(primary_key=True, sa_type=KEY)
    name: str = Field(primary_key=True, sa_type=KEY)
    token: str = Field(sa_type=Text, repr=False)
    at: datetime = Field(sa_type=UtcTime)


class ReplicaRow(Row, table=True):
    """A running process, and when it last said so."""

    __tablename__ = "replica"

    executor_id: str = Field(primary_key=True)
    beat_at: datetime = Field(sa_type=UtcTime)


_TABLES = Row.metadata.tables

ACTIVATION = _TABLES["activation"]
OFFER = _TABLES["offer"]
PICK = _TABLES["pick"]
REMOVAL = _TABLES["removal"]
CHANGES = _TABLES["changes"]
CARD = _TABLES["card"]
STALE_CARD = _TABLES["stale_card"]
EVENT = _TABLES["event"]
POLL = _TABLES["poll"]
SEEN_REQUEST = _TABLES["seen_request"]
SECRET = _TABLES["secret"]
REPLICA = _TABLES["replica"]
