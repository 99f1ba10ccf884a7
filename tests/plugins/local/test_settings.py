"""The settings of a system are checked in words, without touching the network."""

from pathlib import Path
from typing import Any

import pytest

from licbot_local.folder import FolderSource
from licbot_local.https import HttpsSource
from licbot_local.settings import check, source


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "offers").mkdir()
    return str(tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        {"offers": "offers"},
        {"offers": "./offers", "allow_private_addresses": True},
        {"offers": "https://licences.example/customer.lic"},
        {"offers": "https://10.0.0.1/x", "allow_private_addresses": True},
        {"offers": "http://localhost:8000/x", "allow_private_addresses": True},
        {"offers": "http://[::1]/x", "allow_private_addresses": True},
        {"offers": "http://[::1]/x", "allow_private_addresses": "true"},
        {"offers": "https://licences.example/x", "allow_private_addresses": "false"},
    ],
)
def test_these_settings_are_fine(settings: dict[str, Any], folder: str) -> None:
    assert check(settings, folder) == []
    kind = HttpsSource if "://" in settings["offers"] else FolderSource
    assert isinstance(source(settings, folder), kind)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ["offers is missing"]),
        ({"offers": ""}, ["offers is missing"]),
        ({"offers": 7}, ["offers is missing"]),
        ({"offers": "missing"}, ["not a folder"]),
        ({"offers": "https://"}, ["not an address"]),
        ({"offers": "https://["}, ["not an address"]),
        ({"offers": "ftp://licences.example/"}, ["not an address"]),
        ({"offers": "http://licences.example/"}, ["https://"]),
        ({"offers": "http://127.0.0.1/"}, ["https://"]),
        (
            {"offers": "http://10.0.0.1/", "allow_private_addresses": True},
            ["must begin with https://"],
        ),
        (
            {"offers": "http://127.0.0.1/", "allow_private_addresses": "false"},
            ["must begin with https://"],
        ),
        ({"offers": "https://me:secret@licences.example/"}, ["a user name or a password"]),
        (
            {"offers": "offers", "allow_private_adresses": True},
            ["Did you mean allow_private_addresses?"],
        ),
        ({"offers": "offers", "shop": "shop"}, ["shop is not an address"]),
        ({"offers": "offers", "shop": "javascript:alert(1)"}, ["shop is not an address"]),
        ({"offers": "offers", "colour": 1}, ["Use offers, allow_private_addresses and shop only"]),
        (
            {"offer": "offers", "allow_private_addresses": "yes"},
            ["Did you mean offers?", "true or false", "offers is missing"],
        ),
    ],
)
def test_everything_that_is_wrong_is_said_with_the_cure(
    settings: dict[str, Any], words: list[str], folder: str
) -> None:
    problems = check(settings, folder)

    assert len(problems) == len(words)
    for problem, expected in zip(problems, words, strict=True):
        assert expected in problem
        assert "secret" not in problem


def test_a_folder_is_found_from_where_the_settings_are(folder: str) -> None:
    assert check({"offers": str(Path(folder) / "offers")}, "elsewhere") == []
    assert check({"offers": "offers"}, "elsewhere") != []
