"""SuperOffice's archives: long lists, page by page.

Rows come in the order of a column, so that each page goes on where the one before ended; nothing
is counted, and no page is kept once the next one is there.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from licbot.domain.errors import SystemUnavailable
from licbot_superoffice.answers import failure
from licbot_superoffice.exact import NotJson, text_of, value_of
from licbot_superoffice.wire import Answer, Api
from licbot_superoffice.words import said

PAGE = 5_000
"""Rows asked for at once; the service may give fewer."""

MOST_PAGES = 10_000

Row = Mapping[str, Any]


class ArchiveRefused(SystemUnavailable):
    """SuperOffice does not give licbot one of its lists. `licbot check` shows which, and why."""


async def pages(
    api: Api,
    archive: str,
    columns: Sequence[str],
    *,
    order: str,
    entity: str = "",
    condition: str = "",
) -> AsyncIterator[Sequence[Row]]:
    """The rows of an archive, a page at a time.

    order: the column they are ordered by, a number that no two rows share. entity: which rows;
    all where it is empty. condition: as the service writes it.
    Raises ArchiveRefused, and SystemUnavailable where the pages do not go on.
    """
    query = _query(columns, order, entity, condition)
    rows_before = 0
    last = -1
    for _ in range(MOST_PAGES):
        value = await _page(api, archive, query)
        rows: list[Row] = [row for row in value.get("value") or [] if isinstance(row, dict)]
        if rows:
            last = _advanced(archive, rows, order, last)
            yield rows
        rows_before += len(rows)
        following = _following(value.get("odata.nextLink"), query, len(rows), rows_before)
        if following is None:
            return
        query = following
    raise _endless(archive)


async def names_in(api: Api, archive: str) -> frozenset[str]:
    """What the description of an archive names, in small letters: its entities and columns.

    Neither of the forms it comes in, JSON or XML, is documented, so every text in it counts.
    Raises ArchiveRefused.
    """
    answer = await api.get(f"Archive/{archive}/$metadata")
    if not 200 <= answer.status < 300:
        raise _refused(archive, failure(answer) or "")
    return frozenset(name.strip().casefold() for name in _texts(answer.content))


def number(row: Row, column: str) -> int | None:
    """The whole number in a column, where there is one."""
    return _whole(row.get(column))


def user_id(row: Row) -> int | None:
    """The associate id of a row of users. Where the column shows a name, the key is left."""
    found = _whole(row.get("associateDbId"))
    return _whole(row.get("PrimaryKey")) if found is None else found


def text(row: Row, column: str) -> str:
    """The text in a column."""
    value = row.get(column)
    return value.strip() if isinstance(value, str) else ""


def truth(row: Row, column: str, otherwise: bool) -> bool:
    """Whether a column says yes. ``otherwise`` where it does not say."""
    value = row.get(column)
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(
            value.strip().casefold(), otherwise
        )
    return value if isinstance(value, bool) else otherwise


def _query(columns: Sequence[str], order: str, entity: str, condition: str) -> Mapping[str, str]:
    query = {
        "$select": ",".join(columns),
        "$orderBy": order,
        "$top": str(PAGE),
        "$mode": "Slim",
        "$output": "Logical",
    }
    if entity:
        query["$entities"] = entity
    if condition:
        query["$filter"] = condition
    return query


async def _page(api: Api, archive: str, query: Mapping[str, str]) -> Mapping[str, Any]:
    answer: Answer = await api.get(f"Archive/{archive}", query=query)
    words = failure(answer, ["value"])
    if words is not None:
        raise _refused(archive, words)
    value: Mapping[str, Any] = answer.json()
    return value


def _following(
    link: object, query: Mapping[str, str], rows: int, rows_before: int
) -> Mapping[str, str] | None:
    """What to ask for next. Of a link only the query is followed: never to another host."""
    if isinstance(link, str) and link:
        return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))
    if rows >= PAGE:
        # As many as were asked for, and no word of more: look.
        return {**query, "$skip": str(rows_before)}
    return None


def _advanced(archive: str, rows: Sequence[Row], order: str, last: int) -> int:
    """The number of the last row, which must be beyond that of the page before."""
    keys = [key for row in rows if (key := _key(row, order)) is not None]
    if len(keys) < len(rows):
        raise SystemUnavailable(
            f"SuperOffice's list {archive} has rows without a number, which licbot does not "
            "understand. Tell the people who run licbot."
        )
    if max(keys) <= last:
        raise _endless(archive)
    return max(keys)


def _key(row: Row, order: str) -> int | None:
    return user_id(row) if order == "associateDbId" else _whole(row.get(order))


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return None


def _texts(content: bytes) -> Iterator[str]:
    try:
        yield from _texts_of(value_of(text_of(content)))
    except NotJson:
        # Taken for XML: read as text, so that nothing in it is ever expanded.
        for found in re.finditer(
            r"[\"'>]([^\"'<>]{1,200})[\"'<]", content.decode("utf-8", "replace")
        ):
            yield found[1]


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_of(each)


def _refused(archive: str, words: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"SuperOffice does not give licbot its list {archive}. {said(words)} Give the user that "
        "licbot signs in as the right to see all users, then try again."
    )


def _endless(archive: str) -> SystemUnavailable:
    return SystemUnavailable(
        f"SuperOffice hands out the same page of its list {archive} again and again. "
        "licbot tries again by itself."
    )
