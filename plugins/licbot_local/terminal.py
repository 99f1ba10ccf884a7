"""Reading and writing at the command line, with words for what goes wrong."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import typer

from licbot.domain.errors import LicbotError
from licbot_local.wording import shown

STANDARD = "-"
"""The name that stands for standard input or output."""


class FileTrouble(LicbotError):
    """This file cannot be read or written. Check its name and its permissions."""


@contextmanager
def refusals() -> Iterator[None]:
    """Turn errors into words on standard error and the exit code 1."""
    try:
        yield
    except LicbotError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None


def read(name: str, most: int = -1) -> bytes:
    """The bytes of a file or of standard input, no more than ``most`` where that is given.

    Raises FileTrouble.
    """
    try:
        if name == STANDARD:
            return typer.get_binary_stream("stdin").read(most)
        with Path(name).open("rb") as file:
            return file.read(most)
    except OSError as error:
        _trouble(name, "read", error)


def write(name: str, content: bytes) -> None:
    """Write a file as a whole, in place of a former one, or to standard output.

    Who looks into the folder meanwhile never sees half of it. Raises FileTrouble.
    """
    if name == STANDARD:
        stream = typer.get_binary_stream("stdout")
        stream.write(content)
        stream.flush()
        return
    path = Path(name)
    if path.is_dir():
        _trouble(name, "written", IsADirectoryError())
    # A folder that offers are looked for in passes over hidden files.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_new(draft, content, mode=0o644)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        _trouble(name, "written", error)


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that is not there yet, with these permissions. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _trouble(name: str, done: str, error: OSError) -> NoReturn:
    if isinstance(error, FileNotFoundError):
        cure = "There is no such file or folder. Check the name."
    elif isinstance(error, IsADirectoryError):
        cure = "It is a folder. Name a file in it."
    else:
        cure = "Check its permissions, and that there is room on the disk."
    raise FileTrouble(f"{shown(name, 200)} cannot be {done}. {cure}") from None
