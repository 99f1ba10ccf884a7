"""``make bench``: how long things take with 100,000 holders, beside a floor of the same run."""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import typer
import uvicorn

from licbot.cli import build_cli
from licbot.demo import Demo, demo_app, listen, opened, story
from licbot.demo.local import LocalScene
from licbot.logs import configure_logs
from licbot.plugins import load_plugins
from licbot.sandbox.actions import Actions
from licbot.sandbox.person import Person

HOLDERS = int(os.environ.get("LICBOT_BENCH_HOLDERS", "100000"))
REMOVALS = HOLDERS // 5
OPENERS = ("Remove superfluous licences", "Change the list")
"""The button that opens the modal, while people are missing and after."""


def big_customer(now: datetime) -> story.Customer:
    """Everybody holds Sales Premium; the new licence has room for four fifths of them."""
    users = [
        {
            "id": f"u{number:06}",
            "name": f"{story.person_name(number % 60)} {number:06}",
            "email": story.address(story.person_name(0)) if not number else f"u{number}@x.example",
            "administrator": not number,
            "last_login": f"2026-{number % 10 + 1:02}-{number % 27 + 1:02}T08:00:00Z",
        }
        for number in range(HOLDERS)
    ]
    seats = [
        {"user": user["id"], "module": module}
        for user in users
        for module in ("sales-premium", "user", "web")
    ]
    return story.Customer(
        tenant={"users": users, "seats": seats},
        installed=_roomy(story.payload(now, 41, (HOLDERS, 20, 10))),
        offered=_roomy(story.payload(now, 42, (HOLDERS - REMOVALS, 20, 10))),
    )


def _roomy(payload: dict[str, Any]) -> dict[str, Any]:
    for module in payload["modules"]:
        if module["hidden"]:
            module["number"] = HOLDERS
    return payload


class Sheet:
    """Figures, each beside the floor."""

    def __init__(self, floor: float) -> None:
        self.floor = floor
        typer.echo(f"floor: one signed request that does nothing, {floor * 1000:.1f} ms")

    async def time(self, what: str, work: Callable[[], Awaitable[object]], times: int = 5) -> None:
        """The median of some tries."""
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            await work()
            taken.append(time.perf_counter() - start)
        self.note(what, sorted(taken)[len(taken) // 2])

    def note(self, what: str, seconds: float) -> None:
        """One figure."""
        typer.echo(f"{what:<58} {seconds * 1000:>9.1f} ms {seconds / self.floor:>8.1f} x floor")


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Person]:
    """The bot and the workspace on loopback, with an administrator."""
    plugins = load_plugins()
    scene = LocalScene(folder, build_cli(plugins), big_customer(datetime.now(UTC)))
    demo = Demo(folder, scene)
    listener = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    start = time.perf_counter()
    await asyncio.to_thread(demo.prepare, address)
    taken = time.perf_counter() - start
    typer.echo(f"import of {HOLDERS:,} users and {HOLDERS * 3:,} seats: {taken:.1f} s")
    async with opened(demo, plugins, address, pace=0.0) as (licbot, _):
        app = demo_app(demo, licbot, address)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        async with httpx.AsyncClient() as http:
            actions = Actions(demo.workspace, f"{address}/slack/events", http)
            admin = next(u.id for u in demo.workspace.users.values() if not u.is_bot)
            yield Person(actions, admin, demo.channel)
        server.should_exit = True
        await running


async def main() -> None:
    """Print the sheet."""
    configure_logs("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as anna:
            await measure(anna)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    typer.echo(f"peak memory, workspace and bot together: {peak:.0f} MB")
    await superoffice(50_000)


async def superoffice(people: int) -> None:
    """Reading who holds what in a tenant of SuperOffice, in a process of its own."""
    reading = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.plugins.superoffice.reading_bench", str(people)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await reading.communicate()
    figures = json.loads(out)
    typer.echo(
        f"read {people:,} associates of SuperOffice: {figures['requests']} requests, "
        f"{figures['seconds']} s, peak memory {figures['peak']} MB"
    )


async def measure(anna: Person) -> None:
    """The whole story with very many holders."""
    await anna.waits_for("Activate new licence", within=60)
    await anna.command("/license help")
    floor = time.perf_counter()
    for _ in range(20):
        await anna.command("/license help")
    sheet = Sheet((time.perf_counter() - floor) / 20)
    card = next(m for m in anna.messages() if OPENERS[0] in m.buttons)

    async def reopen() -> None:
        if anna.modal:
            await anna.close()
        label = next(word for word in card.buttons if word in OPENERS)
        await anna.press(label, in_=card)

    await sheet.time("/license", lambda: anna.command("/license"))
    await sheet.time("open the modal", reopen)
    await sheet.time("search", lambda: anna.fill("Search", "berg 09"))
    await sheet.time("search without a hit", lambda: anna.fill("Search", "nobody at all"))
    await anna.fill("Search", "")
    await sheet.time("next page", lambda: anna.press("Next page"))
    await sheet.time("last page", lambda: anna.press("Last page"), times=1)
    await anna.press("First page")
    start = time.perf_counter()
    await anna.press(f"Pick the {REMOVALS:,} least recent")
    sheet.note(f"pick the {REMOVALS:,} least recent", time.perf_counter() - start)
    await sheet.time("open the modal, all picked", reopen)
    await sheet.time("next page, all picked", lambda: anna.press("Next page"))
    start = time.perf_counter()
    await anna.submit()
    await anna.until(lambda: any("Activate" in m.buttons for m in anna.messages()), within=120)
    sheet.note("Activate appears", time.perf_counter() - start)
    start = time.perf_counter()
    await anna.press("Activate", confirm=True)
    sheet.note("press Activate", time.perf_counter() - start)
    await anna.until(lambda: anna.sees("read back and compared"), within=600)
    sheet.note(f"activation with {REMOVALS:,} people", time.perf_counter() - start)


if __name__ == "__main__":
    asyncio.run(main())
