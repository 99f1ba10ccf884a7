"""Long lists come page by page, from the tenant and from nowhere else."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from licbot.domain.errors import SystemUnavailable
from licbot_superoffice.archive import (
    PAGE,
    ArchiveFailed,
    ArchiveRefused,
    Row,
    is_unread,
    names_in,
    number,
    pages,
    text,
    truth,
    user_id,
)
from licbot_superoffice.wire import Api
from tests.plugins.superoffice.data_support import scripted

Handler = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def api(folder: Path, handler: Handler) -> AsyncIterator[Api]:
    async with scripted(folder, handler) as made:
        yield made.line.api


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"PrimaryKey": str(each), "EntityName": "all", "associateDbId": each} for each in ids]


def page(found: list[dict[str, Any]], link: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"odata.nextLink": link, "value": found})


async def read(folder: Path, handler: Handler, **more: str) -> list[list[Row]]:
    async with api(folder, handler) as line:
        return [
            list(each)
            async for each in pages(
                line, "InternalUsers", ["associateDbId"], order="associateDbId", **more
            )
        ]


async def test_a_link_is_followed_by_its_query_only(tmp_path: Path) -> None:
    """Whatever host it names: our sign-in goes along with every request."""
    asked: list[httpx.URL] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        if len(asked) == 1:
            link = (
                "https://evil.example/steal?$select=associateDbId&$skip=2&$filter=a%20eq%20%27b%27"
            )
            return page(rows(1, 2), link)
        return page(rows(3))

    found = await read(tmp_path, handle, entity="superoffice_ten-sales")

    assert [[user_id(row) for row in each] for each in found] == [[1, 2], [3]]
    assert {(url.host, url.path) for url in asked} == {
        ("crm.example.com", "/WebApi/api/v1/Archive/InternalUsers")
    }
    assert dict(asked[0].params) == {
        "$select": "associateDbId",
        "$orderBy": "associateDbId",
        "$top": str(PAGE),
        "$mode": "Slim",
        "$output": "Logical",
        "$entities": "superoffice_ten-sales",
    }
    assert dict(asked[1].params) == {
        "$select": "associateDbId",
        "$skip": "2",
        "$filter": "a eq 'b'",
    }


async def test_a_full_page_without_a_link_is_not_taken_for_the_last(tmp_path: Path) -> None:
    """As many as were asked for, and no word of more."""
    asked: list[str | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("$skip"))
        skip = int(asked[-1] or 0)
        return page(rows(*range(1, PAGE + 2)[skip : skip + PAGE]))

    found = await read(tmp_path, handle)

    assert [len(each) for each in found] == [PAGE, 1]
    assert asked == [None, str(PAGE), str(PAGE + 1)]


async def test_short_pages_without_a_link_are_not_taken_for_the_last(tmp_path: Path) -> None:
    """A service may give fewer rows than it was asked for, and no word of more."""
    asked: list[str | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("$skip"))
        skip = int(asked[-1] or 0)
        return page(rows(*range(1, 6)[skip : skip + 2]))

    found = await read(tmp_path, handle)

    assert [[user_id(row) for row in each] for each in found] == [[1, 2], [3, 4], [5]]
    assert asked == [None, "2", "4", "5"]


async def test_a_service_that_knows_no_skipping_has_one_page(tmp_path: Path) -> None:
    """It says the same again, which is nothing new."""
    asked = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return page(rows(1, 2, 3))

    found = await read(tmp_path, handle)

    assert [[user_id(row) for row in each] for each in found] == [[1, 2, 3]]
    assert asked == 2


async def test_who_links_pages_is_believed_that_the_last_is_the_last(tmp_path: Path) -> None:
    """One request less for each list."""
    asked = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return page(rows(asked), "https://crm.example.com/x?$skip=1" if asked == 1 else None)

    assert len(await read(tmp_path, handle)) == 2
    assert asked == 2


async def test_pages_in_no_order_are_not_cut(tmp_path: Path) -> None:
    """What came is not all there is, and nobody knows what is missing."""

    def handle(request: httpx.Request) -> httpx.Response:
        return page(rows(1) if "$skip" in request.url.params else rows(7, 9))

    with pytest.raises(ArchiveRefused, match="the same page"):
        await read(tmp_path, handle)


async def test_an_empty_list_has_no_page(tmp_path: Path) -> None:
    """Nor is it asked for again."""
    assert await read(tmp_path, lambda request: page([])) == []
    assert await read(tmp_path, lambda request: httpx.Response(200, json={"value": None})) == []


async def test_pages_that_do_not_go_on_end_the_reading(tmp_path: Path) -> None:
    """Or it would never end."""
    asked = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return page(rows(1, 2), "https://crm.example.com/x?$skip=2")

    with pytest.raises(SystemUnavailable, match="the same page"):
        await read(tmp_path, handle)

    assert asked == 2


async def test_links_without_rows_end_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are."""
    monkeypatch.setattr("licbot_superoffice.archive.MOST_PAGES", 5)

    with pytest.raises(SystemUnavailable, match="the same page"):
        await read(tmp_path, lambda request: page([], "https://crm.example.com/x?$skip=2"))


async def test_a_row_without_a_number_is_not_understood(tmp_path: Path) -> None:
    """Whom it is about cannot be guessed."""
    with pytest.raises(SystemUnavailable, match="does not understand"):
        await read(tmp_path, lambda request: page([{"associateDbId": "Ada", "PrimaryKey": ""}]))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(403, json={"Error": True, "ErrorMessage": "Closed"}), "“Closed”"),
        (httpx.Response(404, text="<html>"), "“not found (status 404)”"),
        (httpx.Response(418, text=""), "“status 418”"),
        (httpx.Response(200, json={"Message": "Broken"}), "“Broken”"),
        (httpx.Response(200, text="null"), "gave no reason"),
    ],
)
async def test_a_list_that_is_not_given_is_named(
    tmp_path: Path, answer: httpx.Response, words: str
) -> None:
    """With SuperOffice's own words."""
    with pytest.raises(ArchiveRefused, match="InternalUsers") as caught:
        await read(tmp_path, lambda request: answer)

    assert words in caught.value.message


async def test_a_list_that_fails_is_not_one_that_is_closed(tmp_path: Path) -> None:
    """It may pass: what was read before is kept."""
    answer = httpx.Response(500, json={"Error": True, "ErrorMessage": "Deadlock"})

    with pytest.raises(ArchiveFailed, match=r"InternalUsers.*“Deadlock”"):
        await read(tmp_path, lambda request: answer)


async def test_what_a_list_has_is_read_from_its_description(tmp_path: Path) -> None:
    """Whichever form that comes in."""
    described = {"value": [{"name": "superoffice_Ten-Sales"}, {"deep": [{"name": " role "}]}]}
    xml = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        "<Schema><Entity Name='superoffice_ten-sales'/><Column>role</Column>&b;</Schema>"
    )
    for answer in (httpx.Response(200, json=described), httpx.Response(200, text=xml)):

        def handle(request: httpx.Request, given: httpx.Response = answer) -> httpx.Response:
            assert request.url.path.endswith("/Archive/OtherUsers/$metadata")
            return given

        async with api(tmp_path, handle) as line:
            names = await names_in(line, "OtherUsers")

        assert {"superoffice_ten-sales", "role"} <= names
        assert "aaaaaaaaaaaaaaaaaaaa" not in names


async def test_a_description_that_is_not_given_is_said(tmp_path: Path) -> None:
    """Without it nobody knows what may be asked for."""
    async with api(tmp_path, lambda request: httpx.Response(403)) as line:
        with pytest.raises(ArchiveRefused):
            await names_in(line, "InternalUsers")


def test_values_are_read_as_services_write_them() -> None:
    """Numbers and yes or no come as themselves or as text."""
    row = {"a": 7, "b": "8", "c": True, "d": "false", "e": None, "f": " x ", "g": "1"}

    assert [number(row, name) for name in "abcdef"] == [7, 8, None, None, None, None]
    assert [truth(row, name, True) for name in "cdefg"] == [True, False, True, True, True]
    assert [truth(row, name, False) for name in "cdeg"] == [True, False, False, True]
    assert [text(row, name) for name in "aef"] == ["", "", "x"]
    assert user_id({"associateDbId": "Ada Berg", "PrimaryKey": "12"}) == 12


YES: Sequence[object] = (True, 1, 1.0, "1", "Yes", " YES ", "true", "True")
NO: Sequence[object] = (False, 0, 0.0, "0", "No", "no", "false", "FALSE")
NEITHER: Sequence[object] = (None, "", "perhaps", 2, [], {"RawValue": True})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((each, True) for each in YES),
        *((each, False) for each in NO),
        *((each, None) for each in NEITHER),
    ],
    ids=repr,
)
def test_yes_and_no_are_read_in_every_form(value: object, said: bool | None) -> None:
    """What is neither is told from what was not handed out."""
    row = {"canLogin": value}

    assert truth(row, "canLogin", True) is (True if said is None else said)
    assert truth(row, "canLogin", False) is (False if said is None else said)
    assert is_unread(row, "canLogin") is (said is None)
    assert not is_unread(row, "isActive")


def _short(value: object) -> str:
    return repr(value)[:30]


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (5.0, 5),
        ("5.0", 5),
        (" 7 ", 7),
        (5.5, None),
        ("5.5", None),
        (1e300, None),
        (float("inf"), None),
        ("9" * 20, int("9" * 20)),
        ("9" * 21, None),
        ("9" * 5000, None),
        (10**30, None),
        ("٣", None),
        (True, None),
    ],
    ids=_short,
)
def test_numbers_are_read_in_every_form(value: object, whole: int | None) -> None:
    """But for those that no id is as long as."""
    assert number({"a": value}, "a") == whole


def test_texts_have_no_control_characters() -> None:
    """A database refuses some of them, and Slack others."""
    row = {"a": "Ada\x00\x07 \ud800Berg\x1b", "b": "\x00"}

    assert (text(row, "a"), text(row, "b")) == ("Ada    Berg", "")
