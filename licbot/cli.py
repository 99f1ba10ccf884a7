"""The command line of operators."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from licbot.app import (
    AlreadyRunning,
    Licbot,
    SystemClock,
    no_secrets_key,
    open_licbot,
    secrets_keys,
    system_context,
)
from licbot.check import check as check_all
from licbot.hookspecs import SystemContext
from licbot.logs import configure_logs
from licbot.plugins import PluginError, Plugins, load_plugins
from licbot.ports.texts import count
from licbot.settings import Problem, Settings, SettingsError, SystemSettings, load_settings
from licbot.store.database import DatabaseUnusable, open_database
from licbot.store.migrate import CORE, migrate
from licbot.store.vault import Rotation, new_key, rotate

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
            known = settings.systems.get(system) or _with_defaults(system)
            yield system_context(settings, known, database, SystemClock())
        finally:
            await database.close()


def _with_defaults(system: str) -> SystemSettings:
    return SystemSettings(name=system, kind=system, folder=Path.cwd(), options={})


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

    _add_running(cli, plugins)
    _add_looking_after(cli, plugins)
    cli.add_typer(_secrets(plugins), name="secrets")
    plugins.commands(cli)
    return cli


def _add_running(cli: typer.Typer, plugins: Plugins) -> None:
    """The commands that run licbot: ``serve`` and ``demo``."""

    @cli.command()
    def serve(host: Host = "127.0.0.1", port: Port = 3000) -> None:
        """Run licbot: answer Slack, ask for licences, activate them."""
        settings = load_settings(os.environ)
        configure_logs(settings.log.level)
        asyncio.run(_serve(settings, plugins, host, port))

    @cli.command()
    def demo(
        host: Host = "127.0.0.1",
        port: Port = 8080,
        browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
        system: Annotated[
            str,
            typer.Option(help="What is licensed: local, superoffice or superoffice-onsite."),
        ] = "local",
    ) -> None:
        """Run everything on this machine, with a local Slack workspace in the browser."""
        from licbot.demo import run_demo  # the sandbox is not loaded in production

        run_demo(build_cli(plugins), plugins, host=host, port=port, browser=browser, system=system)


def _add_looking_after(cli: typer.Typer, plugins: Plugins) -> None:
    """The commands that look after an installation: ``check``, ``migrate`` and ``plugins``."""

    @cli.command()
    def check() -> None:
        """Say what is wrong with the settings and how to mend it, without starting."""
        configure_logs("WARNING")
        found = asyncio.run(check_all(os.environ, plugins))
        for note in found.notes:
            typer.echo(note)
        for problem in found.problems:
            typer.echo(str(problem).strip(), err=True)
        if found.problems:
            raise typer.Exit(1)
        systems = ", the database and the systems" if found.examined else " and the database"
        typer.echo(f"All is well: the settings, the plugins{systems}.")

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
        for step in sorted(plugins.steps(), key=lambda step: step.name):
            if step.command:
                typer.echo(f"  /license {step.name}: {step.summary}")


def _secrets(plugins: Plugins) -> typer.Typer:
    cli = typer.Typer(
        help="The keys under which licbot keeps secrets, such as what people sign in with.",
        no_args_is_help=True,
    )

    @cli.command("new-key")
    def make_key() -> None:
        """Print a new key for LICBOT_SECRETS_KEYS. Keep it like a password."""
        typer.echo(new_key())

    @cli.command("rotate")
    def rotate_keys() -> None:
        """Encrypt all that is kept anew, under the first key. licbot may serve meanwhile."""
        settings = load_settings(os.environ, complete=False)
        if not settings.secrets.keys:
            raise SettingsError([no_secrets_key("is missing: there is nothing to rotate to.")])
        done = asyncio.run(_rotate(settings, plugins))
        typer.echo(f"{count(done.done, 'secret')} encrypted anew, under the first key.")
        if done.locked:
            _refuse_to_rotate(done.locked)

    return cli


async def _rotate(settings: Settings, plugins: Plugins) -> Rotation:
    url = settings.database.url.get_secret_value()
    await migrate(url, (CORE, *plugins.migrations()))
    database = await open_database(url)
    try:
        return await rotate(database, secrets_keys(settings))
    finally:
        await database.close()


def _refuse_to_rotate(locked: Sequence[tuple[str, str]]) -> None:
    for owner, name in locked:
        typer.echo(f"{owner}: no key in the settings opens the secret {name!r}.", err=True)
    typer.echo(
        "What no key opens was left as it is. Put its key back, at the end of LICBOT_SECRETS_KEYS, "
        "and rotate again. Take no key out before.",
        err=True,
    )
    raise typer.Exit(1)


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
