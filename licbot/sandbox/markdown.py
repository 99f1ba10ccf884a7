"""The `markdown` block as safe HTML: the part of Markdown that Slack shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence

from markupsafe import Markup, escape

from licbot.sandbox.columns import numeric_columns
from licbot.sandbox.markup import Reader, link, plain

_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<url>[^()\s]+)\)"
    r"|\*\*(?!\s)(?P<b>(?:[^*\n]|\*(?!\*))+)(?<!\s)\*\*"
    r"|(?<![\w*])\*(?!\s)(?P<i>[^*\n]+)(?<!\s)\*(?![\w*])"
    r"|(?<!\w)_(?!\s)(?P<em>[^_\n]+)(?<!\s)_(?!\w)"
    r"|~~(?!\s)(?P<s>[^~\n]+)(?<!\s)~~"
    r"|\\(?P<escaped>[\\`*_~\[\]()#>|-])"
)
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_BULLET = re.compile(r"\s*[-*+]\s+(.+)$")
_NUMBER = re.compile(r"\s*\d{1,9}[.)]\s+(.+)$")
_QUOTE = re.compile(r"(?:>\s?)+")
_RULE = re.compile(r"\s*(?:-\s*){3,}$|\s*(?:\*\s*){3,}$")
_DIVIDING_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")


def markdown(text: str, reader: Reader) -> Markup:
    """The text of a `markdown` block; nothing in it can become HTML of its own."""
    out, rest = Markup(""), text.split("\n")
    while rest:
        taken, shown = _next_block(rest, reader)
        out += shown
        rest = rest[taken:]
    return out


def _next_block(lines: Sequence[str], reader: Reader) -> tuple[int, Markup]:
    """How many lines the first block has, and its HTML."""
    first = lines[0]
    if not first.strip():
        return 1, Markup("")
    if first.startswith("```"):
        return _fence(lines)
    if heading := _HEADING.match(first):
        level = min(len(heading[1]) + 2, 6)
        return 1, Markup('<p class="heading level-{}">{}</p>').format(
            level, _inline(heading[2], reader)
        )
    if _RULE.match(first):
        return 1, Markup("<hr>")
    if len(lines) > 1 and "|" in first and _DIVIDING_ROW.match(lines[1]):
        return _table(lines, reader)
    if first.startswith(">"):
        return _quote(lines, reader)
    for pattern, tag in ((_BULLET, "ul"), (_NUMBER, "ol")):
        if pattern.match(first):
            return _list(lines, pattern, tag, reader)
    return _paragraph(lines, reader)


def _run(lines: Sequence[str], belongs: Callable[[str], object]) -> list[str]:
    """The first lines, as long as they belong to the block."""
    count = next((i for i, line in enumerate(lines) if not belongs(line)), len(lines))
    return list(lines[:count])


def _fence(lines: Sequence[str]) -> tuple[int, Markup]:
    body = _run(lines[1:], lambda line: not line.startswith("```"))
    return len(body) + 2, Markup("<pre>{}</pre>").format("\n".join(body))


def _quote(lines: Sequence[str], reader: Reader) -> tuple[int, Markup]:
    body = _run(lines, lambda line: line.startswith(">"))
    # Quotes in quotes are shown as one: they could be nested without end.
    inner = "\n".join(_QUOTE.sub("", line) for line in body)
    return len(body), Markup("<blockquote>{}</blockquote>").format(markdown(inner, reader))


def _list(
    lines: Sequence[str], pattern: re.Pattern[str], tag: str, reader: Reader
) -> tuple[int, Markup]:
    body = _run(lines, pattern.match)
    items = Markup("").join(
        Markup("<li>{}</li>").format(_inline(pattern.sub(r"\1", line), reader)) for line in body
    )
    return len(body), Markup("<{0}>{1}</{0}>").format(tag, items)


def _paragraph(lines: Sequence[str], reader: Reader) -> tuple[int, Markup]:
    def continues(line: str) -> bool:
        starts = _HEADING.match(line) or _BULLET.match(line) or _NUMBER.match(line)
        return bool(line.strip()) and not starts and not line.startswith((">", "```"))

    body = [lines[0], *_run(lines[1:], continues)]
    shown = Markup("<br>").join(_inline(line, reader) for line in body)
    return len(body), Markup("<p>{}</p>").format(shown)


def _table(lines: Sequence[str], reader: Reader) -> tuple[int, Markup]:
    body = [_cells(line) for line in _run(lines[2:], lambda line: "|" in line)]
    numeric = numeric_columns(body)
    head = _row(_cells(lines[0]), "th", numeric, reader)
    rows = Markup("").join(_row(cells, "td", numeric, reader) for cells in body)
    return len(body) + 2, Markup(
        '<div class="table-scroll" tabindex="0" role="group" aria-label="Table"><table>'
        "<thead>{}</thead><tbody>{}</tbody></table></div>"
    ).format(head, rows)


def _cells(line: str) -> list[str]:
    row = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in row.split("|")]


def _row(cells: Sequence[str], tag: str, numeric: Container[int], reader: Reader) -> Markup:
    return Markup("<tr>{}</tr>").format(
        Markup("").join(
            Markup('<{0} class="{1}">{2}</{0}>').format(
                tag, "num" if index in numeric else "", _inline(cell, reader)
            )
            for index, cell in enumerate(cells)
        )
    )


def _inline(text: str, reader: Reader) -> Markup:
    out, position = Markup(""), 0
    for match in _INLINE.finditer(text):
        out += plain(text[position : match.start()]) + _token(match, reader)
        position = match.end()
    return out + plain(text[position:])


def _token(match: re.Match[str], reader: Reader) -> Markup:
    if match["code"]:
        return Markup("<code>{}</code>").format(match["code"])
    if match["url"]:
        return link(match["url"], _inline(match["label"], reader), reader)
    if match["escaped"]:
        return escape(match["escaped"])
    for group, tag in (("b", "b"), ("i", "i"), ("em", "i"), ("s", "s")):
        if match[group]:
            return Markup("<{0}>{1}</{0}>").format(tag, _inline(match[group], reader))
    return escape(match[0])
