"""The database, for plugins that keep tables of their own."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection


class Database(Protocol):
    """Begins transactions on the database that licbot itself uses.

    SQLite has one writer: hold no transaction across I/O, and none inside another.
    """

    def begin(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that may write; it commits when its block ends without an exception."""
        ...

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that only reads."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Migrations:
    """Alembic scripts of licbot or a plugin.

    name: makes the version table ``alembic_version_<name>``.
    location: the folder of the scripts' ``env``-less versions, as a package resource path.
    """

    name: str
    location: str
