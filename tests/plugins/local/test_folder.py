"""A folder of offers: plain files in it, and nothing that leads out of it."""

import os
from pathlib import Path

import pytest

from licbot.domain.errors import SystemUnavailable
from licbot_local.envelope import MAX_BYTES
from licbot_local.folder import MOST_FILES, FolderSource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "offers"
    path.mkdir()
    return path


async def found(folder: Path) -> dict[str, bytes]:
    collected = await FolderSource(folder).collect()
    return {each.source: each.raw for each in collected.candidates}


async def test_every_plain_file_is_a_candidate(folder: Path) -> None:
    (folder / "b.lic").write_bytes(b"two")
    (folder / "a.txt").write_bytes(b"one")
    (folder / "sub").mkdir()
    (folder / ".draft").write_bytes(b"half")
    os.mkfifo(folder / "pipe")

    assert await found(folder) == {"a.txt": b"one", "b.lic": b"two"}


async def test_links_are_followed_only_inside_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"private")
    (folder / "real.lic").write_bytes(b"one")
    (folder / "inside").symlink_to("real.lic")
    (folder / "outside").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to("../secret")
    (folder / "nowhere").symlink_to("missing")
    (folder / "itself").symlink_to("itself")

    assert (await found(folder)).keys() == {"real.lic", "inside"}


async def test_no_more_is_read_of_a_file_than_tells_its_size(folder: Path) -> None:
    (folder / "large.lic").write_bytes(b"x" * (MAX_BYTES + 1000))

    assert len((await found(folder))["large.lic"]) == MAX_BYTES + 1


async def test_a_file_that_cannot_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "locked.lic").write_bytes(b"one")

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    collected = await FolderSource(folder).collect()

    assert [each.source for each in collected.refused] == ["locked.lic"]
    assert "leave to read" in collected.refused[0].reason


async def test_a_file_that_became_something_else_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "one.lic").write_bytes(b"one")
    opened = os.open
    monkeypatch.setattr(os, "open", lambda *_: opened(folder, os.O_RDONLY))

    collected = await FolderSource(folder).collect()

    assert (collected.candidates, len(collected.refused)) == ([], 1)


async def test_only_so_many_files_are_read(folder: Path) -> None:
    for number in range(MOST_FILES + 2):
        (folder / f"{number:04}.lic").write_bytes(b"x")

    collected = await FolderSource(folder).collect()

    assert len(collected.candidates) == MOST_FILES
    assert [each.source for each in collected.refused] == [f"{MOST_FILES:04}.lic"]


async def test_a_missing_folder_may_be_there_later(folder: Path) -> None:
    with pytest.raises(SystemUnavailable) as caught:
        await FolderSource(folder / "missing").collect()

    assert "missing" in caught.value.message
