"""Migrations bring every database to the tables of today, once."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Engine, create_engine, inspect, text

from licbot.ports.database import Migrations
from licbot.store.database import DatabaseUnusable, normalise
from licbot.store.migrate import CORE, migrate, pending
from licbot.store.tables import Row

TABLES = frozenset(Row.metadata.tables)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The database, as another program sees it."""
    engine = create_engine(normalise(database_url).synchronous)
    yield engine
    engine.dispose()


def only_ours(name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
    """Leave out the tables of plugins and of the workflow engine."""
    return kind != "table" or name in TABLES


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": only_ours, "compare_type": True}
        )
        return list(compare_metadata(context, Row.metadata))


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


async def test_an_empty_database_gets_the_tables_of_the_models(
    database_url: str, engine: Engine
) -> None:
    await migrate(database_url)
    assert tables(engine) == TABLES | {"alembic_version_core"}
    assert differences(engine) == []


async def test_the_comparison_sees_a_missing_column_and_leaves_other_tables_alone(
    database_url: str, engine: Engine
) -> None:
    await migrate(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE workflow_status (x INTEGER)"))
        assert differences(engine) == []
        connection.execute(text("ALTER TABLE card DROP COLUMN ts"))
    assert len(differences(engine)) == 1


async def test_names_of_users_are_ordered_by_code_point(database_url: str, engine: Engine) -> None:
    await migrate(database_url)
    collations = {
        (table, column["name"]): getattr(column["type"], "collation", None)
        for table in ("pick", "removal")
        for column in inspect(engine).get_columns(table)
        if column["name"] in {"user", "module"}
    }
    expected = "C" if engine.dialect.name == "postgresql" else None
    assert set(collations.values()) == {expected}
    assert len(collations) == 4


async def test_a_database_that_is_up_to_date_keeps_what_it_has(
    database_url: str, engine: Engine
) -> None:
    await migrate(database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO seen_request VALUES ('k', '2026-11-24 00:00:00')"))
    await migrate(database_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT key FROM seen_request")).scalars().all() == ["k"]


async def test_what_is_pending_is_told_before_and_after(database_url: str, engine: Engine) -> None:
    assert await pending(database_url) == ["core"]
    assert tables(engine) == set()
    await migrate(database_url)
    assert await pending(database_url) == []


async def test_asking_what_is_pending_creates_no_file(sqlite_url: str, tmp_path: Path) -> None:
    assert await pending(sqlite_url) == ["core"]
    assert os.listdir(tmp_path) == []


FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table("seat", sa.Column("id", sa.Integer, primary_key=True))
    seat = sa.ForeignKey("seat.id", name="fk_holder_seat_seat", ondelete="CASCADE")
    op.create_table("holder", sa.Column("seat", sa.Integer, seat))
    op.execute("INSERT INTO seat VALUES (1)")
    op.execute("INSERT INTO holder VALUES (1)")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade():
    with op.batch_alter_table("seat") as batch:
        batch.alter_column("id", type_=sa.BigInteger)
"""

BROKEN = """
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE seat (id INTEGER)")
    op.execute("INSERT INTO nothing VALUES (1)")
"""


class Plugin:
    """A plugin whose migrations a test writes."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self.migrations = Migrations(name="seats", location=f"{name}:versions")

    def write(self, revision: str, source: str) -> None:
        """Add a migration."""
        (self._folder / f"r{revision}.py").write_text(source)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    """An installed plugin without migrations yet, in a folder with awkward characters."""
    name = f"licbot_seats_{tmp_path.name}"
    folder = tmp_path / "100% new, and: old" / name / "versions"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(folder.parent.parent)
    return Plugin(folder, name)


async def test_plugins_migrate_beside_the_core(
    database_url: str, engine: Engine, plugin: Plugin
) -> None:
    plugin.write("1", FIRST)
    await migrate(database_url)
    assert await pending(database_url, [CORE, plugin.migrations]) == ["seats"]
    await migrate(database_url, [CORE, plugin.migrations])
    added = {"seat", "holder", "alembic_version_seats", "alembic_version_core"}
    assert tables(engine) == TABLES | added
    assert await pending(database_url, [CORE, plugin.migrations]) == []


async def test_a_rebuilt_table_keeps_the_rows_that_refer_to_it(
    database_url: str, engine: Engine, plugin: Plugin
) -> None:
    plugin.write("1", FIRST)
    await migrate(database_url, [plugin.migrations])
    plugin.write("2", SECOND)
    await migrate(database_url, [plugin.migrations])
    [column] = inspect(engine).get_columns("seat")
    assert isinstance(column["type"], BigInteger)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT seat FROM holder")).scalars().all() == [1]


async def test_a_migration_that_fails_undoes_all_of_them(
    database_url: str, engine: Engine, plugin: Plugin
) -> None:
    plugin.write("1", BROKEN)
    with pytest.raises(Exception, match="nothing"):
        await migrate(database_url, [CORE, plugin.migrations])
    assert tables(engine) == set()
    assert await pending(database_url, [CORE, plugin.migrations]) == ["core", "seats"]


async def test_rows_that_refer_to_nothing_stop_a_migration_on_sqlite(
    sqlite_url: str, plugin: Plugin
) -> None:
    plugin.write("1", FIRST.replace('op.execute("INSERT INTO seat VALUES (1)")', "pass"))
    with pytest.raises(DatabaseUnusable, match="rows of holder would refer to missing ones"):
        await migrate(sqlite_url, [plugin.migrations])
    assert await pending(sqlite_url, [plugin.migrations]) == ["seats"]


@pytest.mark.parametrize("look", [migrate, pending])
async def test_a_database_of_a_newer_version_is_refused(
    database_url: str, engine: Engine, look: Callable[[str], Awaitable[object]]
) -> None:
    await migrate(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version_core SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match=r"A newer version .* made the tables of 'core'"):
        await look(database_url)


@pytest.mark.parametrize("look", [migrate, pending])
async def test_a_database_that_does_not_answer_is_told(
    look: Callable[[str], Awaitable[object]],
) -> None:
    with pytest.raises(DatabaseUnusable, match="cannot be reached"):
        await look("postgresql://licbot@127.0.0.1:1/licences")


PROCESS = """
import asyncio, sys
from licbot.store.migrate import migrate
print("ready", flush=True)
sys.stdin.readline()
asyncio.run(migrate(sys.argv[1]))
"""


async def test_processes_that_start_at_once_migrate_once(database_url: str, engine: Engine) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROCESS,
            database_url,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    endings = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [errors for _, errors in endings] == [b"", b""]
    assert [process.returncode for process in processes] == [0, 0]
    assert differences(engine) == []
