"""Slack's text formats as safe HTML: plain text, mrkdwn and rich text.

Every function returns `Markup` in which all that came from outside is escaped: no text, name
or address can become markup, and only links to http, https, mailto and tel are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from licbot.sandbox.emoji import CHARACTERS, emoji, emoji_of_character

Json = Mapping[str, Any]


def _unchanged(url: str) -> str:
    return url


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads: what ids are called for them, their time, and how links reach them."""

    users: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    """Those of the users who can still be chosen."""
    channels: Mapping[str, str] = field(default_factory=dict)
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    address: Callable[[str], str] = _unchanged
    """Rewrites an address, so that a permalink of the workspace opens as the same person."""


_STYLED = r"(?:<[^<>\n]*>|`[^`\n]+`|[^{mark}<`\n])+"


def _span(mark: str, name: str) -> str:
    inner = _STYLED.format(mark=mark)
    return rf"(?<![\w{mark}])\{mark}(?!\s)(?P<{name}>{inner})(?<!\s)\{mark}(?!\w)"


_INLINE = re.compile(
    "|".join(
        (
            r"`(?P<code>[^`\n]+)`",
            r"<(?P<link>[^<>\n]+)>",
            _span("*", "b"),
            _span("_", "i"),
            _span("~", "s"),
            r":(?P<emoji>[a-z0-9_+-]+):",
            r"(?P<url>https?://[^\s<>|`*]*[^\s<>|`*.,;:!?)\]}'\"])",
            rf"(?P<character>{CHARACTERS})",
        )
    )
)
_PLAIN = re.compile(rf":(?P<emoji>[a-z0-9_+-]+):|(?P<character>{CHARACTERS})")
_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_ITEM = re.compile(r"(\s*)(•|◦|▪|-|–|\d{1,3}[.)])\s+(?=\S)")
_SAFE_SCHEMES = {"http", "https", "mailto", "tel"}


def text_object(value: Any, reader: Reader) -> Markup:
    """A Block Kit text object (or a bare string, taken as plain text) as HTML."""
    if not isinstance(value, Mapping):
        return plain(str(value or ""))
    text = str(value.get("text", ""))
    if value.get("type") == "mrkdwn":
        return mrkdwn(text, reader)
    return plain(text) if value.get("emoji", True) else _lines(text)


def plain(text: str) -> Markup:
    """Plain text: line breaks are kept and emoji short codes become pictures."""
    return Markup("").join(
        piece if isinstance(piece, Markup) else _lines(_decoded(piece))
        for piece in _pieces(_PLAIN, text, _plain_token)
    )


def mrkdwn(text: str, reader: Reader) -> Markup:
    """Slack's own markup as HTML."""
    parts = _FENCE.split(text)
    return Markup("").join(
        _preformatted(part) if index % 2 else _flow(part, reader)
        for index, part in enumerate(parts)
    )


def safe_address(url: str, reader: Reader) -> str | None:
    """The address as the reader may follow it, or None when its scheme is not allowed."""
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return None
    # Python and browsers pass over spaces and line breaks around an address; here it has none.
    is_safe = scheme in _SAFE_SCHEMES and url.isprintable() and " " not in url
    return reader.address(url) if is_safe else None


def link(url: str, label: Markup, reader: Reader) -> Markup:
    """A link that opens beside the workspace, or inside it when it stays in the workspace."""
    address = safe_address(url, reader)
    if address is None:
        return label
    if address.startswith("/"):
        return Markup('<a href="{}" data-inside>{}</a>').format(address, label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
        address, label
    )


def _pieces(
    pattern: re.Pattern[str], text: str, token: Callable[[re.Match[str]], Markup | None]
) -> Iterator[Markup | str]:
    position = 0
    for match in pattern.finditer(text):
        rendered = token(match)
        if rendered is None:
            continue
        yield text[position : match.start()]
        yield rendered
        position = match.end()
    yield text[position:]


def _plain_token(match: re.Match[str]) -> Markup | None:
    if match["emoji"]:
        return emoji(match["emoji"])
    return emoji_of_character(match["character"])


def _decoded(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def _preformatted(text: str) -> Markup:
    return Markup("<pre>{}</pre>").format(_decoded(text.strip("\n")))


def _flow(text: str, reader: Reader) -> Markup:
    """Lines outside of fences: quotes are gathered, list items hang, the rest breaks."""
    out = Markup("")
    for kind, group in groupby(_trimmed(text), key=_kind_of_line):
        lines = list(group)
        if kind == "quote":
            quoted = [_QUOTE.sub("", line, count=1) for line in lines]
            shown = Markup("<br>").join(inline(line, reader) for line in quoted)
            out += Markup("<blockquote>{}</blockquote>").format(shown)
        elif kind == "item":
            out += Markup("").join(_item(line, reader) for line in lines)
        else:
            out += Markup("<br>").join(inline(line, reader) for line in lines)
    return out


def _trimmed(text: str) -> list[str]:
    """The lines of a piece of text, without the break that a neighbouring fence makes itself."""
    text = text.removeprefix("\n").removesuffix("\n")
    return text.split("\n") if text else []


def _kind_of_line(line: str) -> str:
    if _QUOTE.match(line):
        return "quote"
    return "item" if _ITEM.match(line) else "text"


def _item(line: str, reader: Reader) -> Markup:
    match = _ITEM.match(line)
    if match is None:
        return inline(line, reader)
    depth = min(len(match[1].expandtabs(4)) // 2, 4)
    return Markup('<span class="item depth-{}"><span class="mark">{}</span> {}</span>').format(
        depth, match[2], inline(line[match.end() :], reader)
    )


def inline(text: str, reader: Reader) -> Markup:
    """One line of mrkdwn."""

    def token(match: re.Match[str]) -> Markup | None:
        return _inline_token(match, reader)

    return Markup("").join(
        piece if isinstance(piece, Markup) else _lines(_decoded(piece))
        for piece in _pieces(_INLINE, text, token)
    )


def _inline_token(match: re.Match[str], reader: Reader) -> Markup | None:
    kind = match.lastgroup or ""
    content = match[kind]
    if kind in ("b", "i", "s"):
        return Markup("<{0}>{1}</{0}>").format(kind, inline(content, reader))
    if kind == "code":
        return Markup("<code>{}</code>").format(_decoded(content))
    if kind == "link":
        return _control(content, reader)
    if kind == "url":
        return link(_decoded(content), escape(_decoded(content)), reader)
    return _plain_token(match)


def _control(content: str, reader: Reader) -> Markup | None:
    """What stands between angle brackets: a mention, a date, a broadcast or a link."""
    target, _, label = content.partition("|")
    if target.startswith("@"):
        return user_mention(target[1:], reader)
    if target.startswith("#"):
        return channel_mention(target[1:], reader)
    if target.startswith("!date^"):
        return _date_control(target, label, reader)
    if target.startswith("!"):
        return mention("@" + (label.removeprefix("@") or target[1:].partition("^")[0]))
    if safe_address(_decoded(target), reader) is None:
        return None
    return link(_decoded(target), inline(label, reader) if label else escape(target), reader)


def mention(name: str) -> Markup:
    """A highlighted name."""
    return Markup('<span class="mention">{}</span>').format(name)


def user_mention(user: str, reader: Reader) -> Markup:
    """The name of a user, or the id when nobody has it."""
    return mention("@" + reader.users.get(user, user))


def channel_mention(channel: str, reader: Reader) -> Markup:
    """The name of a channel, or the id when there is none."""
    return mention("#" + reader.channels.get(channel, channel))


def _date_control(target: str, label: str, reader: Reader) -> Markup:
    parts = target.split("^")
    if len(parts) < 3 or not parts[1].isdigit():
        return escape(_decoded(label))
    shown = date(int(parts[1]), _decoded(parts[2]), reader)
    return link(_decoded(parts[3]), shown, reader) if len(parts) > 3 else shown


def date(seconds: int, layout: str, reader: Reader) -> Markup:
    """A moment in the reader's time zone, by Slack's date tokens.

    :param seconds: since 1970, UTC
    :param layout: text with tokens such as ``{date_short}`` and ``{time}``
    """
    moment = datetime.fromtimestamp(seconds, reader.now.tzinfo)
    text = re.sub(r"\{(\w+)\}", lambda match: _date_token(match, moment, reader.now), layout)
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), text)


def _date_token(match: re.Match[str], moment: datetime, now: datetime) -> str:
    name = match[1]
    if name == "ago":
        return _ago(now - moment)
    if name.endswith("_pretty"):
        days = (now.date() - moment.date()).days
        near = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(days)
        if near:
            return near
    day = moment.day
    layouts = {
        "date_num": "%Y-%m-%d",
        "date": f"{day} %B %Y",
        "date_short": f"{day} %b %Y",
        "date_long": f"%A, {day} %B %Y",
        "time": "%H:%M",
        "time_secs": "%H:%M:%S",
    }
    layout = layouts.get(name.removesuffix("_pretty"))
    return moment.strftime(layout) if layout else match[0]


def _ago(past: timedelta) -> str:
    seconds = int(abs(past.total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = seconds // size
        if count:
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if past >= timedelta(0) else f"in {words}"
    return "just now"


def rich_text(block: Json, reader: Reader) -> Markup:
    """A rich text block, or a rich text cell of a table."""
    return Markup("").join(_rich_part(part, reader) for part in block.get("elements", ()))


def _rich_part(part: Json, reader: Reader) -> Markup:
    kind = part.get("type")
    if kind == "rich_text_list":
        return _rich_list(part, reader)
    inner = _rich_elements(part.get("elements", ()), reader)
    if kind == "rich_text_preformatted":
        return Markup("<pre>{}</pre>").format(inner)
    if kind == "rich_text_quote":
        return Markup("<blockquote>{}</blockquote>").format(inner)
    return Markup('<span class="rich">{}</span>').format(inner)


def _rich_list(part: Json, reader: Reader) -> Markup:
    tag = "ol" if part.get("style") == "ordered" else "ul"
    items = Markup("").join(
        Markup("<li>{}</li>").format(_rich_elements(item.get("elements", ()), reader))
        for item in part.get("elements", ())
    )
    depth = min(int(part.get("indent", 0)), 4)
    return Markup('<{0} class="depth-{1}">{2}</{0}>').format(tag, depth, items)


def _rich_elements(elements: Iterable[Json], reader: Reader) -> Markup:
    return Markup("").join(
        _rich_style(_rich_element(element, reader), element.get("style") or {})
        for element in elements
    )


def _rich_element(element: Json, reader: Reader) -> Markup:
    kind = element.get("type")
    if kind == "link":
        url = str(element.get("url", ""))
        return link(url, escape(element.get("text") or url), reader)
    if kind == "user":
        return user_mention(str(element.get("user_id")), reader)
    if kind == "channel":
        return channel_mention(str(element.get("channel_id")), reader)
    if kind == "emoji":
        name = str(element.get("name"))
        return emoji(name) or escape(f":{name}:")
    if kind == "date":
        return date(int(element.get("timestamp", 0)), str(element.get("format", "")), reader)
    if kind in ("broadcast", "usergroup", "team"):
        key = {"broadcast": "range", "usergroup": "usergroup_id", "team": "team_id"}[kind]
        return mention("@" + str(element.get(key)))
    return _lines(str(element.get("text", element.get("value", ""))))


def _rich_style(shown: Markup, style: Json) -> Markup:
    tags = {"bold": "b", "italic": "i", "strike": "s", "underline": "u", "code": "code"}
    for name, tag in tags.items():
        if style.get(name):
            shown = Markup("<{0}>{1}</{0}>").format(tag, shown)
    return shown
