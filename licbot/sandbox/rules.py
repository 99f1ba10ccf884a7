"""Whether a message or a view is one that Slack would take; stricter where Slack's pages differ.

Every check answers with a list of messages, empty when all is well.
"""

from __future__ import annotations

import json
from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.findings import (
    Findings,
    boolean,
    items,
    may,
    need,
    one_of,
    shape,
    string,
    typed,
)
from licbot.sandbox.records import Json, SurfaceKind
from licbot.sandbox.rules_blocks import BLOCKS, SURFACES
from licbot.sandbox.rules_elements import MODAL_ONLY, OPTION_GROUPS, OPTIONS
from licbot.sandbox.rules_text import text, unescaped


def check_text(value: str, *, strict_escaping: bool = True) -> list[str]:
    """Check the text of a message, which is mrkdwn."""
    findings = Findings(strict_escaping=strict_escaping)
    found = unescaped(value) if strict_escaping else None
    if found:
        findings.add("/text", f"unescaped '{found}' in mrkdwn text")
    return findings.messages


def check_blocks(
    blocks: Any, surface: SurfaceKind, *, at: str = "/blocks", strict_escaping: bool = True
) -> list[str]:
    """Check the blocks of a message or a view."""
    findings = Findings(strict_escaping=strict_escaping)
    allowed = {k: check for k, check in BLOCKS.items() if surface in SURFACES.get(k, (surface,))}
    elsewhere = {k: f"{k} is not allowed on this surface" for k in BLOCKS if k not in allowed}
    least = 0 if surface == "message" else 1
    most = limits.BLOCKS[surface]
    items(typed(allowed, elsewhere), minimum=least, maximum=most)(blocks, at, findings)
    if not findings.messages:
        _check_together(blocks, surface, at, findings)
    return findings.messages


def _check_together(blocks: list[Json], surface: SurfaceKind, at: str, findings: Findings) -> None:
    _distinct_block_ids(blocks, at, findings)
    _modal_elements(blocks, surface, at, findings)
    _totals(blocks, surface, at, findings)
    _focus_once(blocks, at, findings)


def _distinct_block_ids(blocks: list[Json], at: str, findings: Findings) -> None:
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            findings.add(f"{at}/{number}/block_id", f"duplicate block_id: {block_id}")
        if block_id is not None:
            seen.add(block_id)


def _modal_elements(blocks: list[Json], surface: SurfaceKind, at: str, findings: Findings) -> None:
    for number, block in enumerate(blocks):
        kind = block["element"]["type"] if block["type"] == "input" else ""
        if surface != "modal" and kind in MODAL_ONLY:
            findings.add(f"{at}/{number}/element", f"{kind} is not allowed on this surface")


def _totals(blocks: list[Json], surface: SurfaceKind, at: str, findings: Findings) -> None:
    written = sum(len(b["text"]) for b in blocks if b["type"] == "markdown")
    if written > limits.MARKDOWN_TEXT_TOTAL:
        most = limits.MARKDOWN_TEXT_TOTAL
        findings.add(at, f"markdown must be less than {most + 1} characters in all")
    if surface == "message" and sum(b["type"] == "table" for b in blocks) > 1:
        findings.add(at, "only_one_table_allowed")


def _focus_once(blocks: list[Json], at: str, findings: Findings) -> None:
    if json.dumps(blocks).count('"focus_on_load": true') > 1:
        findings.add(at, "only one element may have focus_on_load")


_ANY_BLOCKS = need(lambda _value, _at, _findings: None)
_VIEW = {
    "private_metadata": may(string(limits.VIEW_PRIVATE_METADATA, 0)),
    "callback_id": may(string(limits.VIEW_CALLBACK_ID, 0)),
    "external_id": may(string(limits.VIEW_EXTERNAL_ID, 0)),
    "blocks": _ANY_BLOCKS,
}
_MODAL = shape(
    {
        **_VIEW,
        "type": need(one_of(["modal"])),
        "title": need(text(limits.VIEW_TITLE)),
        "submit": may(text(limits.VIEW_SUBMIT)),
        "close": may(text(limits.VIEW_CLOSE)),
        "clear_on_close": may(boolean),
        "notify_on_close": may(boolean),
    }
)
_HOME = shape({**_VIEW, "type": need(one_of(["home"]))})


def check_view(view: Any, *, strict_escaping: bool = True) -> list[str]:
    """Check a modal or a Home tab."""
    findings = Findings(strict_escaping=strict_escaping)
    typed({"modal": _MODAL, "home": _HOME})(view, "/view", findings)
    if findings.messages:
        return findings.messages
    surface: SurfaceKind = view["type"]
    found = check_blocks(
        view["blocks"], surface, at="/view/blocks", strict_escaping=strict_escaping
    )
    findings.messages += found
    if not found:
        _submit_for_inputs(view, findings)
    return findings.messages


def _submit_for_inputs(view: Json, findings: Findings) -> None:
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        findings.add("/view", "missing required field: submit")


def view_bytes(view: Json) -> int:
    """The size of a view as it travels."""
    return len(json.dumps(view, separators=(",", ":"), ensure_ascii=False).encode())


def check_options(answer: Any) -> list[str]:
    """Check what the app answers to a suggestion request: `options` or `option_groups`."""
    findings = Findings()
    if not isinstance(answer, dict) or ("options" in answer) == ("option_groups" in answer):
        findings.add("", "must define either `options` or `option_groups`")
    elif answer.get("options") != [] and answer.get("option_groups") != []:
        shape({"options": may(OPTIONS), "option_groups": may(OPTION_GROUPS)})(answer, "", findings)
    return findings.messages
