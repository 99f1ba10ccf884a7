"""Sign-ins lie encrypted in the database, for every process that has the key."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import stamina
from cryptography.fernet import Fernet

from licbot.store.database import open_database
from licbot.store.migrate import CORE, migrate
from licbot.store.vault import SqlVault
from licbot.testing import FakeClock
from tests.plugins.superoffice.auth_support import ANNA, SYSTEM, online_bench

OWNER = f"systems/{SYSTEM}"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True):
        yield


def everything(folder: Path) -> bytes:
    """What lies in the files of the database."""
    return b"".join(each.read_bytes() for each in folder.glob("*.db*"))


async def test_what_is_kept_of_a_sign_in_cannot_be_read_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "licbot.db"
    await migrate(f"sqlite:///{path}", [CORE])
    store = await open_database(f"sqlite:///{path}")
    key = Fernet.generate_key().decode()
    vault = SqlVault(store, [key], OWNER, FakeClock())

    async with online_bench(tmp_path, vault=vault) as bench:
        address = await bench.address(ANNA)
        [begun] = await vault.names()
        verifier = json.loads(await vault.read(begun) or "")["verifier"]
        assert (await bench.back(await bench.online.approve(address, 101))).ok
        [name] = await vault.names()
        grant = json.loads(await vault.read(name) or "")

        other_process = SqlVault(store, [Fernet.generate_key().decode(), key], OWNER, FakeClock())
        assert json.loads(await other_process.read(name) or "") == grant
        await store.close()

    state = dict(parse_qsl(urlsplit(address).query))["state"]
    content = everything(tmp_path)
    assert name == f"grant/{ANNA.id}"
    for secret in (grant["refresh_token"], grant["access_token"], verifier, state):
        assert len(secret) > 20
        assert secret.encode() not in content
