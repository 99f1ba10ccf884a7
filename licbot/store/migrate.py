"""Migrations: licbot's own and those of plugins, each with a version table of its own."""

import asyncio
import importlib.resources
import threading
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from licbot.ports.database import Migrations
from licbot.store.database import (
    DatabaseUnusable,
    is_sqlite,
    normalise,
    prepare_file,
    transaction,
)

CORE = Migrations(name="core", location="licbot.store:migrations")
"""The migrations of licbot's own tables."""

_ENVIRONMENT = Path(__file__).with_name("environment")

# Any number will do that nothing else in the same database locks.
_POSTGRESQL_LOCK = 0x6C6963626F74

# Alembic keeps the migration that runs in module globals.
_one_at_a_time = threading.Lock()


async def migrate(url: str, migrations: Sequence[Migrations] = (CORE,)) -> None:
    """Bring a database up to date, all of it or nothing; creates the file of SQLite's.

    A second process that starts meanwhile waits, and finds nothing left to do.
    Raises DatabaseUnusable where the database cannot be opened or is newer than the migrations.
    """
    await asyncio.to_thread(_migrate, url, migrations)


async def pending(url: str, migrations: Sequence[Migrations] = (CORE,)) -> Sequence[str]:
    """The names of the migrations that are not up to date; changes no table, creates no file.

    Raises DatabaseUnusable as ``migrate`` does.
    """
    return await asyncio.to_thread(_pending, url, migrations)


def _migrate(url: str, migrations: Sequence[Migrations]) -> None:
    address = make_url(normalise(url).synchronous)
    if is_sqlite(address):
        prepare_file(address)
    # Enforced, foreign keys would delete what refers to a table that batch mode rebuilds.
    with _one_at_a_time, transaction(address) as connection:
        _wait_for_others(connection)
        for each in migrations:
            if not _is_current(each, connection):
                command.upgrade(_config(each, connection), "heads")
        _require_foreign_keys(connection)


def _pending(url: str, migrations: Sequence[Migrations]) -> Sequence[str]:
    address = make_url(normalise(url).synchronous)
    if is_sqlite(address) and not Path(address.database or "").exists():
        return [each.name for each in migrations]
    with _one_at_a_time, transaction(address, "BEGIN") as connection:
        return [each.name for each in migrations if not _is_current(each, connection)]


def _is_current(migrations: Migrations, connection: Connection) -> bool:
    script = ScriptDirectory.from_config(_config(migrations, connection))
    options = {"version_table": _version_table(migrations)}
    found = MigrationContext.configure(connection, opts=options).get_current_heads()
    _require_known(migrations, script, found)
    return set(found) == set(script.get_heads())


def _require_known(
    migrations: Migrations, script: ScriptDirectory, revisions: Sequence[str]
) -> None:
    try:
        for revision in revisions:
            script.get_revision(revision)
    except CommandError as error:
        raise DatabaseUnusable(
            f"A newer version than this one made the tables of {migrations.name!r}.",
            "Install that version, or restore the backup from before it.",
        ) from error


def _version_table(migrations: Migrations) -> str:
    return f"alembic_version_{migrations.name}"


def _config(migrations: Migrations, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", _escaped(_ENVIRONMENT))
    config.set_main_option("version_locations", _escaped(_folder(migrations)))
    config.attributes["configure"] = {
        "connection": connection,
        "version_table": _version_table(migrations),
        "render_as_batch": connection.dialect.name == "sqlite",
    }
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _folder(migrations: Migrations) -> Path:
    package, _, folder = migrations.location.replace(":", "/", 1).partition("/")
    return Path(str(importlib.resources.files(package) / folder))


def _wait_for_others(connection: Connection) -> None:
    # On SQLite the immediate transaction has waited already.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})


def _require_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise DatabaseUnusable(
                f"After the migrations, rows of {broken.table} would refer to missing ones.",
                "Nothing was changed. Report this to the makers of what was installed last.",
            )
