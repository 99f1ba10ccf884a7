"""The composition root: from the settings to every object, by name."""

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from sqlalchemy.engine import make_url
from starlette.applications import Starlette

from licbot.domain.events import Event
from licbot.hookspecs import SystemContext, SystemKind
from licbot.pages import page_routes
from licbot.plugins import Plugins
from licbot.ports.clock import Clock
from licbot.ports.database import Database
from licbot.ports.ports import Policy, Ports
from licbot.ports.system import LicensedSystem
from licbot.settings import Problem, Settings, SettingsError, SystemSettings
from licbot.slack.messenger import SlackMessenger, web_client
from licbot.slack.surface import Surface, build_app
from licbot.slack.web import routes
from licbot.store.database import SqlDatabase, normalise, open_database
from licbot.store.migrate import CORE, migrate
from licbot.store.unit_of_work import SqlStore
from licbot.store.vault import SqlVault
from licbot.workflows.activation import PACE_SECONDS, workflows
from licbot.workflows.engine import Engine, run_step
from licbot.workflows.ticker import Ticker

DRAIN_SECONDS = 10.0
"""How long what people asked for may take to end when the process is told to stop."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


class AlreadyRunning(Exception):
    """Another licbot works on this SQLite database. Stop it first, or move to PostgreSQL, which
    several processes can share.
    """


@dataclass(frozen=True, kw_only=True)
class Licbot:
    """Everything that runs, by name."""

    settings: Settings
    plugins: Plugins
    database: SqlDatabase
    store: SqlStore
    ports: Ports
    engine: Engine
    ticker: Ticker
    surface: Surface
    bolt: AsyncApp
    socket: AsyncSocketModeHandler | None

    async def problems(self) -> Sequence[str]:
        """What keeps it from working, in words."""
        found = []
        try:
            async with self.database.read():
                pass
        except Exception:  # noqa: BLE001  outer edge: whatever it is, the process is not ready
            found.append("the database cannot be read")
        if self.socket and not await self.socket.client.is_connected():
            found.append("the Socket Mode connection is down")
        return found

    def web(self) -> Starlette:
        """The web application, which starts and stops everything with itself."""
        secret = self.settings.slack.signing_secret.get_secret_value()

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with self.running():
                yield

        own = routes(self.bolt, self.problems, secret)
        pages = page_routes(self.plugins.pages(), self.ports)
        return Starlette(routes=[*own, *pages], lifespan=lifespan)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work, until the block ends."""
        await self.engine.start()
        await self.ticker.poll_now()
        ticking = asyncio.create_task(self.ticker.run())
        try:
            if self.socket:
                await self.socket.connect_async()  # type: ignore[no-untyped-call]  # by Bolt
            yield
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
            if self.socket:
                await self.socket.close_async()  # type: ignore[no-untyped-call]  # by Bolt
            # What was acked may still hand jobs over.
            await self.surface.drain(DRAIN_SECONDS)
            await self.engine.stop()


@asynccontextmanager
async def open_licbot(
    settings: Settings,
    plugins: Plugins,
    *,
    clock: Clock | None = None,
    pace: float = PACE_SECONDS,
) -> AsyncIterator[Licbot]:
    """Make every object, with the database open and migrated.

    clock: tells the time; the machine's where none is given. pace: seconds between two messages
    in a channel. Raises SettingsError, DatabaseUnusable, AlreadyRunning.
    """
    url = settings.database.url.get_secret_value()
    with single_process(url):
        await migrate(url, (CORE, *plugins.migrations()))
        database = await open_database(url)
        try:
            yield _compose(settings, plugins, database, clock or SystemClock(), pace)
        finally:
            await database.close()


def _compose(
    settings: Settings, plugins: Plugins, database: SqlDatabase, clock: Clock, pace: float
) -> Licbot:
    slack = settings.slack
    client = web_client(slack.bot_token.get_secret_value(), slack.api_url)
    engine = Engine(normalise(settings.database.url.get_secret_value()).synchronous)

    async def tell(recorded: Sequence[tuple[str, Event]]) -> None:
        for kind, event in recorded:
            await plugins.tell(kind, event, ports)

    store = SqlStore(database, engine.enqueue, tell)
    ports = Ports(
        store=store,
        systems=build_systems(settings, plugins, database, clock),
        messenger=SlackMessenger(client),
        clock=clock,
        advice=plugins,
        policy=policy_of(settings),
    )
    engine.define(workflows(ports, run_step, pace))
    surface = Surface(plugins, ports)
    bolt = build_app(surface, client, slack.signing_secret.get_secret_value())
    app_token = slack.app_token.get_secret_value() if slack.app_token else ""
    return Licbot(
        settings=settings,
        plugins=plugins,
        database=database,
        store=store,
        ports=ports,
        engine=engine,
        ticker=Ticker(ports, engine, store),
        surface=surface,
        bolt=bolt,
        socket=AsyncSocketModeHandler(bolt, app_token) if app_token else None,
    )


def policy_of(settings: Settings) -> Policy:
    """What the settings say of how activations go."""
    return Policy(
        channel=settings.slack.channel,
        administrators=frozenset(settings.slack.administrators),
        automatic=settings.activation.automatic,
        poll_seconds=settings.poll.interval.total_seconds(),
        language=settings.slack.language,
    )


def build_systems(
    settings: Settings, plugins: Plugins, database: Database, clock: Clock
) -> dict[str, LicensedSystem]:
    """The licensed systems of the settings. Raises SettingsError with all that is wrong."""
    if problems := system_problems(settings, plugins):
        raise SettingsError(problems)
    kinds = plugins.systems()
    return {
        name: kinds[system.kind].build(system_context(settings, system, database, clock))
        for name, system in settings.systems.items()
    }


def system_context(
    settings: Settings, system: SystemSettings, database: Database, clock: Clock
) -> SystemContext:
    """What a licensed system is made of, with a vault of its own."""
    return SystemContext(
        name=system.name,
        settings=system.options,
        folder=str(system.folder),
        database=database,
        clock=clock,
        vault=SqlVault(database, secrets_keys(settings), f"systems/{system.name}", clock),
    )


def secrets_keys(settings: Settings) -> Sequence[str]:
    """The keys for secrets, the one that encrypts first."""
    return [key.get_secret_value() for key in settings.secrets.keys]


def system_problems(settings: Settings, plugins: Plugins) -> list[Problem]:
    """What is wrong with the tables ``[systems.…]``, as far as their plugins see."""
    kinds = plugins.systems()
    return [
        problem
        for system in settings.systems.values()
        for problem in (
            _kind_problems(settings, system, kinds[system.kind])
            if system.kind in kinds
            else [_unknown_kind(system, kinds)]
        )
    ]


def _unknown_kind(system: SystemSettings, kinds: Iterable[str]) -> Problem:
    known = ", ".join(sorted(kinds)) or "none"
    return Problem(
        setting=f"[systems.{system.name}]",
        message=f"names the unknown kind '{system.kind}'.",
        cure=f"Use one of the installed kinds ({known}), or install its plugin.",
    )


def _kind_problems(settings: Settings, system: SystemSettings, kind: SystemKind) -> list[Problem]:
    found = kind.check(system.options, str(system.folder))
    if not found and kind.keeps_secrets(system.options) and not settings.secrets.keys:
        return [no_secrets_key(f"is missing: [systems.{system.name}] keeps secrets in licbot.")]
    table = f"[systems.{system.name}]"
    return [Problem(setting=table, message=words, cure="") for words in found]


def no_secrets_key(message: str) -> Problem:
    """The settings have no key for secrets, and something needs one."""
    return Problem(
        setting="[secrets] keys (LICBOT_SECRETS_KEYS)",
        message=message,
        cure="Make a key with `licbot secrets new-key`, and set it in the environment.",
    )


@contextlib.contextmanager
def single_process(url: str) -> Iterator[None]:
    """Hold a SQLite database for this process alone; PostgreSQL is shared.

    The engine takes up the jobs that were left in it, so no one else may be working on them.
    Raises AlreadyRunning.
    """
    address = make_url(normalise(url).synchronous)
    if address.get_backend_name() != "sqlite" or not address.database:
        yield
        return
    with Path(f"{address.database}.lock").open("a") as held:
        _lock(held)
        yield


def _lock(file: IO[str]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(" ".join((AlreadyRunning.__doc__ or "").split())) from None
