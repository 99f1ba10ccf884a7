"""Secrets in the database, encrypted under keys that only the settings hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import ColumnElement, delete, select, tuple_, update

from licbot.ports.clock import Clock
from licbot.ports.database import Database
from licbot.ports.vault import VaultLocked
from licbot.roster.statements import upsert
from licbot.store.tables import SECRET

BATCH = 100
"""Rows that a rotation reads, and then writes, in one transaction."""

NO_KEY = (
    "Nothing can be kept secret: the settings have no key for it. Make one with "
    "`licbot secrets new-key`, and set LICBOT_SECRETS_KEYS to it."
)


def new_key() -> str:
    """A new key, made at random."""
    return Fernet.generate_key().decode()


class SqlVault:
    """The secrets of one owner in a database; see ``licbot.ports.vault.Vault``.

    A secret is sealed together with its owner and its name: in another row it cannot be read.
    """

    def __init__(self, database: Database, keys: Sequence[str], owner: str, clock: Clock) -> None:
        """Take the keys: the first one encrypts, and all of them decrypt."""
        self._database = database
        self._seal = Seal(keys)
        self._owner = owner
        self._clock = clock

    async def read(self, name: str) -> str | None:
        """The secret of this name; ``None`` where there is none. Raises VaultLocked."""
        token = await self._token(name)
        return None if token is None else self._seal.open(token, self._owner, name)

    async def write(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one that had its name. Raises VaultLocked."""
        now = self._clock.now()
        token = self._seal.close(secret, self._owner, name, now)
        row = {"owner": self._owner, "name": name, "token": token, "at": now}
        async with self._database.begin() as connection:
            await upsert(connection, SECRET, [row])

    async def replace(self, name: str, old: str, new: str) -> bool:
        """Keep a secret in place of ``old``, and only of that; whether it was done.

        Raises VaultLocked.
        """
        while (token := await self._token(name)) is not None:
            if self._seal.open(token, self._owner, name) != old:
                return False
            if await self._replace(name, token, new):
                return True
            # The token changed meanwhile: with the secret, or by a rotation that left it as it was.
        return False

    async def _replace(self, name: str, token: str, new: str) -> bool:
        now = self._clock.now()
        fresh = self._seal.close(new, self._owner, name, now)
        statement = update(SECRET).where(*self._is(name), SECRET.c.token == token)
        async with self._database.begin() as connection:
            done = await connection.execute(statement.values(token=fresh, at=now))
        return bool(done.rowcount)

    async def forget(self, name: str) -> None:
        """Delete a secret; nothing where there is none."""
        async with self._database.begin() as connection:
            await connection.execute(delete(SECRET).where(*self._is(name)))

    async def names(self) -> Sequence[str]:
        """The names of all secrets, sorted."""
        query = select(SECRET.c.name).where(SECRET.c.owner == self._owner).order_by(SECRET.c.name)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalars().all()

    async def _token(self, name: str) -> str | None:
        query = select(SECRET.c.token).where(*self._is(name))
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar()

    def _is(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return SECRET.c.owner == self._owner, SECRET.c.name == name


class Seal:
    """Turns secrets into tokens and back."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def close(self, secret: str, owner: str, name: str, at: datetime) -> str:
        """The token of a secret, under the first key. Raises VaultLocked where there is none."""
        if self._fernet is None:
            raise VaultLocked(NO_KEY)
        content = json.dumps({"owner": owner, "name": name, "secret": secret})
        return self._fernet.encrypt_at_time(content.encode(), int(at.timestamp())).decode()

    def open(self, token: str, owner: str, name: str) -> str:
        """The secret of a token. Raises VaultLocked where it is not that of owner and name."""
        match self._content(token):
            case {"owner": str(whose), "name": str(called), "secret": str(secret)}:
                if (whose, called) == (owner, name):
                    return secret
        raise VaultLocked

    def _content(self, token: str) -> object:
        if self._fernet is None:
            raise VaultLocked
        try:
            return json.loads(self._fernet.decrypt(token))
        except (InvalidToken, ValueError):
            raise VaultLocked from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """What a rotation did.

    done: how many secrets it encrypted anew. locked: those that no key opens and that it left as
    they are, each by its owner and its name.
    """

    done: int
    locked: tuple[tuple[str, str], ...] = ()


class _Kept(NamedTuple):
    owner: str
    name: str
    token: str
    at: datetime


async def rotate(database: Database, keys: Sequence[str]) -> Rotation:
    """Encrypt every secret anew under the first key, while others read and write them.

    Secrets that are written or deleted meanwhile are left to whoever does so.
    """
    seal = Seal(keys)
    done = 0
    locked: list[tuple[str, str]] = []
    last = ("", "")
    while rows := await _rows_after(database, last):
        fresh = {row: _anew(row, seal) for row in rows}
        done += await _replace(database, {row: token for row, token in fresh.items() if token})
        locked += [(row.owner, row.name) for row, token in fresh.items() if token is None]
        last = (rows[-1].owner, rows[-1].name)
    return Rotation(done=done, locked=tuple(locked))


async def _rows_after(database: Database, last: tuple[str, str]) -> Sequence[_Kept]:
    columns = SECRET.c
    query = (
        select(columns.owner, columns.name, columns.token, columns.at)
        .where(tuple_(columns.owner, columns.name) > last)
        .order_by(columns.owner, columns.name)
        .limit(BATCH)
    )
    async with database.read() as connection:
        return [_Kept(*row) for row in await connection.execute(query)]


def _anew(row: _Kept, seal: Seal) -> str | None:
    try:
        secret = seal.open(row.token, row.owner, row.name)
    except VaultLocked:
        return None
    return seal.close(secret, row.owner, row.name, row.at)


async def _replace(database: Database, fresh: Mapping[_Kept, str]) -> int:
    """Replace the tokens of rows that still have the one that was read; returns of how many."""
    replaced = 0
    async with database.begin() as connection:
        for row, token in fresh.items():
            statement = update(SECRET).where(
                SECRET.c.owner == row.owner,
                SECRET.c.name == row.name,
                SECRET.c.token == row.token,
            )
            replaced += (await connection.execute(statement.values(token=token))).rowcount
    return replaced
