"""SuperOffice's archives: long lists, page by page.

Rows come in the order of a column, so that each page goes on where the one before ended; nothing
is counted, and no page is kept once the next one is there.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from licbot.domain.errors import SystemUnavailable
from licbot_superoffice.answers import failure
from licbot_superoffice.exact import NotJson, text_of, value_of
from licbot_superoffice.wire import Answer, Api
from licbot_superoffice.words import clean, said

PAGE = 5_000
"""Rows asked for at once; the service may give fewer."""

MOST_PAGES = 10_000

Row = Mapping[str, Any]


_WHOLE = re.compile(r"([0-9]{1,20})(?:\.0+)?")
_LARGEST = 10**20
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class ArchiveRefused(SystemUnavailable):
    """SuperOffice does not give licbot one of its lists. `licbot check` shows which, and why."""


class ArchiveFailed(SystemUnavailable):
    """SuperOffice fails to read one of its lists. licbot tries again by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What has come so far. rows: how many. last: the largest number. keys: of the last page.

    linked: whether a page said where the next one is.
    """

    rows: int = 0
    last: int = -1
    keys: frozenset[int] = frozenset()
    linked: bool = False


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
    Raises ArchiveRefused, also where the pages do not go on, ArchiveFailed, SystemUnavailable.
    """
    query = _query(columns, order, entity, condition)
    seen = _Seen()
    asked_on = False
    for _ in range(MOST_PAGES):
        value = await _page(api, archive, query)
        rows: list[Row] = [row for row in value.get("value") or [] if isinstance(row, dict)]
        keys = _keys(archive, rows, order)
        if asked_on and keys <= seen.keys:
            # Where no link named this page, nothing new on it means that the last one was before.
            return
        link = value.get("odata.nextLink")
        seen = _advanced(archive, keys, len(rows), seen, bool(link))
        if rows:
            yield rows
        following = _following(link, query, len(rows), seen)
        if following is None:
            return
        query, asked_on = following, not link
    raise _endless(archive)


async def names_in(api: Api, archive: str) -> frozenset[str]:
    """What the description of an archive names, in small letters: its entities and columns.

    Neither of the forms it comes in, JSON or XML, is documented, so every text in it counts.
    Raises ArchiveRefused.
    """
    answer = await api.get(f"Archive/{archive}/$metadata")
    if not 200 <= answer.status < 300:
        raise _refused(archive, failure(answer) or "", answer.status)
    return frozenset(name.strip().casefold() for name in _texts(answer.content))


def number(row: Row, column: str) -> int | None:
    """The whole number in a column, where there is one."""
    return _whole(row.get(column))


def user_id(row: Row) -> int | None:
    """The associate id of a row of users. Where the column shows a name, the key is left."""
    return _key(row, "associateDbId")


def text(row: Row, column: str) -> str:
    """The text in a column, without control characters."""
    value = row.get(column)
    return clean(value) if isinstance(value, str) else ""


def truth(row: Row, column: str, otherwise: bool) -> bool:
    """Whether a column says yes. ``otherwise`` where it does not say, or cannot be read."""
    found = _truth(row.get(column))
    return otherwise if found is None else found


def is_unread(row: Row, column: str) -> bool:
    """Whether a column was handed out that says neither yes nor no."""
    return column in row and _truth(row[column]) is None


def _truth(value: object) -> bool | None:
    # Numbers and truths are themselves as text, too: 1, 1.0, True.
    word = str(value).strip().casefold() if isinstance(value, str | int | float) else ""
    return _TRUTHS.get(word.removesuffix(".0"))


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
        raise _refused(archive, words, answer.status)
    value: Mapping[str, Any] = answer.json()
    return value


def _following(
    link: object, query: Mapping[str, str], rows: int, seen: _Seen
) -> Mapping[str, str] | None:
    """What to ask for next. Of a link only the query is followed: never to another host."""
    if isinstance(link, str) and link:
        return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))
    if rows >= PAGE or (rows and not seen.linked):
        # A service may give fewer rows than it was asked for, and no word of more: look.
        return {**query, "$skip": str(seen.rows)}
    return None


def _keys(archive: str, rows: Sequence[Row], order: str) -> frozenset[int]:
    keys = [_key(row, order) for row in rows]
    if None in keys:
        raise ArchiveRefused(
            f"SuperOffice's list {archive} has rows without a number, which licbot does not "
            "understand. Tell the people who run licbot."
        )
    return frozenset(key for key in keys if key is not None)


def _advanced(archive: str, keys: frozenset[int], rows: int, seen: _Seen, linked: bool) -> _Seen:
    """What has come with one page more, whose last row must be beyond that of the one before."""
    last = max(keys, default=seen.last)
    if keys and last <= seen.last:
        raise _endless(archive)
    linked = linked or seen.linked
    return _Seen(rows=seen.rows + rows, last=last, keys=keys, linked=linked)


def _key(row: Row, order: str) -> int | None:
    """The number of a row. Where the column has none, the key is left."""
    found = _whole(row.get(order))
    return _whole(row.get("PrimaryKey")) if found is None else found


def _whole(value: object) -> int | None:
    """The whole number that a value is, as itself or as text; no database takes longer ones."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LARGEST else None
    if isinstance(value, int):
        return value if abs(value) < _LARGEST else None
    match = _WHOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match[1]) if match else None


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


def _refused(archive: str, words: str, status: int) -> ArchiveRefused | ArchiveFailed:
    if status >= 500:
        return ArchiveFailed(
            f"SuperOffice fails to read its list {archive}. {said(words)} licbot tries again by "
            "itself."
        )
    return ArchiveRefused(
        f"SuperOffice does not give licbot its list {archive}. {said(words)} Give the user that "
        "licbot signs in as the right to see all users, then try again."
    )


def _endless(archive: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"SuperOffice hands out the same page of its list {archive} again and again. "
        "licbot tries again by itself."
    )
