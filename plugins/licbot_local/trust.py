"""The option ``--trust KID=KEY.pem``."""

from collections.abc import Sequence

import typer

from licbot_local.keys import KeyRefused, PinnedKey, read_public_key
from licbot_local.terminal import read
from licbot_local.wording import shown

HELP = "A key to trust: its id, and the file of the public key. May be given again."

_MOST = 100_000


def checked(options: Sequence[str] | None) -> list[str]:
    """Refuse options without both parts, as typer refuses wrong usage."""
    given = list(options or ())
    for option in given:
        kid, _, path = option.partition("=")
        if not kid.strip() or not path:
            raise typer.BadParameter("Write it as KID=KEY.pem.")
    return given


def read_keys(options: Sequence[str]) -> list[PinnedKey]:
    """Read the keys that the options name. Raises KeyRefused or FileTrouble."""
    return [_read_key(*option.split("=", 1)) for option in options]


def _read_key(kid: str, path: str) -> PinnedKey:
    try:
        return PinnedKey(kid=kid, public=read_public_key(read(path, _MOST)))
    except KeyRefused as error:
        raise KeyRefused(f"{shown(path, 200)}: {error.message}") from None
