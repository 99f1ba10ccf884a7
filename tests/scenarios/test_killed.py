"""The process dies in the middle of taking seats, and another one brings it to the same end."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from licbot.hookspecs import SystemContext
from licbot.plugins import load_plugins
from licbot.sandbox.actions import Actions
from licbot.sandbox.app import create_sandbox
from licbot.sandbox.person import Person
from licbot.store.database import open_database
from licbot.store.migrate import CORE, migrate
from licbot.testing import MemoryVault
from tests.scenarios.customers import Json, licence, module, tenant
from tests.scenarios.strict import require_strict
from tests.scenarios.world import (
    MovingClock,
    Stage,
    cards,
    fill,
    listening,
    member_id,
    serving,
)

HOLDERS, LEFT, SEATS = 2_000, 1_000, 2_000
"""Half of the holders lose two seats each: 2,000 seats, taken in ten goes."""

STAFF = tenant(
    {name: ["Anna", *map("Person{:04}".format, range(1, HOLDERS))] for name in ("sales", "web")}
)
HELD = (
    "CREATE TRIGGER held BEFORE UPDATE OF done ON activation "
    "WHEN NEW.stage = 'taking' AND NEW.done > 1000 "
    "BEGIN SELECT RAISE(ABORT, 'the disk is busy'); END"
)
"""Lets seats be taken from the database, but not that licbot notes it: the moment to die at."""
PATIENCE = 60.0


def plans(sequence: int, number: int) -> Json:
    """A plan with a licence that comes along."""
    return licence(
        sequence,
        [module("sales", number, extra_info="set=web"), module("web", HOLDERS, hidden=True)],
    )


class Database:
    """The database of another process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """The rows that a statement gives, if it gives any."""
        with closing(sqlite3.connect(self._path, timeout=PATIENCE)) as connection, connection:
            return connection.execute(statement).fetchall()


async def test_a_process_that_is_killed_while_it_takes_seats_takes_each_of_them_once(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path)
    stage.leave("smaller.lic", plans(2, LEFT))
    with listening() as bot, listening() as slack:
        async with the_workspace(stage, slack, bot) as (anna, environment):
            await the_customer(stage)
            database = Database(stage.database)
            async with process(bot, 0, environment) as first:
                await she_picks(anna)
                database(HELD)
                await anna.press("Activate", confirm=True)
                await shows(anna, "2/4 Taking the seats", "1,000 of 2,000 seats")
                await until_taken(database, 1_200)
                first.send_signal(signal.SIGKILL)
                await first.wait()
            planned = database("SELECT user, module FROM removal ORDER BY 1, 2")
            assert len(planned) == SEATS
            assert database("SELECT state, done FROM activation") == [("activating", 1_000)]
            database("DROP TRIGGER held")

            async with process(bot, 1, environment) as second:
                await shows(anna, "New licence activated", "2,000 seats of 1,000 people")
                status = await anna.command("/license")
                assert status.ok
                assert "New licence activated." in anna.latest().text
                second.send_signal(signal.SIGTERM)
                await second.wait()
    require_each_taken_once(database, planned)
    assert len(cards(stage, anna)) == 1
    require_strict(stage.workspace)


def require_each_taken_once(database: Database, planned: Sequence[tuple[str, str]]) -> None:
    """By the system's own record of what runs took."""
    log = "SELECT user_id, module FROM local_seat_log WHERE state = 'taken' ORDER BY 1, 2"
    assert database(log) == planned
    assert database("SELECT count(*), count(DISTINCT run) FROM local_seat_log") == [(SEATS, 1)]
    held = database("SELECT module, count(*) FROM local_seats GROUP BY 1")
    assert held == [("sales", LEFT), ("web", LEFT)]
    assert database(
        "SELECT count(*) FROM local_seats JOIN removal USING (module) WHERE user = user_id"
    ) == [(0,)]
    kinds = database("SELECT kind, count(*) FROM event WHERE kind LIKE 'Activation%' GROUP BY 1")
    assert kinds == [("ActivationStarted", 1), ("ActivationVerified", 1)]


@asynccontextmanager
async def the_workspace(
    stage: Stage, slack: socket.socket, bot: socket.socket
) -> AsyncIterator[tuple[Person, dict[str, str]]]:
    """Serve the workspace alone; the bot is another process, on a socket of its own."""
    here = f"http://127.0.0.1:{slack.getsockname()[1]}"
    stage.workspace.base_url = here
    sandbox = create_sandbox(
        stage.workspace, f"http://127.0.0.1:{bot.getsockname()[1]}/slack/events"
    )
    actions: Actions = sandbox.state.actions
    app = Starlette(routes=[Mount("/", sandbox)])
    async with serving(app, slack), sandbox.router.lifespan_context(sandbox):
        yield Person(actions, member_id("anna"), stage.channel), stage.environment(here)


async def the_customer(stage: Stage) -> None:
    """Import the customer before anything runs."""
    url = f"sqlite:///{stage.database}"
    await migrate(url, (CORE, *load_plugins().migrations()))
    database = await open_database(url)
    context = SystemContext(
        name="local",
        settings={},
        folder=str(stage.folder),
        database=database,
        clock=MovingClock(),
        vault=MemoryVault(),
    )
    await fill(context, STAFF, plans(1, HOLDERS))
    await database.close()


@asynccontextmanager
async def process(
    listener: socket.socket, hours: int, environment: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run licbot as a process; whatever happens, it does not outlive this."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.scenarios.runner", str(listener.fileno()), str(hours)),
        pass_fds=[listener.fileno()],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def she_picks(anna: Person) -> None:
    """Everything up to the press on Activate."""
    await shows(anna, "1,000 must go")
    await anna.press("Remove superfluous licences")
    await anna.press("Pick the 1,000 least recent")
    assert (await anna.submit()).ok
    await shows(anna, "1,000 of 1,000 picked")


async def shows(person: Person, *words: str) -> None:
    """Wait until the newest message has these words."""
    await person.until(
        lambda: bool(person.messages()) and all(w in person.messages()[0].text for w in words),
        within=PATIENCE,
    )


async def until_taken(database: Database, seats: int) -> None:
    """Wait until so many seats are taken, which only the database of the process tells."""
    async with asyncio.timeout(PATIENCE):
        # Another process sets no event here.
        while database("SELECT count(*) FROM local_seat_log") != [(seats,)]:  # noqa: ASYNC110  a file
            await asyncio.sleep(0.01)
