"""What the tables of users and of seats have in common, whichever plugin they belong to.

What queries compare or order by stands in columns of its own, seats repeat whether their user
counts, and SQLite keeps both tables in the order of their keys, so that joining them reads each
page of the file once. Several licensed systems may share the tables.

The plugin's base class brings the metadata; its naming convention names the indexes::

    class UserRow(UserColumns, AcmeTable, table=True):
        __tablename__ = "acme_users"
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Index, TypeDecorator, text
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel


class UtcTime(TypeDecorator[datetime]):
    """An aware time, in UTC on every database; SQLite by itself forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse times without a zone, and keep the others in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class UserColumns(SQLModel):
    """A user; see ``users.user_row``, which derives name_key, email_key and search."""

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        return (Index(None, "system", "email_key"), {"sqlite_with_rowid": False})

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
    open_requests: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class SeatColumns(SQLModel):
    """A seat of a user. module: the key of the module licence. active: the user counts."""

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        return (Index(None, "user_id", "system"), {"sqlite_with_rowid": False})

    system: str = Field(primary_key=True)
    module: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    active: bool
