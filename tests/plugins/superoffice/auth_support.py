"""Tenants to sign in to: the stand-in on the loopback, and a wire that answers as it is told."""

import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from licbot.domain.people import Person
from licbot.hookspecs import Shown, SystemContext
from licbot.ports.database import Migrations
from licbot.ports.ports import Ports
from licbot.ports.vault import Vault
from licbot.store.database import SqlDatabase, open_database
from licbot.store.migrate import migrate
from licbot.testing import FakeClock, MemoryMessenger, MemorySystem, ports
from licbot.testing.superoffice import App, Online, Onsite, Tenant, customers, serve
from licbot.testing.vault import MemoryVault
from licbot_superoffice.administrators import Administrators
from licbot_superoffice.assembly import Line, administrators, open_line
from licbot_superoffice.pages import come_back
from licbot_superoffice.settings import check, read
from licbot_superoffice.transport import Transport

CLIENT = "the-client"
CLIENT_SECRET = "the-client-secret"
REDIRECT = "https://licbot.example.com/oauth/superoffice"
SYSTEM = "superoffice"

ANNA = Person(id="U1ANNA", name="anna", email="Anna.Schaefer@nordlicht.example")
"""An administrator: user 101 of ``customers.with_plans``."""
BERND = Person(id="U2BERND", name="bernd", email="bernd.schaefer@nordlicht.example")
"""Another one: user 102."""
DIETER = Person(id="U4DIETER", name="dieter", email="dieter.schaefer@nordlicht.example")
"""A user without rights: 104."""
IDS = {ANNA.id: 101, BERND.id: 102, DIETER.id: 104}

_MIGRATIONS = Migrations(name="superoffice", location="licbot_superoffice:migrations")


@cache
def private_key() -> rsa.RSAPrivateKey:
    """The key of the app, the same for all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey | None = None) -> str:
    """A private key as it stands in settings."""
    chosen = key or private_key()
    return chosen.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def online_settings(**more: str) -> dict[str, str]:
    """Settings of a tenant of SuperOffice Online, without a system user."""
    return {
        "customer": "Cust12345",
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "redirect_url": REDIRECT,
        **more,
    }


@dataclass
class Pauses:
    """Waits for nothing, and notes for how long it was to."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Told(MemorySystem):
    """A system that has administrators, and nothing else that matters here."""

    def __init__(self, who: Administrators) -> None:
        super().__init__(name=who.access.system)
        self.administrators = who


@dataclass
class Emails:
    """What is known of users by their e-mail addresses, and how often that was asked."""

    administrators: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, email: str) -> bool:
        self.asked.append(email)
        return email in self.administrators


@dataclass(kw_only=True)
class Bench:
    """One system with all that belongs to it. known, now: by e-mail address, stored and asked."""

    settings: Mapping[str, str]
    clock: FakeClock
    vault: MemoryVault
    database: SqlDatabase
    pauses: Pauses
    known: Emails
    now: Emails
    messenger: MemoryMessenger
    line: Line
    administrators: Administrators
    ports: Ports

    def restarted(self) -> Administrators:
        """The same after a restart: nothing is remembered but what is stored."""
        made = context(self.settings, self.database, self.clock, self.vault)
        config = read(self.settings, ".")
        line = open_line(made, config, Transport(self.clock, pause=self.pauses))
        return administrators(made, config, line.access, self.known, self.now)

    async def address(self, person: Person) -> str:
        """Where the button leads that a person gets."""
        signed_in = self.line.access.signed_in
        assert signed_in
        return await signed_in.sign_in.begin(person.id)

    async def back(self, address: str) -> Shown:
        """The page that a browser comes back to."""
        return await come_back(dict(parse_qsl(urlsplit(address).query)), self.ports)


@dataclass(kw_only=True)
class OnlineBench(Bench):
    """A tenant of SuperOffice Online on the loopback."""

    tenant: Tenant
    online: Online

    async def sign_in(self, person: Person, user: int | None = None) -> Shown:
        """Let a person sign in, as themselves where no other user is named."""
        address = await self.address(person)
        return await self.back(await self.online.approve(address, user or IDS[person.id]))

    def asked(self, part: str) -> int:
        """How often the tenant was asked for something."""
        return sum(part in served.path for served in self.tenant.requests)

    def bearers(self) -> list[str | None]:
        """As whom the API was spoken to, in order."""
        return [served.who for served in self.tenant.requests if served.below]


def context(
    settings: Mapping[str, str], database: SqlDatabase, clock: FakeClock, vault: Vault
) -> SystemContext:
    """What a system is made of."""
    return SystemContext(
        name=SYSTEM, settings=settings, folder=".", database=database, clock=clock, vault=vault
    )


_empty: dict[str, bytes] = {}


@asynccontextmanager
async def a_database(folder: Path) -> AsyncIterator[SqlDatabase]:
    """An open SQLite database with the plugin's tables, which are made once."""
    path = folder / f"superoffice-{uuid.uuid4().hex}.db"
    if not _empty:
        await migrate(f"sqlite:///{path}", [_MIGRATIONS])
        _empty["file"] = path.read_bytes()
    path.write_bytes(_empty["file"])
    database = await open_database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        await database.close()


def _parts(
    settings: Mapping[str, str],
    database: SqlDatabase,
    clock: FakeClock,
    network: httpx.AsyncBaseTransport | None,
    vault: Vault | None,
) -> dict[str, Any]:
    assert check(settings, ".") == []
    kept = vault if vault is not None else MemoryVault()
    made = context(settings, database, clock, kept)
    config = read(settings, ".")
    pauses, known, now = Pauses(), Emails(), Emails()
    line = open_line(made, config, Transport(clock, network=network, pause=pauses))
    who = administrators(made, config, line.access, known, now)
    messenger = MemoryMessenger(people={each.id: each for each in (ANNA, BERND, DIETER)})
    return {
        "settings": settings,
        "clock": clock,
        "vault": kept,
        "database": database,
        "pauses": pauses,
        "known": known,
        "now": now,
        "messenger": messenger,
        "line": line,
        "administrators": who,
        "ports": ports(Told(who), messenger=messenger, clock=clock),
    }


@asynccontextmanager
async def wire_bench(
    folder: Path,
    handler: Callable[[httpx.Request], httpx.Response],
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Bench]:
    """A tenant that answers as a test tells it to."""
    async with a_database(folder) as database:
        network = wire(handler)
        parts = _parts(settings or online_settings(), database, FakeClock(), network, None)
        yield Bench(**parts)


@asynccontextmanager
async def online_bench(
    folder: Path, *, vault: Vault | None = None, **more: str
) -> AsyncIterator[OnlineBench]:
    """Sixty people of ``customers.with_plans``, on the loopback."""
    clock = FakeClock()
    tenant = customers.with_plans(clock.now)
    app = App(
        client_id=CLIENT,
        client_secret=CLIENT_SECRET,
        redirect_uris=(REDIRECT,),
        public_key=private_key().public_key(),
    )
    online = Online(tenant, app=app)
    async with serve(online.app) as login, a_database(folder) as database:
        settings = online_settings(login_url=login, **more)
        parts = _parts(settings, database, clock, None, vault)
        yield OnlineBench(tenant=tenant, online=online, **parts)


@asynccontextmanager
async def onsite_bench(folder: Path, password: str = "open sesame") -> AsyncIterator[OnlineBench]:
    """The same people on a server of their own; licbot is Anna there."""
    clock = FakeClock()
    tenant = customers.with_plans(clock.now)
    onsite = Onsite(tenant)
    async with serve(onsite.app) as address, a_database(folder) as database:
        settings = {
            "address": f"{address}/WebApi",
            "username": tenant.users[101].login,
            "password": password,
        }
        parts = _parts(settings, database, clock, None, None)
        yield OnlineBench(tenant=tenant, **{**parts, "online": None})


def wire(handler: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncBaseTransport:
    """A network on which everything is answered by a function, as raw bytes."""

    def answer(request: httpx.Request) -> httpx.Response:
        given = handler(request)
        try:
            stream = httpx.ByteStream(given.content)
        except httpx.ResponseNotRead:
            return given
        return httpx.Response(given.status_code, headers=given.headers, stream=stream)

    return httpx.MockTransport(answer)


def as_json(value: object, status: int = 200) -> httpx.Response:
    """An answer in JSON."""
    return httpx.Response(status, content=json.dumps(value).encode())
