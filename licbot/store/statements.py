"""How much a statement may hold, and why a database undid one."""

from collections.abc import Iterator, Sequence

from sqlalchemy.exc import DBAPIError

# Older builds of SQLite take no more than 999 parameters in a statement.
_CHUNK = 900

# A failed serialization and a deadlock.
_POSTGRESQL_COLLISIONS = ("40001", "40P01")


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values in parts that are short enough for an ``IN``."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def is_collision(error: DBAPIError) -> bool:
    """Whether the database undid a transaction because it met another one."""
    sqlite_name = str(getattr(error.orig, "sqlite_errorname", ""))
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate in _POSTGRESQL_COLLISIONS or sqlite_name.startswith("SQLITE_BUSY")
