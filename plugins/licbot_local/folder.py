"""Offers that are put into a folder."""

import asyncio
import os
import stat
from pathlib import Path

from licbot.domain.errors import SystemUnavailable
from licbot.ports.system import RefusedOffer
from licbot_local.envelope import MAX_BYTES
from licbot_local.offers import Candidate, Collected
from licbot_local.wording import shown

MOST_FILES = 200
"""How many files of a folder are looked at."""


class FolderSource:
    """Every file of a folder; neither hidden ones nor links that lead out of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def collect(self) -> Collected:
        """Read the files. Raises SystemUnavailable where the folder cannot be read."""
        return await asyncio.to_thread(self._collect)

    def _collect(self) -> Collected:
        try:
            files = self._files()
        except OSError:
            raise SystemUnavailable(
                f"The folder {shown(self._folder.name)}, in which licences are looked for, can't "
                "be read. Make it, or mend `offers` in the settings."
            ) from None
        candidates: list[Candidate] = []
        refused: list[RefusedOffer] = []
        for name, path in files[:MOST_FILES]:
            try:
                candidates.append(Candidate(source=shown(name), raw=_read(path)))
            except OSError:
                refused.append(_refused(name, "Give licbot leave to read this file."))
        if len(files) > MOST_FILES:
            cure = f"Only {MOST_FILES} files are read. Remove old ones from the folder."
            refused.append(_refused(files[MOST_FILES][0], cure))
        return Collected(candidates=candidates, refused=refused)

    def _files(self) -> list[tuple[str, Path]]:
        root = self._folder.resolve(strict=True)
        entries = sorted(path for path in root.iterdir() if not path.name.startswith("."))
        found = ((path.name, _inside(path, root)) for path in entries)
        return [(name, path) for name, path in found if path is not None]


def _inside(path: Path, root: Path) -> Path | None:
    """The regular file that a path leads to, where it stays in the folder."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        # The file went away, or is a link to nothing or to itself.
        return None
    return target if target.is_relative_to(root) and target.is_file() else None


def _read(path: Path) -> bytes:
    # Another program may put a link or a pipe in the file's place at any moment.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError
        # One byte more tells a file that is too large.
        return file.read(MAX_BYTES + 1)


def _refused(name: str, reason: str) -> RefusedOffer:
    return RefusedOffer(source=shown(name), reason=reason)
