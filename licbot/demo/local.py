"""The scene of the system ``local``: 60 people, and a smaller licence that is waiting."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from pathlib import Path

import typer

from licbot.demo import story
from licbot.demo.scenes import Member, Ready

TABLES = """[systems.local]
offers = "offers"
shop = "https://shop.example/licences"
"""


class LocalScene:
    """A customer whose users and seats licbot itself keeps."""

    def __init__(self, folder: Path, cli: typer.Typer, customer: story.Customer) -> None:
        self.members = [
            Member(name=name, email=story.address(name))
            for name in map(story.person_name, story.PERSONAS)
        ]
        self._folder = folder
        self._cli = cli
        self._customer = customer

    def prepare(self) -> None:
        """Make keys and licences, and import the customer, with the operators' own commands."""
        customer = self._customer
        (self._folder / "offers").mkdir()
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

    @asynccontextmanager
    async def open(self, address: str) -> AsyncIterator[Ready]:
        """There is nothing to run: licbot is all of it."""
        hints = (
            f"A smaller licence is waiting. Put other licence files into\n"
            f"    {self._folder / 'offers'}\nand type /license refresh."
        )
        yield Ready(tables=TABLES, hints=hints)

    def _path(self, name: str) -> str:
        return str(self._folder / name)

    def _write(self, name: str, content: object) -> None:
        (self._folder / name).write_text(json.dumps(content, indent=2), encoding="utf-8")

    def _run(self, *arguments: str) -> None:
        """One of the operators' commands; what it says belongs to operators, not to the demo."""
        with _silenced():
            self._cli(list(arguments), standalone_mode=False)


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep quiet what is written to standard output meanwhile."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield
