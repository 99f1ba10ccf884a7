"""The rules for blocks, each by itself."""

from __future__ import annotations

from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.findings import (
    Check,
    Field,
    Fields,
    Findings,
    boolean,
    both,
    integer,
    items,
    may,
    need,
    number,
    one_of,
    shape,
    string,
    typed,
)
from licbot.sandbox.rules_elements import ALLOWED_IN, ELEMENTS, IMAGE_FIELDS
from licbot.sandbox.rules_rich_text import RICH_TEXT_FIELDS
from licbot.sandbox.rules_text import ANY_TEXT, text

_PLACE = "{} is not allowed in this block"


def _block(kind: str, fields: Fields) -> Check:
    common: dict[str, Field] = {
        "type": need(one_of([kind])),
        "block_id": may(string(limits.BLOCK_ID)),
    }
    return shape({**common, **fields})


def _elements_in(block: str) -> Check:
    allowed = {kind: ELEMENTS[kind] for kind in sorted(ALLOWED_IN[block])}
    return typed(allowed, {kind: _PLACE.format(kind) for kind in ELEMENTS if kind not in allowed})


def _text_or_fields(value: Any, at: str, findings: Findings) -> None:
    if "text" not in value and "fields" not in value:
        findings.add(at, "must define either `text` or `fields`")


def _distinct_action_ids(value: Any, at: str, findings: Findings) -> None:
    seen: set[str] = set()
    for number_, element in enumerate(value["elements"]):
        action_id = element.get("action_id")
        if action_id is not None and action_id in seen:
            findings.add(f"{at}/elements/{number_}/action_id", f"duplicate action_id: {action_id}")
        seen.add(action_id)


_CONTEXT_ELEMENT = typed(
    {
        "image": ELEMENTS["image"],
        "mrkdwn": text(None, kinds=ANY_TEXT),
        "plain_text": text(None, kinds=ANY_TEXT),
    }
)

_RICH_TEXT = _block("rich_text", RICH_TEXT_FIELDS)
_CELL = typed(
    {
        "raw_text": shape({"type": need(one_of(["raw_text"])), "text": need(string())}),
        "raw_number": shape(
            {
                "type": need(one_of(["raw_number"])),
                "value": need(number),
                "text": need(string()),
            }
        ),
        "rich_text": _RICH_TEXT,
    }
)


def _rows(rows: int, columns: int, least: int = 1) -> Check:
    return items(items(_CELL, minimum=1, maximum=columns), minimum=least, maximum=rows)


def _cells_within(maximum: int) -> Check:
    def check(value: Any, at: str, findings: Findings) -> None:
        total = sum(_characters(cell) for row in value["rows"] for cell in row)
        if total > maximum:
            findings.add(f"{at}/rows", f"must be less than {maximum + 1} characters in all")

    return check


def _characters(node: Any) -> int:
    if isinstance(node, dict):
        own = len(node["text"]) if isinstance(node.get("text"), str) else 0
        return own + sum(_characters(v) for v in node.values() if isinstance(v, list | dict))
    return sum(map(_characters, node)) if isinstance(node, list) else 0


def _same_columns(value: Any, at: str, findings: Findings) -> None:
    width = len(value["rows"][0])
    for number_, row in enumerate(value["rows"]):
        if len(row) != width:
            findings.add(f"{at}/rows/{number_}", f"must have {width} cells like the first row")


_COLUMN = shape({"align": may(one_of(["left", "center", "right"])), "is_wrapped": may(boolean)})


BLOCKS: dict[str, Check] = {
    "section": both(
        _block(
            "section",
            {
                "text": may(text(limits.SECTION_TEXT, kinds=ANY_TEXT)),
                "fields": may(
                    items(
                        text(limits.SECTION_FIELD_TEXT, kinds=ANY_TEXT),
                        minimum=1,
                        maximum=limits.SECTION_FIELDS,
                    )
                ),
                "accessory": may(_elements_in("section")),
                "expand": may(boolean),
            },
        ),
        _text_or_fields,
    ),
    "header": _block("header", {"text": need(text(limits.HEADER_TEXT))}),
    "divider": _block("divider", {}),
    "context": _block(
        "context",
        {"elements": need(items(_CONTEXT_ELEMENT, minimum=1, maximum=limits.CONTEXT_ELEMENTS))},
    ),
    "actions": both(
        _block(
            "actions",
            {
                "elements": need(
                    items(_elements_in("actions"), minimum=1, maximum=limits.ACTIONS_ELEMENTS)
                )
            },
        ),
        _distinct_action_ids,
    ),
    "input": _block(
        "input",
        {
            "label": need(text(limits.INPUT_LABEL)),
            "element": need(_elements_in("input")),
            "hint": may(text(limits.INPUT_HINT)),
            "optional": may(boolean),
            "dispatch_action": may(boolean),
        },
    ),
    "image": _block("image", {**IMAGE_FIELDS, "title": may(text(limits.IMAGE_TITLE))}),
    "markdown": _block("markdown", {"text": need(string(limits.MARKDOWN_TEXT_TOTAL))}),
    "rich_text": _RICH_TEXT,
    "table": both(
        both(
            _block(
                "table",
                {
                    "rows": need(_rows(limits.TABLE_ROWS, limits.TABLE_COLUMNS)),
                    "column_settings": may(items(_COLUMN, maximum=limits.TABLE_COLUMNS)),
                },
            ),
            _same_columns,
        ),
        _cells_within(limits.TABLE_CHARACTERS),
    ),
    "data_table": both(
        both(
            _block(
                "data_table",
                {
                    "caption": need(string()),
                    "rows": need(
                        _rows(
                            limits.DATA_TABLE_ROWS_WITH_HEADER, limits.DATA_TABLE_COLUMNS, least=2
                        )
                    ),
                    "page_size": may(integer(1)),
                    "row_header_column_index": may(integer(0)),
                },
            ),
            _same_columns,
        ),
        _cells_within(limits.DATA_TABLE_CHARACTERS),
    ),
    "alert": _block(
        "alert",
        {
            "text": need(text(limits.ALERT_TEXT, kinds=ANY_TEXT)),
            "level": may(one_of(["default", "info", "warning", "error", "success"])),
        },
    ),
}

SURFACES = {
    "alert": ("modal",),
    "data_table": ("message", "home"),
    "markdown": ("message",),
    "table": ("message", "home"),
}
"""Where the blocks may stand that may not stand everywhere."""
