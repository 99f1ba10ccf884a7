"""The command line of operators."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from licbot.app import (
    AlreadyRunning,
    Licbot,
    SystemClock,
    open_licbot,
    system_problems,
)
from licbot.hookspecs import SystemContext
from licbot.logs import configure_logs
from licbot.plugins import PluginError, Plugins, load_plugins
from licbot.settings import Problem, Settings, SettingsError, load_settings
from licbot.store.database import DatabaseUnusable, open_database
from licbot.store.migrate import CORE, migrate, pending

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")]


GRACE_SECONDS = 5
"""How long open connections may take to end when the process is told to stop."""


class Operator:
    """What commands of plugins reach: the systems of the settings, with the database open."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins

    @asynccontextmanager
    async def open(self, system: str) -> AsyncIterator[SystemContext]:
        """A system of the settings, or one with default settings where they have none.

        Raises SettingsError, also for a system that is not among those of the settings, and
        DatabaseUnusable.
        """
        settings = load_settings(os.environ, complete=False)
        if settings.systems and system not in settings.systems:
            raise SettingsError([_unknown_system(system, settings)])
        url = settings.database.url.get_secret_value()
        await migrate(url, (CORE, *self._plugins.migrations()))
        database = await open_database(url)
        try:
            known = settings.systems.get(system)
            yield SystemContext(
                name=system,
                settings=known.options if known else {},
                folder=str(known.folder if known else Path.cwd()),
                database=database,
                clock=SystemClock(),
            )
        finally:
            await database.close()


def _unknown_system(system: str, settings: Settings) -> Problem:
    return Problem(
        setting=f"[systems.{system}]",
        message="is not in the settings.",
        cure=f"Choose one of the systems that are: {', '.join(sorted(settings.systems))}.",
    )


def build_cli(plugins: Plugins) -> typer.Typer:
    """The command line, with the commands of plugins."""
    cli = typer.Typer(
        help="licbot: licences of a seat-licensed product, activated from Slack.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @cli.callback()
    def prepare(context: typer.Context) -> None:
        context.obj = Operator(plugins)

    @cli.command()
    def serve(host: Host = "127.0.0.1", port: Port = 3000) -> None:
        """Run licbot: answer Slack, ask for licences, activate them."""
        settings = load_settings(os.environ)
        configure_logs(settings.log.level)
        asyncio.run(_serve(settings, plugins, host, port))

    @cli.command()
    def check() -> None:
        """Say what is wrong with the settings and how to mend it, without starting."""
        problems = asyncio.run(_check(plugins))
        for problem in problems:
            typer.echo(str(problem).strip(), err=True)
        if problems:
            raise typer.Exit(1)
        typer.echo("All is well: the settings, the plugins and the database.")

    @cli.command("migrate")
    def migrate_database() -> None:
        """Bring the database up to date. `serve` does it by itself."""
        settings = load_settings(os.environ, complete=False)
        url = settings.database.url.get_secret_value()
        asyncio.run(migrate(url, (CORE, *plugins.migrations())))
        typer.echo("The database is up to date.")

    @cli.command("plugins")
    def list_plugins() -> None:
        """List the plugins and their steps."""
        typer.echo("Plugins: " + ", ".join(plugins.names))
        for name, summary in plugins.summaries():
            typer.echo(f"  /license {name}: {summary}")

    @cli.command()
    def demo(
        host: Host = "127.0.0.1",
        port: Port = 8080,
        browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    ) -> None:
        """Run everything on this machine, with a local Slack workspace in the browser."""
        from licbot.demo import run_demo  # the sandbox is not loaded in production

        run_demo(build_cli(plugins), plugins, host=host, port=port, browser=browser)

    plugins.commands(cli)
    return cli


async def _serve(settings: Settings, plugins: Plugins, host: str, port: int) -> None:
    async with open_licbot(settings, plugins) as licbot:
        way = "Socket Mode" if licbot.socket else f"http://{host}:{port}/slack/events"
        typer.echo(f"licbot answers Slack by {way}")
        await server(licbot, host, port).serve()


def server(licbot: Licbot, host: str, port: int) -> uvicorn.Server:
    """The web server of a licbot."""
    return uvicorn.Server(
        uvicorn.Config(
            licbot.web(),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


async def _check(plugins: Plugins) -> list[Problem]:
    problems: list[Problem] = []
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        problems += error.problems
        try:
            settings = load_settings(os.environ, complete=False)
        except SettingsError:
            return problems
    problems += system_problems(settings, plugins)
    url = settings.database.url.get_secret_value()
    try:
        if waiting := await pending(url, (CORE, *plugins.migrations())):
            typer.echo(f"To be migrated at the next start: {', '.join(waiting)}.")
    except DatabaseUnusable as error:
        problems.append(
            Problem(
                setting="[database] url (LICBOT_DATABASE_URL)",
                message=error.message,
                cure=error.cure,
            )
        )
    return problems


def main() -> None:
    """Run the command line; what operators can mend is said in words, without a traceback."""
    try:
        build_cli(load_plugins())()
    except SettingsError as error:
        _fail(str(problem) for problem in error.problems)
    except (PluginError, DatabaseUnusable, AlreadyRunning) as error:
        _fail([str(error)])
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line.strip(), err=True)
    sys.exit(1)
