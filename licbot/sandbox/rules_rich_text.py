"""The rules for rich text."""

from __future__ import annotations

from licbot.sandbox.findings import (
    Check,
    Field,
    Fields,
    boolean,
    integer,
    items,
    may,
    need,
    one_of,
    shape,
    string,
    typed,
)

_STYLE = shape({name: may(boolean) for name in ("bold", "code", "italic", "strike", "underline")})


def _inline(kind: str, fields: Fields) -> Check:
    return shape({"type": need(one_of([kind])), "style": may(_STYLE), **fields})


_INLINE: dict[str, Check] = {
    "broadcast": _inline("broadcast", {"range": need(one_of(["here", "channel", "everyone"]))}),
    "channel": _inline("channel", {"channel_id": need(string())}),
    "color": _inline("color", {"value": need(string())}),
    "date": _inline(
        "date",
        {
            "timestamp": need(integer(0)),
            "format": need(string()),
            "url": may(string()),
            "fallback": may(string()),
        },
    ),
    "emoji": _inline(
        "emoji", {"name": need(string()), "unicode": may(string()), "url": may(string())}
    ),
    "link": _inline("link", {"url": need(string()), "text": may(string()), "unsafe": may(boolean)}),
    "team": _inline("team", {"team_id": need(string())}),
    "text": _inline("text", {"text": need(string())}),
    "user": _inline("user", {"user_id": need(string())}),
    "usergroup": _inline("usergroup", {"usergroup_id": need(string())}),
}

_BORDER: dict[str, Field] = {"border": may(one_of([0, 1]))}


def _part(kind: str, elements: Check, fields: Fields) -> Check:
    return shape({"type": need(one_of([kind])), "elements": need(items(elements)), **fields})


_SECTION = _part("rich_text_section", typed(_INLINE), {})
_PARTS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": _part("rich_text_quote", typed(_INLINE), _BORDER),
    "rich_text_preformatted": _part(
        "rich_text_preformatted",
        typed({"text": _INLINE["text"], "link": _INLINE["link"]}),
        _BORDER,
    ),
    "rich_text_list": _part(
        "rich_text_list",
        typed({"rich_text_section": _SECTION}),
        {
            **_BORDER,
            "style": need(one_of(["bullet", "ordered"])),
            "indent": may(integer(0)),
        },
    ),
}

RICH_TEXT_FIELDS: dict[str, Field] = {"elements": need(items(typed(_PARTS), minimum=1))}
