"""The ``local`` licensed system: users, seats and signed licence files in licbot's database."""

from collections.abc import Sequence

import typer

from licbot.domain.people import Holder
from licbot.domain.removals import Lane, RemovalAdvice
from licbot.hookspecs import SystemContext, SystemKind, hookimpl
from licbot.ports.database import Migrations
from licbot.ports.system import LicensedSystem
from licbot_local import license_commands, local_commands, settings
from licbot_local.system import LocalSystem

KIND = "local"


@hookimpl
def licbot_systems() -> Sequence[SystemKind]:
    """Give the kind ``local``."""
    return [SystemKind(name=KIND, check=settings.check, build=_build)]


@hookimpl
def licbot_migrations() -> Sequence[Migrations]:
    """Give the migrations of the tables."""
    return [Migrations(name=KIND, location="licbot_local:migrations")]


@hookimpl
def licbot_commands(app: typer.Typer) -> None:
    """Add ``licbot local`` and ``licbot license``."""
    app.add_typer(local_commands.app, name="local")
    app.add_typer(license_commands.app, name="license")


@hookimpl
def licbot_removal_advice(holder: Holder) -> RemovalAdvice | None:
    """Let nobody take an administrator's seat without a second look."""
    if holder.administrator:
        return RemovalAdvice(lane=Lane.NEEDS_REVIEW, why="administrator")
    return None


def _build(context: SystemContext) -> LicensedSystem:
    return LocalSystem(context, settings.source(context.settings, context.folder))
