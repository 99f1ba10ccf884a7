"""A customer, the bot and a local workspace, all real, in one process and on one port.

``async with world(folder, …) as here`` starts everything and takes it down again. Whatever
licbot sent to Slack meanwhile is held to the strict checks at the end.
"""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount

from licbot.app import Licbot, open_licbot
from licbot.hookspecs import SystemContext
from licbot.plugins import Plugins, load_plugins
from licbot.sandbox.actions import Actions, Outcome
from licbot.sandbox.app import create_sandbox
from licbot.sandbox.person import Person
from licbot.sandbox.records import Message
from licbot.sandbox.sights import Sight
from licbot.sandbox.workspace import Workspace
from licbot.settings import load_settings
from licbot.slack import surface
from licbot.testing import MemoryVault
from licbot_local.importing import export_tenant, import_tenant
from licbot_local.keys import PinnedKey
from licbot_local.licensefile import issue
from licbot_local.tenant import check_tenant
from tests.scenarios.customers import KID, NOW, Json, address
from tests.scenarios.strict import require_strict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
BOT_TOKEN, SIGNING_SECRET = "xoxb-scenarios", "a-secret-of-the-scenarios"
APP_TOKEN = "xapp-scenarios"
SHOP = "https://shop.example/licences"
LOCAL = f'[systems.local]\noffers = "offers"\nshop = "{SHOP}"\n'
ACK_SECONDS = 15.0
"""Longer than Slack waits: these stories are told on busy machines too."""


class MovingClock:
    """A clock that begins at a fixed moment, goes on by itself and can be put forward."""

    def __init__(self, start: datetime = NOW) -> None:
        self._start = start
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The moment."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def advance(self, **parts: float) -> None:
        """Put it forward by so many ``days``, ``hours``, … or back."""
        self._start += timedelta(**parts)


@dataclass(frozen=True, kw_only=True)
class Member:
    """Someone in the workspace; facts: further fields of a sandbox ``User``."""

    name: str
    email: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def handle(self) -> str:
        """What they are called in the stories."""
        return self.name.split()[0].lower()

    @property
    def id(self) -> str:
        """Their id in Slack."""
        return member_id(self.handle)


def member_id(handle: str) -> str:
    """The id of a member in Slack."""
    return f"U{handle.upper()}"


PEOPLE = tuple(Member(name=name, email=address(name)) for name in ("Anna", "Ben", "Clara"))
"""Anna administers in the usual tenants, Ben and Clara do not."""


def signed(licence: Json | bytes, key: Ed25519PrivateKey = KEY) -> bytes:
    """A licence file; bytes are one already."""
    return licence if isinstance(licence, bytes) else issue(licence, key)


class Stage:
    """A folder with the settings and the offers, and a workspace with its people."""

    def __init__(self, folder: Path, people: Sequence[Member] = PEOPLE) -> None:
        self.folder = folder
        self.offers = folder / "offers"
        self.offers.mkdir(parents=True)
        self.workspace = Workspace(BOT_TOKEN, SIGNING_SECRET, APP_TOKEN, clock=NOW.timestamp)
        self.workspace.ack_seconds = ACK_SECONDS
        self.workspace.grant("chat:write", "commands", "users:read", "users:read.email")
        self.workspace.add_command("/license", "See the licences, and what is waiting")
        for person in people:
            facts = {"email": person.email, "id": person.id, **person.facts}
            self.workspace.add_user(person.handle, real_name=person.name, **facts)
        members = [person.id for person in people]
        self.channel = self.workspace.add_channel("licences", members=members).id

    def leave(self, name: str, licence: Json | bytes) -> None:
        """Put a licence file where offers are looked for."""
        (self.offers / name).write_bytes(signed(licence))

    @property
    def database(self) -> Path:
        """The file of the SQLite database."""
        return self.folder / "licbot.db"

    def environment(
        self,
        address: str,
        *,
        automatic: bool = False,
        administrators: Sequence[str] = (),
        systems: str = LOCAL,
    ) -> dict[str, str]:
        """The settings, as an operator would set them; writes licbot.toml.

        systems: its tables of licensed systems.
        """
        config = self.folder / "licbot.toml"
        members = [member_id(handle) for handle in administrators]
        config.write_text(
            f'[slack]\nchannel = "{self.channel}"\nadministrators = {json.dumps(members)}\n'
            f"[activation]\nautomatic = {str(automatic).lower()}\n"
            f"{systems}",
            encoding="utf-8",
        )
        return {
            "LICBOT_CONFIG": str(config),
            "LICBOT_DATABASE_URL": f"sqlite:///{self.database}",
            "LICBOT_SLACK_BOT_TOKEN": BOT_TOKEN,
            "LICBOT_SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "LICBOT_SLACK_API_URL": f"{address}/api/",
        }


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that runs, and ways to look at it."""

    stage: Stage
    licbot: Licbot
    actions: Actions
    clock: MovingClock
    address: str

    @property
    def workspace(self) -> Workspace:
        """The local Slack workspace."""
        return self.stage.workspace

    def person(self, handle: str) -> Person:
        """A member who looks at the licence channel."""
        return Person(self.actions, member_id(handle), self.stage.channel)

    def leave(self, name: str, licence: Json | bytes) -> None:
        """Put a licence file where offers are looked for."""
        self.stage.leave(name, licence)

    @property
    def context(self) -> SystemContext:
        """The customer's system as operators' commands see it."""
        return SystemContext(
            name="local",
            settings={"offers": "offers"},
            folder=str(self.stage.folder),
            database=self.licbot.database,
            clock=self.clock,
            vault=MemoryVault(),
        )

    async def export(self) -> Json:
        """All users and seats, as ``licbot local export`` writes them."""
        exported: Json = json.loads(await export_tenant(self.context))
        return exported

    async def seats(self, module: str = "") -> frozenset[tuple[str, str]]:
        """Who holds what, as (user, module); of one module where it is given."""
        rows = (await self.export())["seats"]
        held = {(row["user"], row["module"]) for row in rows}
        return frozenset(seat for seat in held if module in ("", seat[1]))

    async def holders(self, module: str) -> frozenset[str]:
        """The ids of the users who hold a module licence."""
        return frozenset(user for user, _ in await self.seats(module))

    async def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """The rows of a question to the database."""
        async with self.licbot.database.read() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]

    async def write(self, statement: str) -> None:
        """Change the customer's system behind licbot's back."""
        async with self.licbot.database.begin() as connection:
            await connection.execute(text(statement))

    async def decided(self) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        """All that people or licbot decided so far: the same where nothing was changed since."""
        tables = await self.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'local_clock' AND "
            "(name LIKE 'local_%' OR name IN "
            "('activation', 'offer', 'pick', 'removal', 'changes', 'event'))"
        )
        return {
            name: sorted(await self.rows(f'SELECT * FROM "{name}"'))  # noqa: S608  our own names
            for (name,) in tables
        }

    def cards(self, viewer: Person) -> list[Sight]:
        """The confirmation messages, oldest first."""
        return cards(self.stage, viewer)

    def card(self, viewer: Person) -> Sight:
        """The newest confirmation message."""
        return self.cards(viewer)[-1]

    async def card_says(self, viewer: Person, *words: str, within: float = 20.0) -> Sight:
        """Wait until the newest confirmation message has all these words; give it."""

        def says() -> bool:
            cards = self.cards(viewer)
            return bool(cards) and all(each in cards[-1].text for each in words)

        try:
            await viewer.until(says, within=within)
        except TimeoutError:
            seen = "\n---\n".join(card.text for card in self.cards(viewer)) or "no message"
            raise AssertionError(f"waited for {words}, and saw:\n{seen}") from None
        await self.noted(viewer)
        return self.card(viewer)

    async def noted(self, viewer: Person) -> None:
        """Wait until licbot knows where its messages are, which follows on their being seen."""
        async with asyncio.timeout(20.0):
            while await self._notes() < len(self.cards(viewer)):  # noqa: ASYNC110  a database
                await asyncio.sleep(0)

    async def _notes(self) -> int:
        [(count,)] = await self.rows("SELECT count(*) FROM card")
        return int(count)

    async def answer(self, person: Person, command: str) -> Sight:
        """What a person is told, for their eyes only, when they send this command."""
        before = len(self.whispers(person))
        outcome = await person.command(command)
        assert outcome.ok, outcome.error
        whispers = self.whispers(person)
        assert len(whispers) == before + 1, "one answer to one command"
        return whispers[-1]

    async def press_beside(self, person: Person, words: str, label: str) -> Outcome:
        """Press the button of this label that stands in the newest card beside these words."""
        card = self.card(person)
        [block] = [
            block
            for block in card.blocks
            if words in block.get("text", {}).get("text", "")
            and block.get("accessory", {}).get("text", {}).get("text") == label
        ]
        return await self.actions.press(
            person.user,
            block_id=block["block_id"],
            action_id=block["accessory"]["action_id"],
            message_ts=self._ts(card),
        )

    @staticmethod
    def _ts(card: Sight) -> str:
        assert isinstance(card.where, Message)
        return card.where.ts

    def whispers(self, person: Person) -> list[Sight]:
        """What only this person sees in the licence channel, oldest first."""
        return [
            sight
            for sight in person.messages(self.stage.channel)
            if isinstance(sight.where, Message) and sight.where.ephemeral_for == person.user
        ]


def cards(stage: Stage, viewer: Person) -> list[Sight]:
    """The confirmation messages in the licence channel, oldest first."""
    bot = stage.workspace.app.bot_user_id
    return [
        Sight(workspace=stage.workspace, user=viewer.user, where=message)
        for message in stage.workspace.visible(stage.channel, viewer.user)
        if message.user == bot and message.ephemeral_for is None
    ]


def modal_of(person: Person) -> Sight:
    """The modal in front of a person."""
    assert person.modal is not None, "a modal is open"
    return person.modal


@contextmanager
def patient() -> Iterator[None]:
    """Let licbot answer within the request however busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surface, "PATIENCE_SECONDS", ACK_SECONDS)
        yield


@asynccontextmanager
async def world(
    folder: Path,
    *,
    tenant: Json | None = None,
    installed: Json | None = None,
    offers: Sequence[Json | bytes] = (),
    people: Sequence[Member] = PEOPLE,
    administrators: Sequence[str] = (),
    automatic: bool = False,
    clock: MovingClock | None = None,
    plugins: Plugins | None = None,
    refused: Collection[str] = (),
    socket_mode: bool = False,
    database: str = "",
    systems: str = LOCAL,
    secrets: Mapping[str, str] | None = None,
    port: socket.socket | None = None,
) -> AsyncIterator[World]:
    """Start the bot and the workspace for a customer; only one at a time in a process.

    tenant, installed: the customer and the licence in force; nothing is imported without.
    offers: licences that wait from the start. administrators: handles named in the settings.
    refused: errors of Slack that this story is about, such as ``channel_not_found``.
    database: the address of another database than a SQLite file.
    socket_mode: whether licbot opens a connection to Slack and takes nothing over HTTP.
    systems: the tables of other licensed systems. secrets: what stands in the environment besides.
    port: a socket to listen on, where its address must be known before.
    """
    time_piece = clock or MovingClock()
    stage = Stage(folder, people)
    for number, offer in enumerate(offers, 1):
        stage.leave(f"offer-{number}.lic", offer)
    with port or listening() as listener, patient():
        here = f"http://127.0.0.1:{listener.getsockname()[1]}"
        stage.workspace.base_url = here
        environment = stage.environment(
            here, automatic=automatic, administrators=administrators, systems=systems
        )
        environment |= secrets or {}
        if database:
            environment["LICBOT_DATABASE_URL"] = database
        if socket_mode:
            del environment["LICBOT_SLACK_SIGNING_SECRET"]
            environment["LICBOT_SLACK_APP_TOKEN"] = APP_TOKEN
        sandbox = create_sandbox(stage.workspace, f"{here}/slack/events")
        known = plugins or load_plugins()
        async with open_licbot(load_settings(environment), known, clock=time_piece, pace=0) as bot:
            made = World(
                stage=stage,
                licbot=bot,
                actions=sandbox.state.actions,
                clock=time_piece,
                address=here,
            )
            await fill(made.context, tenant, installed)
            app = Starlette(routes=[*bot.web().routes, Mount("/", sandbox)])
            async with (
                serving(app, listener),
                sandbox.router.lifespan_context(sandbox),
                bot.running(),
            ):
                yield made
    require_strict(stage.workspace, refused)


async def fill(context: SystemContext, tenant: Json | None, installed: Json | None) -> None:
    """Import a customer, as ``licbot local import`` does."""
    if tenant is None or installed is None:
        return
    await import_tenant(
        context,
        check_tenant(tenant),
        raw=signed(installed),
        trust=[PinnedKey(kid=KID, public=KEY.public_key())],
    )


def listening() -> socket.socket:
    """A socket on a free port of the loopback; who comes before the server is ready waits."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


@asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application for as long as the context lasts."""
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
