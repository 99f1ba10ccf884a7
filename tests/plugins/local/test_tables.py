"""The migrations make exactly the tables that the code works on."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text

from licbot.ports.database import Migrations
from licbot.store.database import SqlDatabase, open_database
from licbot.store.migrate import migrate
from licbot_local import licbot_migrations
from licbot_local.tables import LocalTable, users
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


BEFORE_OPEN_REQUESTS = (
    "ALTER TABLE local_users DROP COLUMN open_requests",
    "DROP TABLE local_customers",
    "UPDATE alembic_version_local SET version_num = 'local_0001'",
    "INSERT INTO local_users VALUES "
    "('crm', 'anna', 'Anna', 'anna', '', '', 'anna', 'associate', true, true, NULL, false)",
)


async def test_users_of_a_database_of_before_have_no_open_requests(database_url: str) -> None:
    await migrate(database_url, [MIGRATIONS])
    database = await open_database(database_url)
    async with database.begin() as connection:
        for statement in BEFORE_OPEN_REQUESTS:
            await connection.execute(text(statement))

    await migrate(database_url, [MIGRATIONS])

    async with database.read() as connection:
        rows = await connection.execute(select(users.c.name, users.c.open_requests))
        assert rows.all() == [("Anna", 0)]
        assert await connection.run_sync(differences) == []
    await database.close()


def test_hook_licbot_migrations() -> None:
    assert licbot_migrations() == [MIGRATIONS]
    assert isinstance(MIGRATIONS, Migrations)
