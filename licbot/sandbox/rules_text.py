"""Text objects, and how text has to be escaped."""

from __future__ import annotations

import re
from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.findings import (
    Check,
    Findings,
    boolean,
    both,
    matching,
    may,
    need,
    one_of,
    shape,
    string,
    typed,
)

_LABEL = r"(?:\|[^<>]*)?"
_CONTROL_SEQUENCE = re.compile(
    "|".join(
        (
            rf"<@[UW][A-Z0-9]+{_LABEL}>",
            rf"<#[CG][A-Z0-9]+{_LABEL}>",
            rf"<!(?:here|channel|everyone){_LABEL}>",
            rf"<!subteam\^S[A-Z0-9]+{_LABEL}>",
            r"<!date\^\d+\^[^<>|^]+(?:\^https?://[^<>|]+)?\|[^<>|]+>",
            rf"<(?:https?://|mailto:|tel:)[^<>|\s]+{_LABEL}>",
        )
    )
)
_LOOSE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")


def unescaped(text: str) -> str | None:
    """The first character of mrkdwn that has to be escaped, or None.

    Slack shows such text as best it can and refuses nothing. This is stricter on purpose: text
    that came from people or files must not turn into mentions and links. A `>` is left alone, as
    it starts a quotation.
    """
    labels = " ".join(m[0].partition("|")[2] for m in _CONTROL_SEQUENCE.finditer(text))
    rest = _CONTROL_SEQUENCE.sub(" ", text)
    if "<" in rest:
        return "<"
    return "&" if _LOOSE_AMPERSAND.search(rest + " " + labels) else None


def _escaped(value: Any, at: str, findings: Findings) -> None:
    found = unescaped(value["text"]) if findings.strict_escaping else None
    if found:
        findings.add(f"{at}/text", f"unescaped '{found}' in mrkdwn text")


def text(
    maximum: int | None, *, minimum: int = 1, kinds: tuple[str, ...] = ("plain_text",)
) -> Check:
    """A text object of one of these kinds, so many characters long."""
    content = need(string(maximum, minimum))
    plain = shape({"type": need(one_of(["plain_text"])), "text": content, "emoji": may(boolean)})
    mrkdwn = shape({"type": need(one_of(["mrkdwn"])), "text": content, "verbatim": may(boolean)})
    known = {"plain_text": plain, "mrkdwn": both(mrkdwn, _escaped)}
    allowed = {kind: known[kind] for kind in kinds}
    refused = {kind: f"must be {' or '.join(kinds)}" for kind in known if kind not in kinds}
    return typed(allowed, refused)


ANY_TEXT = ("plain_text", "mrkdwn")


def url(maximum: int) -> Check:
    """An address of the web, not longer than `maximum`."""
    return both(
        string(maximum),
        matching(lambda value: re.match(r"(?:https?|mailto|tel):\S+$", value) is not None, "a URL"),
    )


CONFIRM = shape(
    {
        "title": need(text(limits.CONFIRM_TITLE)),
        "text": need(text(limits.CONFIRM_TEXT, kinds=ANY_TEXT)),
        "confirm": need(text(limits.CONFIRM_CONFIRM)),
        "deny": need(text(limits.CONFIRM_DENY)),
        "style": may(one_of(limits.BUTTON_STYLES)),
    }
)
"""A confirmation object; all its texts are asked for, as clients differ in what they fill in."""
