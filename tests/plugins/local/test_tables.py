"""The migrations make exactly the tables that the code works on."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from licbot.ports.database import Migrations
from licbot.store.database import SqlDatabase
from licbot_local import licbot_migrations
from licbot_local.tables import LocalTable
from tests.plugins.local.conftest import MIGRATIONS


def differences(connection: Connection) -> object:
    options = {
        "include_name": lambda name, kind, _: kind != "table" or name.startswith("local_"),
        "compare_server_default": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    return compare_metadata(context, LocalTable.metadata)


async def test_the_migrated_tables_are_those_of_the_code(database: SqlDatabase) -> None:
    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_table_bears_the_name_of_the_plugin(database: SqlDatabase) -> None:
    async with database.read() as connection:
        names = await connection.run_sync(lambda inner: inspect(inner).get_table_names())

    assert set(names) == {"alembic_version_local", *LocalTable.metadata.tables}
    assert all(name.startswith("local_") for name in LocalTable.metadata.tables)


def test_hook_licbot_migrations() -> None:
    assert licbot_migrations() == [MIGRATIONS]
    assert isinstance(MIGRATIONS, Migrations)
