"""The licensed systems that licbot brings pass one and the same contract."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from licbot.ports.database import Migrations
from licbot.store.database import open_database
from licbot.store.migrate import migrate
from licbot.testing.bench import Arrange, Bench, Tenant
from licbot.testing.seat_contract import GuidesPeople, TakesSeats
from tests.testing.benches import LocalBench, MemoryBench

LOCAL = Migrations(name="local", location="licbot_local:migrations")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the tables of the plugin, to be copied."""
    path = tmp_path_factory.mktemp("local") / "migrated.db"
    asyncio.run(migrate(f"sqlite:///{path}", [LOCAL]))
    return path


class TestMemorySystem(TakesSeats):
    """The fake."""

    @pytest.fixture
    def arrange(self) -> Arrange:
        async def made(tenant: Tenant) -> Bench:
            return MemoryBench(tenant)

        return made


class TestGuidedMemorySystem(GuidesPeople):
    """The fake, where people take the seats."""

    @pytest.fixture
    def arrange(self) -> Arrange:
        async def made(tenant: Tenant) -> Bench:
            bench = MemoryBench(tenant)
            bench.system.guided = True
            return bench

        return made


class TestLocalSystem(TakesSeats):
    """The system of record, on SQLite."""

    @pytest.fixture
    async def arrange(self, migrated: Path, tmp_path: Path) -> AsyncIterator[Arrange]:
        shutil.copy(migrated, tmp_path / "licbot.db")
        database = await open_database(f"sqlite:///{tmp_path / 'licbot.db'}")
        folder = tmp_path / "offers"
        folder.mkdir()

        async def made(tenant: Tenant) -> Bench:
            return await LocalBench(database, folder).fill(tenant)

        yield made
        await database.close()
