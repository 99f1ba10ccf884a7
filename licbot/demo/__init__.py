"""The demo: everything on one machine, with nothing to sign up for."""

import asyncio
import os
import secrets
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from licbot.app import Licbot, open_licbot
from licbot.demo import story
from licbot.demo.local import TABLES, LocalScene
from licbot.demo.scenes import Ready, Scene
from licbot.demo.superoffice import OnlineScene, OnsiteScene
from licbot.logs import configure_logs
from licbot.plugins import Plugins
from licbot.sandbox.app import create_sandbox
from licbot.sandbox.workspace import Workspace
from licbot.settings import load_settings

CHANNEL = "licences"

GRACE_SECONDS = 1
"""The page keeps a connection open for news; nothing is lost when it is cut."""

SCENES: Mapping[str, Callable[[Path, typer.Typer], Scene]] = {
    "local": lambda folder, cli: LocalScene(folder, cli, story.fjordlicht(datetime.now(UTC))),
    "superoffice": lambda folder, cli: OnlineScene(),
    "superoffice-onsite": lambda folder, cli: OnsiteScene(),
}
"""The licensed systems to choose from."""


class Demo:
    """A folder with settings, and a workspace to meet the people of a scene in."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self.folder = folder
        self.scene = scene
        self.bot_token = f"xoxb-{secrets.token_hex(16)}"
        self.signing_secret = secrets.token_hex(16)
        self.workspace = Workspace(bot_token=self.bot_token, signing_secret=self.signing_secret)
        self.channel = self._furnish()

    def _furnish(self) -> str:
        self.workspace.grant(
            *("chat:write", "commands", "files:read", "users:read", "users:read.email")
        )
        self.workspace.add_command(
            "/license",
            "See the licences, and what is waiting",
            "[status | refresh | review | load | history | help]",
        )
        members = [
            self.workspace.add_user(
                member.name.split()[0].lower(), real_name=member.name, email=member.email
            ).id
            for member in self.scene.members
        ]
        channel = self.workspace.add_channel(CHANNEL, members=members)
        self.workspace.add_channel("general", members=members)
        return channel.id

    def environment(self, address: str, ready: Ready) -> dict[str, str]:
        """The settings, as an operator would set them."""
        config = self.folder / "licbot.toml"
        config.write_text(
            f'[slack]\nchannel = "{self.channel}"\n\n{ready.tables}', encoding="utf-8"
        )
        return {
            "LICBOT_CONFIG": str(config),
            "LICBOT_DATABASE_URL": f"sqlite:///{self.folder / 'licbot.db'}",
            "LICBOT_SLACK_BOT_TOKEN": self.bot_token,
            "LICBOT_SLACK_SIGNING_SECRET": self.signing_secret,
            "LICBOT_SLACK_API_URL": f"{address}/api/",
            **ready.environment,
        }

    def prepare(self, address: str) -> None:
        """Furnish the scene; its commands find their settings in this process's environment."""
        os.environ.update(self.environment(address, Ready(tables=TABLES)))
        self.scene.prepare()


def run_demo(
    cli: typer.Typer, plugins: Plugins, *, host: str, port: int, browser: bool, system: str
) -> None:
    """Run the demo until it is interrupted. Nothing of it stays on the machine.

    system: one of SCENES.
    """
    configure_logs("WARNING")
    if host not in ("127.0.0.1", "localhost", "::1"):
        typer.echo("The local workspace has no passwords: it listens on 127.0.0.1 only.", err=True)
        raise typer.Exit(1)
    if system not in SCENES:
        typer.echo(f"The demo has no system '{system}'. Use {' or '.join(SCENES)}.", err=True)
        raise typer.Exit(1)
    listener = listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory(prefix="licbot-demo-") as folder:
        demo = Demo(Path(folder), SCENES[system](Path(folder), cli))
        demo.prepare(address)
        asyncio.run(_run(demo, plugins, address, listener, browser=browser))


async def _run(
    demo: Demo, plugins: Plugins, address: str, listener: socket.socket, *, browser: bool
) -> None:
    async with opened(demo, plugins, address) as (licbot, ready):
        app = demo_app(demo, licbot, address)
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_SECONDS
            )
        )
        _welcome(address, ready)
        if browser and _has_screen():
            webbrowser.open(address)
        await server.serve(sockets=[listener])


@asynccontextmanager
async def opened(
    demo: Demo, plugins: Plugins, address: str, *, pace: float = 1.0
) -> AsyncIterator[tuple[Licbot, Ready]]:
    """The bot, with the scene running beside it. pace: seconds between two messages."""
    async with demo.scene.open(address) as ready:
        settings = load_settings(demo.environment(address, ready))
        async with open_licbot(settings, plugins, pace=pace) as licbot:
            yield licbot, ready


def demo_app(demo: Demo, licbot: Licbot, address: str) -> Starlette:
    """The bot and the workspace as one application."""
    demo.workspace.base_url = address
    sandbox = create_sandbox(demo.workspace, f"{address}/slack/events")
    web = licbot.web()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with sandbox.router.lifespan_context(sandbox), web.router.lifespan_context(web):
            yield

    return Starlette(routes=[*web.routes, Mount("/", sandbox)], lifespan=lifespan)


def _welcome(address: str, ready: Ready) -> None:
    typer.echo(
        f"\nlicbot is running. Open this page, and type /license in #{CHANNEL}:\n\n"
        f"    {address}/\n\n{ready.hints}\n\nStop with Ctrl+C.\n"
    )


def _has_screen() -> bool:
    """Whether a browser could show itself; without a screen, one in the terminal might start."""
    return sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket at the port, or at a free one where that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in (port, 0):
        # With its protocol named, answers are not held back for 40 ms to be sent together.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, wanted))
        except OSError:
            listener.close()
            typer.echo(f"Port {wanted} is taken: using a free one.", err=True)
        else:
            listener.listen(128)
            return listener
    raise typer.Exit(1)
