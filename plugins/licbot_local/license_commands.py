"""``licbot license``: keys, and licence files made, looked at and verified."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from licbot.domain.licenses import Customer, is_reached
from licbot.ports.texts import day
from licbot_local import trust
from licbot_local.envelope import MAX_BYTES
from licbot_local.keys import (
    KeyRefused,
    generate,
    private_pem,
    public_pem,
    read_private_key,
)
from licbot_local.licensefile import Acceptance, IssueRefused, issue, read_unverified, verify
from licbot_local.report import summary
from licbot_local.strict_json import NotStrict, parse
from licbot_local.terminal import FileTrouble, read, refusals, write, write_new
from licbot_local.wording import shown

app = typer.Typer(no_args_is_help=True, help="Signed licence files and the keys to sign them.")

File = Annotated[str, typer.Argument(metavar="FILE", help="A licence file, or - for input.")]


@app.command("new-key")
def new_key(
    kid: Annotated[str | None, typer.Option("--kid", help="The id of the key.")] = None,
    directory: Annotated[Path, typer.Option("--directory", help="Where to put it.")] = Path(),
) -> None:
    """Make a pair of keys: a private one to sign with, a public one to be trusted."""
    name = kid or f"issuer-{datetime.now(UTC):%Y-%m-%d}"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise typer.BadParameter("Use letters, digits, dots and hyphens only.", param_hint="--kid")
    with refusals():
        private, public = _write_pair(name, directory)
    typer.echo(f"Private key, to sign with; keep it secret: {private}")
    typer.echo(f"Public key, for --trust {name}=FILE: {public}")


@app.command("issue")
def issue_command(
    payload: Annotated[str, typer.Argument(metavar="PAYLOAD.json", help="Or - for input.")],
    key: Annotated[str, typer.Option("--key", metavar="PRIVATE.pem")],
    output: Annotated[str, typer.Option("--output", metavar="FILE", help="Or - for output.")],
    kid: Annotated[str | None, typer.Option("--kid", help="By default meta.kid.")] = None,
) -> None:
    """Check a payload, sign it and write the licence file."""
    with refusals():
        try:
            value = parse(read(payload))
        except NotStrict as error:
            raise IssueRefused(f"The payload cannot be read: {error}.") from None
        private = read_private_key(read(key))
        write(output, issue(value, private, kid))


@app.command("inspect")
def inspect(file: File) -> None:
    """Show what a licence file says, without verifying any of it."""
    with refusals():
        found = read_unverified(read(file, MAX_BYTES + 1))
    typer.echo("NOT VERIFIED: anybody may have written this. `licbot license verify` tells.\n")
    typer.echo(summary(found))


@app.command("verify")
def verify_command(
    file: File,
    trusted: Annotated[
        list[str],
        typer.Option("--trust", metavar="KID=KEY.pem", help=trust.HELP, callback=trust.checked),
    ],
    company: Annotated[str | None, typer.Option("--company", help="Of the customer.")] = None,
    serial: Annotated[str | None, typer.Option("--serial", help="Of the customer.")] = None,
    after: Annotated[
        int | None,
        typer.Option("--after", min=0, help="The highest number that was accepted before."),
    ] = None,
) -> None:
    """Check a licence file as licbot does, and say what it grants or why it is refused."""
    if (company is None) != (serial is None):
        raise typer.BadParameter("Give --company and --serial together, or neither.")
    customer = None
    if company is not None and serial is not None:
        customer = Customer(company=company, serial=serial)
    now = datetime.now(UTC)
    with refusals():
        keys = {key.kid: key for key in trust.read_keys(trusted)}
        acceptance = Acceptance(keys=keys, now=now, customer=customer, after=after)
        found = verify(read(file, MAX_BYTES + 1), acceptance)
    typer.echo("Verified: this licence file passes every check.\n")
    typer.echo(summary(found))
    if found.offer.not_before and not is_reached(found.offer.not_before, now):
        typer.echo(f"\nIt may not be activated before {day(found.offer.not_before)}.")


def _write_pair(name: str, directory: Path) -> tuple[Path, Path]:
    private, public = directory / f"{name}.private.pem", directory / f"{name}.public.pem"
    key = generate()
    try:
        if public.exists():
            raise FileExistsError
        write_new(private, private_pem(key), mode=0o600)
        write_new(public, public_pem(key.public_key()), mode=0o644)
    except FileExistsError:
        raise KeyRefused(
            f"There is a key {shown(name)} in this folder already, and it was left alone. "
            "Give the new one another id: --kid KID"
        ) from None
    except OSError:
        raise FileTrouble(
            f"No file can be written in {shown(str(directory), 200)}. "
            "Check that it is a folder and that you may write there."
        ) from None
    return private, public
