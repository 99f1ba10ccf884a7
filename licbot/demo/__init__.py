"""The demo: everything on one machine, with nothing to sign up for."""

import asyncio
import json
import os
import secrets
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import typer
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from licbot.app import Licbot, open_licbot
from licbot.demo import story
from licbot.logs import configure_logs
from licbot.plugins import Plugins
from licbot.sandbox.app import create_sandbox
from licbot.sandbox.workspace import Workspace
from licbot.settings import load_settings

CHANNEL = "licences"

GRACE_SECONDS = 1
"""The page keeps a connection open for news; nothing is lost when it is cut."""


class Demo:
    """A folder with a customer, and a workspace to meet its people in."""

    def __init__(self, folder: Path, cli: typer.Typer) -> None:
        self.folder = folder
        self._cli = cli
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
                name.split()[0].lower(), real_name=name, email=story.address(name)
            ).id
            for name in map(story.person_name, story.PERSONAS)
        ]
        channel = self.workspace.add_channel(CHANNEL, members=members)
        self.workspace.add_channel("general", members=members)
        return channel.id

    def prepare(self, customer: story.Customer) -> None:
        """Make keys and licences, and import the customer, with the operators' own commands."""
        offers = self.folder / "offers"
        offers.mkdir()
        self._write("tenant.json", customer.tenant)
        self._write("installed.json", customer.installed)
        self._write("offered.json", customer.offered)
        private, public = f"{story.KID}.private.pem", f"{story.KID}.public.pem"
        self._run("license", "new-key", "--kid", story.KID, "--directory", self._path(""))
        for payload, target in (("installed", "installed.lic"), ("offered", "offers/smaller.lic")):
            self._run(
                *("license", "issue", self._path(f"{payload}.json")),
                *("--key", self._path(private), "--kid", story.KID),
                *("--output", self._path(target)),
            )
        self._run(
            *("local", "import", self._path("tenant.json")),
            *("--license", self._path("installed.lic")),
            *("--trust", f"{story.KID}={self._path(public)}"),
        )

    def environment(self, address: str) -> dict[str, str]:
        """The settings, as an operator would set them."""
        config = self.folder / "licbot.toml"
        config.write_text(
            f'[slack]\nchannel = "{self.channel}"\n\n[systems.local]\noffers = "offers"\n',
            encoding="utf-8",
        )
        return {
            "LICBOT_CONFIG": str(config),
            "LICBOT_DATABASE_URL": f"sqlite:///{self.folder / 'licbot.db'}",
            "LICBOT_SLACK_BOT_TOKEN": self.bot_token,
            "LICBOT_SLACK_SIGNING_SECRET": self.signing_secret,
            "LICBOT_SLACK_API_URL": f"{address}/api/",
        }

    def _path(self, name: str) -> str:
        return str(self.folder / name)

    def _write(self, name: str, content: object) -> None:
        (self.folder / name).write_text(json.dumps(content, indent=2), encoding="utf-8")

    def _run(self, *arguments: str) -> None:
        """One of the operators' commands; what it says belongs to operators, not to the demo."""
        with _silenced():
            self._cli(list(arguments), standalone_mode=False)


def run_demo(cli: typer.Typer, plugins: Plugins, *, host: str, port: int, browser: bool) -> None:
    """Run the demo until it is interrupted. Nothing of it stays on the machine."""
    configure_logs("WARNING")
    if host not in ("127.0.0.1", "localhost", "::1"):
        typer.echo("The local workspace has no passwords: it listens on 127.0.0.1 only.", err=True)
        raise typer.Exit(1)
    listener = listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory(prefix="licbot-demo-") as folder:
        demo = Demo(Path(folder), cli)
        environment = demo.environment(address)
        os.environ.update(environment)  # the operators' commands read it, as they always do
        demo.prepare(story.fjordlicht(datetime.now(UTC)))
        asyncio.run(_run(demo, plugins, environment, address, listener, browser=browser))


async def _run(
    demo: Demo,
    plugins: Plugins,
    environment: dict[str, str],
    address: str,
    listener: socket.socket,
    *,
    browser: bool,
) -> None:
    async with open_licbot(load_settings(environment), plugins) as licbot:
        app = demo_app(demo, licbot, address)
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_SECONDS
            )
        )
        _welcome(demo, address)
        if browser and _has_screen():
            webbrowser.open(address)
        await server.serve(sockets=[listener])


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


def _welcome(demo: Demo, address: str) -> None:
    typer.echo(
        f"\nlicbot is running. Open this page, and type /license in #{CHANNEL}:\n\n"
        f"    {address}/\n\n"
        f"A smaller licence is waiting. Put other licence files into\n"
        f"    {demo.folder / 'offers'}\nand type /license refresh. Stop with Ctrl+C.\n"
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


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep quiet what is written to standard output meanwhile."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield
