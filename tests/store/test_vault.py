"""Secrets come back as they were kept, and to their owner only, from every kind of vault."""

import asyncio
import logging

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from licbot.ports.vault import Vault, VaultLocked
from licbot.store.database import SqlDatabase, open_database
from licbot.store.tables import SECRET
from licbot.store.vault import NO_KEY, SqlVault
from licbot.testing import START, FakeClock, MemoryVault
from tests.store.samples import HOSTILE

KEY, OTHER = (Fernet.generate_key().decode() for _ in range(2))
OWNER = "systems/crm"


def a_vault(database: SqlDatabase, *keys: str, owner: str = OWNER) -> SqlVault:
    """A vault with these keys."""
    return SqlVault(database, keys, owner, FakeClock())


async def tokens(database: SqlDatabase) -> dict[tuple[str, str], str]:
    """What stands in the table, by owner and name."""
    async with database.read() as connection:
        rows = await connection.execute(select(SECRET.c.owner, SECRET.c.name, SECRET.c.token))
        return {(owner, name): token for owner, name, token in rows}


async def put(database: SqlDatabase, name: str, token: str, owner: str = OWNER) -> None:
    """Put a token into a row, as whoever can write to the database could."""
    async with database.begin() as connection:
        await connection.execute(
            update(SECRET).where(SECRET.c.owner == owner, SECRET.c.name == name).values(token=token)
        )


class VaultContract:
    """What every vault keeps to."""

    async def test_a_new_vault_has_nothing(self, vault: Vault) -> None:
        assert await vault.names() == []
        assert await vault.read("token") is None

    @pytest.mark.parametrize("secret", [*HOSTILE, "nul \0 and half \ud83d", "long" * 20_000])
    async def test_a_secret_comes_back_as_it_was(self, vault: Vault, secret: str) -> None:
        await vault.write("token", secret)
        assert await vault.read("token") == secret

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_a_secret_is_found_by_its_name_alone(self, vault: Vault, name: str) -> None:
        await vault.write(name, "mine")
        await vault.write(f"{name} ", "another's")
        assert await vault.read(name) == "mine"

    async def test_the_last_one_written_is_kept(self, vault: Vault) -> None:
        await vault.write("token", "first")
        await vault.write("token", "second")
        assert await vault.read("token") == "second"
        assert await vault.names() == ["token"]

    async def test_what_is_forgotten_is_gone_and_nothing_else(self, vault: Vault) -> None:
        await vault.write("token", "first")
        await vault.write("key", "second")
        for _ in range(2):
            await vault.forget("token")
        assert await vault.read("token") is None
        assert await vault.read("key") == "second"

    async def test_a_secret_is_replaced_where_it_is_still_the_one(self, vault: Vault) -> None:
        await vault.write("token", "first")
        await vault.write("other", "first")

        assert await vault.replace("token", "first", "second")
        assert not await vault.replace("token", "first", "third")

        assert await vault.read("token") == "second"
        assert await vault.read("other") == "first"

    async def test_what_is_gone_is_not_replaced(self, vault: Vault) -> None:
        await vault.write("token", "first")
        await vault.forget("token")

        assert not await vault.replace("token", "first", "second")

        assert await vault.names() == []

    async def test_of_many_who_replace_the_same_one_does(self, vault: Vault) -> None:
        await vault.write("token", "first")

        done = await asyncio.gather(
            *(vault.replace("token", "first", f"number {n}") for n in range(8))
        )

        assert sum(done) == 1
        assert await vault.read("token") == f"number {done.index(True)}"

    async def test_names_are_sorted_by_code_point(self, vault: Vault) -> None:
        for name in ("b", "ä", "a/2", "A", "a"):
            await vault.write(name, "secret")
        assert await vault.names() == ["A", "a", "a/2", "b", "ä"]

    async def test_no_secret_is_shown(self, vault: Vault) -> None:
        await vault.write("token", "hush-hush")
        assert "hush-hush" not in repr(vault)
        assert KEY not in repr(vault)


class TestMemoryVault(VaultContract):
    """The fake."""

    @pytest.fixture
    def vault(self) -> MemoryVault:
        return MemoryVault()

    async def test_a_locked_secret_cannot_be_read_until_it_is_written_anew(self) -> None:
        vault = MemoryVault(secrets={"token": "first", "key": "open"}, locked={"token"})
        with pytest.raises(VaultLocked):
            await vault.read("token")
        with pytest.raises(VaultLocked):
            await vault.replace("token", "first", "second")
        assert await vault.names() == ["key", "token"]
        assert await vault.read("key") == "open"
        await vault.write("token", "second")
        assert await vault.read("token") == "second"


class TestSqlVault(VaultContract):
    """The one in the database, on each kind of it."""

    @pytest.fixture
    def vault(self, database: SqlDatabase) -> SqlVault:
        return a_vault(database, KEY)

    async def test_each_owner_has_secrets_of_its_own(self, database: SqlDatabase) -> None:
        mine, other = a_vault(database, KEY), a_vault(database, KEY, owner="systems/other")
        await mine.write("token", "mine")
        await other.write("token", "theirs")
        await other.write("key", "theirs too")
        await mine.forget("key")
        assert await mine.names() == ["token"]
        assert await mine.read("token") == "mine"
        assert await other.read("key") == "theirs too"

    async def test_the_table_holds_neither_the_secret_nor_a_trace_of_it(
        self, database: SqlDatabase
    ) -> None:
        vault = a_vault(database, KEY)
        await vault.write("token", "hush-hush")
        [first] = (await tokens(database)).values()
        await vault.write("token", "hush-hush")
        [second] = (await tokens(database)).values()
        assert "hush-hush" not in first
        assert first != second, "the same secret twice is not seen to be the same"

    async def test_the_moment_of_the_last_writing_is_kept(self, database: SqlDatabase) -> None:
        await a_vault(database, KEY).write("token", "secret")
        async with database.read() as connection:
            assert (await connection.execute(select(SECRET.c.at))).scalar() == START

    async def test_the_first_key_encrypts_and_all_of_them_decrypt(
        self, database: SqlDatabase
    ) -> None:
        await a_vault(database, KEY).write("old", "under the old key")
        both = a_vault(database, OTHER, KEY)
        await both.write("new", "under the new key")
        assert await both.read("old") == "under the old key"
        assert await a_vault(database, OTHER).read("new") == "under the new key"
        with pytest.raises(VaultLocked):
            await a_vault(database, KEY).read("new")

    async def test_a_secret_whose_key_is_gone_is_locked_until_it_is_written_anew(
        self, database: SqlDatabase
    ) -> None:
        await a_vault(database, KEY).write("token", "secret")
        vault = a_vault(database, OTHER)
        with pytest.raises(VaultLocked, match="Put the key back"):
            await vault.read("token")
        with pytest.raises(VaultLocked):
            await vault.replace("token", "secret", "another")
        assert await vault.names() == ["token"]
        await vault.write("token", "another")
        assert await vault.read("token") == "another"

    @pytest.mark.parametrize("damage", ["", "gAAAAA", "nonsense", "für immer", "cut", "turned"])
    async def test_a_damaged_token_is_locked(self, database: SqlDatabase, damage: str) -> None:
        vault = a_vault(database, KEY)
        await vault.write("token", "secret")
        [token] = (await tokens(database)).values()
        changed = {"cut": token[:-8], "turned": token[:-9] + token[-9:][::-1]}
        await put(database, "token", changed.get(damage, damage))
        with pytest.raises(VaultLocked):
            await vault.read("token")

    @pytest.mark.parametrize(
        "content", ['"text"', "[]", "{}", "no JSON", '{"owner": "systems/crm", "name": "token"}']
    )
    async def test_what_something_else_encrypted_under_the_key_is_locked(
        self, database: SqlDatabase, content: str
    ) -> None:
        vault = a_vault(database, KEY)
        await vault.write("token", "secret")
        await put(database, "token", Fernet(KEY).encrypt(content.encode()).decode())
        with pytest.raises(VaultLocked):
            await vault.read("token")

    async def test_rows_that_were_swapped_are_locked(self, database: SqlDatabase) -> None:
        """Whoever can write to the database cannot pass one secret off as another."""
        vault, other = a_vault(database, KEY), a_vault(database, KEY, owner="systems/other")
        await vault.write("anna", "anna's")
        await vault.write("bea", "bea's")
        await other.write("anna", "another anna's")
        found = await tokens(database)
        await put(database, "anna", found[OWNER, "bea"])
        await put(database, "bea", found["systems/other", "anna"])
        await put(database, "anna", found[OWNER, "anna"], owner="systems/other")
        for each, name in ((vault, "anna"), (vault, "bea"), (other, "anna")):
            with pytest.raises(VaultLocked):
                await each.read(name)

    async def test_without_a_key_nothing_is_kept(self, database: SqlDatabase) -> None:
        await a_vault(database, KEY).write("token", "secret")
        vault = a_vault(database)
        with pytest.raises(VaultLocked, match="licbot secrets new-key") as refusal:
            await vault.write("other", "hush-hush")
        assert refusal.value.message == NO_KEY
        with pytest.raises(VaultLocked):
            await vault.read("token")
        assert await vault.read("other") is None
        assert await vault.names() == ["token"]
        await vault.forget("token")
        assert await vault.names() == []

    async def test_no_secret_is_logged_or_in_an_error(
        self, migrated_url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Given libraries that log each statement with its parameters."""
        caplog.set_level(logging.DEBUG)
        caplog.set_level(logging.DEBUG, logger="sqlalchemy.engine")
        database = await open_database(migrated_url)
        await a_vault(database, KEY).write("token", "hush-hush")
        await a_vault(database, KEY).read("token")
        with pytest.raises(VaultLocked) as locked:
            await a_vault(database, OTHER).read("token")
        await database.close()
        said = f"{caplog.text} {locked.value!r} {locked.value.__context__!r}"
        assert "INSERT INTO secret" in caplog.text
        for hidden in ("hush-hush", KEY, OTHER):
            assert hidden not in said
