"""``licbot local``: a tenant in, a tenant out."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Protocol

import typer

from licbot.hookspecs import SystemContext
from licbot.ports.texts import count
from licbot_local import trust
from licbot_local.envelope import MAX_BYTES
from licbot_local.importing import Imported, export_tenant, import_tenant
from licbot_local.keys import PinnedKey
from licbot_local.tenant import TenantFile, read_tenant
from licbot_local.terminal import STANDARD, read, refusals, write

app = typer.Typer(no_args_is_help=True, help="Users and seats of a local licensed system.")

System = Annotated[str, typer.Option("--system", help="The name of the system in licbot.toml.")]


class Operator(Protocol):
    """What the command line gives in ``ctx.obj`` to commands that need the database."""

    def open(self, system: str) -> AbstractAsyncContextManager[SystemContext]:
        """The settings, clock and database of a system, with its tables up to date."""
        ...


@app.command("import")
def import_command(
    context: typer.Context,
    tenant: Annotated[str, typer.Argument(metavar="TENANT.json", help="A file, or - for input.")],
    license_file: Annotated[
        str | None,
        typer.Option("--license", metavar="FILE", help="The licence file to put in force."),
    ] = None,
    trusted: Annotated[
        list[str] | None,
        typer.Option("--trust", metavar="KID=KEY.pem", help=trust.HELP, callback=trust.checked),
    ] = None,
    system: System = "local",
) -> None:
    """Replace all users and seats of a system by those of a tenant file.

    What stood there before is gone; export it first. Nothing is changed where anything is wrong.
    """
    with refusals():
        keys = trust.read_keys(trusted or [])
        raw = read(license_file, MAX_BYTES + 1) if license_file else None
        people = read_tenant(read(tenant))
        done = asyncio.run(_import(context.obj, system, people, raw, keys))
    typer.echo(
        f"Imported {count(done.users, 'user')} and {count(done.seats, 'seat')} into {system}, "
        f"in place of all that were there. {count(done.modules, 'licence')} in force."
    )


@app.command("export")
def export_command(
    context: typer.Context,
    output: Annotated[str, typer.Option("--output", metavar="FILE")] = STANDARD,
    system: System = "local",
) -> None:
    """Write all users and seats of a system as a tenant file."""
    with refusals():
        found = asyncio.run(_export(context.obj, system))
        write(output, found)


async def _import(
    operator: Operator, system: str, tenant: TenantFile, raw: bytes | None, keys: list[PinnedKey]
) -> Imported:
    async with operator.open(system) as context:
        return await import_tenant(context, tenant, raw=raw, trust=keys)


async def _export(operator: Operator, system: str) -> bytes:
    async with operator.open(system) as context:
        return await export_tenant(context)
