"""Secrets move to another key while licbot serves."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.ports.vault import VaultLocked
from licbot.store import vault as module
from licbot.store.database import SqlDatabase
from licbot.store.vault import Rotation, SqlVault, rotate
from licbot.testing import FakeClock
from tests.store.test_vault import OWNER, a_vault, put, tokens

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))


@dataclass(kw_only=True)
class Busy:
    """A database on which something else happens before each transaction that may write.

    writing: how many such transactions there were.
    """

    database: SqlDatabase
    meanwhile: Callable[[], Awaitable[None]] | None = None
    writing: int = field(default=0)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write, after something else was done."""
        self.writing += 1
        if self.meanwhile:
            await self.meanwhile()
        async with self.database.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        async with self.database.read() as connection:
            yield connection


async def five(database: SqlDatabase) -> None:
    """Five secrets of two owners under the old key."""
    for owner, names in ((OWNER, ("a", "b", "c")), ("systems/other", ("a", "b"))):
        for name in names:
            await SqlVault(database, [OLD], owner, FakeClock()).write(name, f"{owner} {name}")


async def test_afterwards_the_new_key_alone_opens_everything(database: SqlDatabase) -> None:
    await five(database)

    assert await rotate(database, [NEW, OLD]) == Rotation(done=5)

    for owner, names in ((OWNER, ("a", "b", "c")), ("systems/other", ("a", "b"))):
        vault = SqlVault(database, [NEW], owner, FakeClock())
        for name in names:
            assert await vault.read(name) == f"{owner} {name}"
        with pytest.raises(VaultLocked):
            await SqlVault(database, [OLD], owner, FakeClock()).read("a")


@pytest.mark.parametrize(("batch", "transactions"), [(1, 5), (2, 3), (5, 1), (100, 1)])
async def test_it_goes_in_small_transactions_and_misses_none(
    batch: int, transactions: int, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    await five(database)
    busy = Busy(database=database)

    assert (await rotate(busy, [NEW, OLD])).done == 5
    assert busy.writing == transactions


async def test_it_can_be_done_again(database: SqlDatabase) -> None:
    await five(database)
    await rotate(database, [NEW, OLD])
    assert await rotate(database, [NEW]) == Rotation(done=5)
    assert await rotate(database, [OLD, NEW]) == Rotation(done=5)
    assert await a_vault(database, OLD).read("a") == f"{OWNER} a"


async def test_nothing_kept_is_nothing_to_do(database: SqlDatabase) -> None:
    assert await rotate(database, [NEW]) == Rotation(done=0)


async def test_what_is_written_meanwhile_stays(database: SqlDatabase) -> None:
    """Given someone who writes, deletes and adds after the rotation has read."""
    await five(database)

    async def serve() -> None:
        vault = a_vault(database, NEW, OLD)
        await vault.write("a", "newer")
        await vault.forget("b")
        await vault.write("d", "added")

    done = await rotate(Busy(database=database, meanwhile=serve), [NEW, OLD])

    assert done == Rotation(done=3)
    vault = a_vault(database, NEW)
    assert await vault.names() == ["a", "c", "d"]
    assert await vault.read("a") == "newer"
    assert await vault.read("c") == f"{OWNER} c"
    assert await vault.read("d") == "added"


async def test_what_no_key_opens_is_named_and_left_and_the_rest_is_done(
    database: SqlDatabase,
) -> None:
    await five(database)
    await a_vault(database, LOST).write("b", "lost")
    await put(database, "c", (await tokens(database))[OWNER, "a"])
    before = await tokens(database)

    done = await rotate(database, [NEW, OLD])

    assert done == Rotation(done=3, locked=((OWNER, "b"), (OWNER, "c")))
    after = await tokens(database)
    assert {key for key in after if after[key] == before[key]} == {(OWNER, "b"), (OWNER, "c")}
    assert await a_vault(database, LOST).read("b") == "lost"


async def test_a_secret_that_is_replaced_meanwhile_is_replaced_all_the_same(
    database: SqlDatabase,
) -> None:
    """Given a rotation that writes another token of the same secret in between."""
    await five(database)

    async def rotates() -> None:
        busy.meanwhile = None
        await rotate(database, [NEW, OLD])

    busy = Busy(database=database, meanwhile=rotates)
    vault = SqlVault(busy, [NEW, OLD], OWNER, FakeClock())

    assert await vault.replace("a", f"{OWNER} a", "newer")
    assert await a_vault(database, NEW).read("a") == "newer"


@pytest.mark.parametrize("change", ["write", "forget"])
async def test_what_another_did_meanwhile_is_not_replaced(
    database: SqlDatabase, change: str
) -> None:
    await five(database)

    async def another() -> None:
        busy.meanwhile = None
        other = a_vault(database, OLD)
        await (other.write("a", "theirs") if change == "write" else other.forget("a"))

    busy = Busy(database=database, meanwhile=another)
    vault = SqlVault(busy, [OLD], OWNER, FakeClock())

    assert not await vault.replace("a", f"{OWNER} a", "mine")
    assert await a_vault(database, OLD).read("a") == ("theirs" if change == "write" else None)
