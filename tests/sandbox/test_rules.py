"""Every rule for messages and views, each with what it lets through and what it refuses."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as SdkView

from licbot.sandbox import limits
from licbot.sandbox.records import Json, SurfaceKind
from licbot.sandbox.rules import (
    check_blocks,
    check_options,
    check_text,
    check_view,
    view_bytes,
)
from licbot.sandbox.rules_blocks import BLOCKS
from licbot.sandbox.rules_elements import ELEMENTS
from licbot.sandbox.rules_text import unescaped


def plain(text: str = "Text") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "*Text*") -> Json:
    return {"type": "mrkdwn", "text": text}


def options(count: int, text: Callable[[str], Json] = plain) -> list[Json]:
    return [{"text": text(f"Option {n}"), "value": f"v{n}"} for n in range(count)]


def raw(*texts: str) -> list[Json]:
    return [{"type": "raw_text", "text": text} for text in texts]


CONFIRM: Json = {
    "title": plain("Sure?"),
    "text": mrkdwn("This takes 3 seats."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
    "style": "danger",
}

GOOD_ELEMENTS: dict[str, Json] = {
    "button": {
        "text": plain("Go"),
        "value": "1",
        "url": "https://example.com/",
        "style": "primary",
        "accessibility_label": "Go on",
        "confirm": CONFIRM,
    },
    "checkboxes": {"options": options(10, mrkdwn), "initial_options": options(2, mrkdwn)},
    "radio_buttons": {"options": options(10), "initial_option": options(1)[0]},
    "overflow": {"options": options(5)},
    "static_select": {
        "options": options(100),
        "initial_option": options(1)[0],
        "placeholder": plain("Pick one"),
    },
    "multi_static_select": {
        "option_groups": [{"label": plain("All"), "options": options(3)}],
        "initial_options": options(2),
        "max_selected_items": 2,
    },
    "external_select": {"min_query_length": 0, "initial_option": options(1)[0]},
    "multi_external_select": {
        "min_query_length": 2,
        "initial_options": options(2),
        "max_selected_items": 3,
    },
    "users_select": {"initial_user": "U1", "placeholder": plain("Who?")},
    "multi_users_select": {"initial_users": ["U1", "U2"], "max_selected_items": 2},
    "conversations_select": {
        "initial_conversation": "C1",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    },
    "datepicker": {"initial_date": "2026-11-24"},
    "timepicker": {"initial_time": "09:30", "timezone": "Europe/Oslo"},
    "plain_text_input": {
        "multiline": True,
        "initial_value": "",
        "min_length": 1,
        "max_length": 3000,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    },
    "number_input": {
        "is_decimal_allowed": False,
        "initial_value": "3",
        "min_value": "1",
        "max_value": "9",
    },
    "email_text_input": {"initial_value": "anna@example.com"},
    "url_text_input": {"initial_value": "https://example.com/"},
    "file_input": {"filetypes": ["lic"], "max_files": 10},
    "image": {"image_url": "https://example.com/a.png", "alt_text": "A logo"},
}

GOOD_BLOCKS: dict[str, Json] = {
    "section": {"text": mrkdwn(), "fields": [plain(), mrkdwn()], "expand": True},
    "header": {"text": plain()},
    "divider": {},
    "context": {
        "elements": [mrkdwn(), plain(), {"type": "image", **GOOD_ELEMENTS["image"]}],
    },
    "actions": {"elements": [{"type": "button", **GOOD_ELEMENTS["button"]}]},
    "input": {
        "label": plain(),
        "hint": plain("A hint"),
        "optional": True,
        "dispatch_action": True,
        "element": {"type": "plain_text_input", **GOOD_ELEMENTS["plain_text_input"]},
    },
    "image": {**GOOD_ELEMENTS["image"], "title": plain("Logo")},
    "markdown": {"text": "**Bold** & <free>"},
    "rich_text": {
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Seats < 3 & more", "style": {"bold": True}},
                    {"type": "user", "user_id": "U1"},
                    {"type": "link", "url": "https://example.com/", "text": "there"},
                    {"type": "emoji", "name": "tada"},
                    {"type": "broadcast", "range": "here"},
                    {"type": "channel", "channel_id": "C1"},
                    {"type": "date", "timestamp": 1, "format": "{date}"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "One"}]}
                ],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "Said"}]},
            {
                "type": "rich_text_preformatted",
                "border": 1,
                "elements": [{"type": "text", "text": "code"}],
            },
        ]
    },
    "table": {
        "rows": [raw("Name", "Seats"), raw("CRM", "12")],
        "column_settings": [{"align": "left", "is_wrapped": True}, {"align": "right"}],
    },
    "data_table": {
        "caption": "Licences",
        "page_size": 10,
        "rows": [
            raw("Name", "Seats"),
            [*raw("CRM"), {"type": "raw_number", "value": 12, "text": "12"}],
        ],
    },
    "alert": {"text": mrkdwn("Careful"), "level": "warning"},
}


def block(kind: str) -> Json:
    return {"type": kind, **copy.deepcopy(GOOD_BLOCKS[kind])}


def input_with(kind: str) -> Json:
    element = {"type": kind, **copy.deepcopy(GOOD_ELEMENTS[kind])}
    return {"type": "input", "label": plain(), "element": element}


def section_with(kind: str) -> Json:
    accessory = {"type": kind, **copy.deepcopy(GOOD_ELEMENTS[kind])}
    return {"type": "section", "text": plain(), "accessory": accessory}


def home_of(kind: str) -> Json:
    """A block that may hold an element of this kind."""
    return section_with(kind) if kind in ("button", "overflow", "image") else input_with(kind)


def surface_for(kind: str) -> SurfaceKind:
    return "message" if kind in ("markdown", "table", "data_table") else "modal"


def modal(**changes: Any) -> Json:
    view: Json = {
        "type": "modal",
        "title": plain("Remove licences"),
        "submit": plain("OK"),
        "close": plain("Cancel"),
        "callback_id": "c",
        "external_id": "e",
        "private_metadata": "m",
        "clear_on_close": True,
        "notify_on_close": True,
        "blocks": [block("section"), block("input")],
    }
    return view | changes


def put(payload: Any, path: str, value: Any) -> Any:
    """The payload with another value at a path such as `elements/0/text`."""
    changed = copy.deepcopy(payload)
    node = changed
    *steps, last = path.split("/")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if isinstance(node, list):
        node[int(last)] = value
    elif value is MISSING:
        del node[last]
    else:
        node[last] = value
    return changed


MISSING = object()


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_a_block_with_all_its_keys_is_taken(kind: str) -> None:
    assert check_blocks([block(kind)], surface_for(kind)) == []


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_an_element_with_all_its_keys_is_taken(kind: str) -> None:
    assert check_blocks([home_of(kind)], "modal") == []


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_a_block_with_an_unknown_key_is_refused(kind: str) -> None:
    found = check_blocks([block(kind) | {"colour": "red"}], surface_for(kind))

    assert found == ["[ERROR] invalid additional property: colour [json-pointer:/blocks/0]"]


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_an_element_with_an_unknown_key_is_refused(kind: str) -> None:
    home = home_of(kind)
    at = "element" if home["type"] == "input" else "accessory"
    home[at]["disabled"] = True

    assert check_blocks([home], "modal") == [
        f"[ERROR] invalid additional property: disabled [json-pointer:/blocks/0/{at}]"
    ]


LONGEST = [
    ("section", "text/text", limits.SECTION_TEXT),
    ("section", "fields/0/text", limits.SECTION_FIELD_TEXT),
    ("section", "block_id", limits.BLOCK_ID),
    ("header", "text/text", limits.HEADER_TEXT),
    ("input", "label/text", limits.INPUT_LABEL),
    ("input", "hint/text", limits.INPUT_HINT),
    ("image", "alt_text", limits.IMAGE_ALT_TEXT),
    ("image", "title/text", limits.IMAGE_TITLE),
    ("markdown", "text", limits.MARKDOWN_TEXT_TOTAL),
    ("alert", "text/text", limits.ALERT_TEXT),
    ("actions", "elements/0/text/text", limits.BUTTON_TEXT),
    ("actions", "elements/0/value", limits.BUTTON_VALUE),
    ("actions", "elements/0/accessibility_label", limits.BUTTON_ACCESSIBILITY_LABEL),
    ("actions", "elements/0/action_id", limits.ACTION_ID),
    ("actions", "elements/0/confirm/title/text", limits.CONFIRM_TITLE),
    ("actions", "elements/0/confirm/text/text", limits.CONFIRM_TEXT),
    ("actions", "elements/0/confirm/confirm/text", limits.CONFIRM_CONFIRM),
    ("actions", "elements/0/confirm/deny/text", limits.CONFIRM_DENY),
    ("input", "element/initial_value", limits.PLAIN_TEXT_INPUT),
]


@pytest.mark.parametrize(("kind", "path", "most"), LONGEST)
def test_a_text_may_be_as_long_as_documented_and_no_longer(kind: str, path: str, most: int) -> None:
    just = put(block(kind), path, "x" * most)
    over = put(block(kind), path, "x" * (most + 1))

    assert check_blocks([just], surface_for(kind)) == []
    assert check_blocks([over], surface_for(kind)) == [
        f"[ERROR] must be less than {most + 1} characters [json-pointer:/blocks/0/{path}]"
    ]


@pytest.mark.parametrize(
    ("kind", "path", "most"),
    [
        ("image", "image_url", limits.IMAGE_URL),
        ("actions", "elements/0/url", limits.BUTTON_URL),
    ],
)
def test_an_address_may_be_as_long_as_documented_and_no_longer(
    kind: str, path: str, most: int
) -> None:
    address = "https://example.com/"
    just = put(block(kind), path, address + "x" * (most - len(address)))
    over = put(block(kind), path, address + "x" * (most - len(address) + 1))

    assert check_blocks([just], "modal") == []
    assert f"must be less than {most + 1} characters" in check_blocks([over], "modal")[0]


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("text/text", limits.OPTION_TEXT),
        ("value", limits.OPTION_VALUE),
        ("description/text", limits.OPTION_DESCRIPTION),
    ],
)
@pytest.mark.parametrize("kind", ["static_select", "checkboxes", "radio_buttons", "overflow"])
def test_an_option_may_be_as_long_as_documented_and_no_longer(
    kind: str, field: str, most: int
) -> None:
    home = home_of(kind)
    at = "element" if home["type"] == "input" else "accessory"
    option = {"text": plain(), "value": "1", "description": plain()}
    home[at] = {"type": kind, "options": [put(option, field, "x" * most)]}
    over = put(home, f"{at}/options/0/{field}", "x" * (most + 1))

    assert check_blocks([home], "modal") == []
    assert f"must be less than {most + 1} characters" in check_blocks([over], "modal")[0]


def test_a_placeholder_may_be_as_long_as_documented_and_no_longer() -> None:
    just = put(input_with("static_select"), "element/placeholder/text", "x" * limits.PLACEHOLDER)
    over = put(just, "element/placeholder/text", "x" * (limits.PLACEHOLDER + 1))

    assert check_blocks([just], "modal") == []
    assert "less than 151 characters" in check_blocks([over], "modal")[0]


EMPTY = [
    ("section", "text/text"),
    ("section", "fields/0/text"),
    ("header", "text/text"),
    ("input", "label/text"),
    ("markdown", "text"),
    ("actions", "elements/0/text/text"),
    ("actions", "elements/0/confirm/text/text"),
    ("context", "elements/0/text"),
    ("alert", "text/text"),
]


@pytest.mark.parametrize(("kind", "path"), EMPTY)
def test_a_text_has_at_least_one_character(kind: str, path: str) -> None:
    one = put(block(kind), path, "x")
    none = put(block(kind), path, "")

    assert check_blocks([one], surface_for(kind)) == []
    assert check_blocks([none], surface_for(kind)) == [
        f"[ERROR] must be more than 0 characters [json-pointer:/blocks/0/{path}]"
    ]


PLAIN_ONLY = [
    ("header", "text"),
    ("input", "label"),
    ("input", "hint"),
    ("image", "title"),
    ("actions", "elements/0/text"),
    ("actions", "elements/0/confirm/title"),
    ("actions", "elements/0/confirm/confirm"),
    ("actions", "elements/0/confirm/deny"),
    ("input", "element/placeholder"),
]


@pytest.mark.parametrize(("kind", "path"), PLAIN_ONLY)
def test_mrkdwn_is_refused_where_plain_text_is_required(kind: str, path: str) -> None:
    good = put(block(kind), path, plain())
    bad = put(block(kind), path, mrkdwn())

    assert check_blocks([good], "modal") == []
    assert check_blocks([bad], "modal") == [
        f"[ERROR] must be plain_text [json-pointer:/blocks/0/{path}/type]"
    ]


def test_mrkdwn_is_refused_in_the_options_of_selects_and_taken_in_check_boxes() -> None:
    select = put(input_with("static_select"), "element/options/0/text", mrkdwn())
    boxes = {**input_with("checkboxes")}

    assert "must be plain_text" in check_blocks([select], "modal")[0]
    assert check_blocks([boxes], "modal") == []


REQUIRED = [
    ("header", "text"),
    ("context", "elements"),
    ("actions", "elements"),
    ("input", "label"),
    ("input", "element"),
    ("image", "image_url"),
    ("image", "alt_text"),
    ("markdown", "text"),
    ("rich_text", "elements"),
    ("table", "rows"),
    ("data_table", "rows"),
    ("data_table", "caption"),
    ("alert", "text"),
]


@pytest.mark.parametrize(("kind", "key"), REQUIRED)
def test_a_block_without_what_it_needs_is_refused(kind: str, key: str) -> None:
    assert check_blocks([put(block(kind), key, MISSING)], surface_for(kind)) == [
        f"[ERROR] missing required field: {key} [json-pointer:/blocks/0]"
    ]


def test_a_section_needs_a_text_or_fields() -> None:
    assert check_blocks([{"type": "section", "text": plain()}], "message") == []
    assert check_blocks([{"type": "section", "fields": [plain()]}], "message") == []
    assert (
        "must define either `text` or `fields`" in check_blocks([{"type": "section"}], "message")[0]
    )


COUNTS = [
    ("section", "fields", limits.SECTION_FIELDS),
    ("context", "elements", limits.CONTEXT_ELEMENTS),
    ("actions", "elements", limits.ACTIONS_ELEMENTS),
]


@pytest.mark.parametrize(("kind", "key", "most"), COUNTS)
def test_a_block_holds_as_many_items_as_documented_and_no_more(
    kind: str, key: str, most: int
) -> None:
    item = block(kind)[key][0]
    just = block(kind) | {key: [copy.deepcopy(item)] * most}
    over = block(kind) | {key: [copy.deepcopy(item)] * (most + 1)}
    none = block(kind) | {key: []}

    assert check_blocks([just], "modal") == []
    assert f"no more than {most} items allowed" in check_blocks([over], "modal")[0]
    assert "no fewer than 1 items allowed" in check_blocks([none], "modal")[0]


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("checkboxes", limits.CHECKBOXES_OPTIONS),
        ("radio_buttons", limits.RADIO_BUTTONS_OPTIONS),
        ("overflow", limits.OVERFLOW_OPTIONS),
        ("static_select", limits.SELECT_OPTIONS),
        ("multi_static_select", limits.SELECT_OPTIONS),
    ],
)
def test_an_element_offers_as_many_options_as_documented_and_no_more(kind: str, most: int) -> None:
    def offering(count: int) -> list[Json]:
        home = home_of(kind)
        at = "element" if home["type"] == "input" else "accessory"
        home[at] = {"type": kind, "options": options(count)}
        return [home]

    assert check_blocks(offering(most), "modal") == []
    assert f"no more than {most} items allowed" in check_blocks(offering(most + 1), "modal")[0]
    assert "no fewer than 1 items allowed" in check_blocks(offering(0), "modal")[0]


def test_a_select_offers_as_many_groups_as_documented_and_no_more() -> None:
    def grouped(count: int) -> list[Json]:
        one = {"label": plain(), "options": options(1)}
        groups = [
            one | {"options": [{"text": plain(f"Option {n}"), "value": str(n)}]}
            for n in range(count)
        ]
        return [put(input_with("static_select"), "element", _static(groups))]

    def _static(groups: list[Json]) -> Json:
        return {"type": "static_select", "option_groups": groups}

    assert check_blocks(grouped(limits.SELECT_OPTION_GROUPS), "modal") == []
    assert "no more than 100 items" in check_blocks(grouped(101), "modal")[0]


def test_a_select_has_either_options_or_groups() -> None:
    both = input_with("static_select")
    both["element"]["option_groups"] = [{"label": plain(), "options": options(1)}]
    neither = put(input_with("static_select"), "element", {"type": "static_select"})

    for wrong in (both, neither):
        assert (
            "must define either `options` or `option_groups`" in check_blocks([wrong], "modal")[0]
        )


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("checkboxes", "initial_options"),
        ("multi_static_select", "initial_options"),
        ("static_select", "initial_option"),
        ("radio_buttons", "initial_option"),
    ],
)
def test_an_initial_option_is_one_of_the_options_in_value_and_text(kind: str, key: str) -> None:
    good = input_with(kind)
    first = f"element/{key}/0" if key.endswith("s") else f"element/{key}"
    other_value = put(good, f"{first}/value", "unknown")
    other_text = put(good, f"{first}/text/text", "Something else")

    assert check_blocks([good], "modal") == []
    for wrong in (other_value, other_text):
        assert "initial option must match" in check_blocks([wrong], "modal")[0]


def test_the_values_of_options_are_distinct() -> None:
    twice = put(input_with("checkboxes"), "element/options/1/value", "v0")
    twice = put(twice, "element/initial_options", options(1, mrkdwn))

    assert check_blocks([input_with("checkboxes")], "modal") == []
    assert "duplicate option value: v0" in check_blocks([twice], "modal")[0]


@pytest.mark.parametrize(
    ("kind", "path", "wrong", "message"),
    [
        ("datepicker", "element/initial_date", "24.11.2026", "a date as YYYY-MM-DD"),
        ("datepicker", "element/initial_date", "2026-02-30", "a date as YYYY-MM-DD"),
        ("timepicker", "element/initial_time", "25:00", "a time as HH:MM"),
        ("number_input", "element/initial_value", "three", "a number in a string"),
        ("number_input", "element/initial_value", "3.5", "must be a whole number"),
        ("number_input", "element/min_value", "10", "`min_value` must not be more"),
        ("number_input", "element/is_decimal_allowed", MISSING, "missing required field"),
        ("plain_text_input", "element/max_length", 3001, "at most 3000"),
        ("plain_text_input", "element/max_length", 0, "at least 1"),
        ("plain_text_input", "element/min_length", -1, "at least 0"),
        ("plain_text_input", "element/min_length", "1", "must be an integer"),
        ("plain_text_input", "element/multiline", "yes", "must be a boolean"),
        ("plain_text_input", "element/initial_value", 3, "must be a string"),
        ("url_text_input", "element/initial_value", "example", "must be a URL"),
        ("file_input", "element/max_files", 11, "at most 10"),
        ("file_input", "element/max_files", 0, "at least 1"),
        ("multi_static_select", "element/max_selected_items", 1, "no more than 1 items allowed"),
        ("multi_users_select", "element/max_selected_items", 1, "no more than 1 items allowed"),
        ("multi_external_select", "element/max_selected_items", 0, "at least 1"),
        (
            "plain_text_input",
            "element/dispatch_action_config/trigger_actions_on",
            ["on_leave"],
            "must be one of: on_enter_pressed, on_character_entered",
        ),
    ],
)
def test_a_wrong_value_of_an_input_is_refused(
    kind: str, path: str, wrong: Any, message: str
) -> None:
    assert check_blocks([input_with(kind)], "modal") == []
    assert message in check_blocks([put(input_with(kind), path, wrong)], "modal")[0]


def test_min_length_is_not_more_than_max_length() -> None:
    element = {"type": "plain_text_input", "min_length": 5, "max_length": 5}
    good = {"type": "input", "label": plain(), "element": element}

    assert check_blocks([good], "modal") == []
    assert (
        "`min_length` must not be more"
        in check_blocks([put(good, "element/min_length", 6)], "modal")[0]
    )


@pytest.mark.parametrize(
    ("kind", "path", "wrong", "message"),
    [
        ("actions", "elements/0/style", "green", "must be one of: primary, danger"),
        ("actions", "elements/0/url", "not a url", "must be a URL"),
        ("actions", "elements/0/confirm/deny", MISSING, "missing required field: deny"),
        ("actions", "elements/0/confirm/style", "loud", "must be one of: primary, danger"),
        ("alert", "level", "panic", "must be one of"),
        ("table", "column_settings/0/align", "middle", "must be one of: left, center, right"),
        ("data_table", "page_size", 0, "must be at least 1"),
        ("data_table", "rows/1/1/value", "12", "must be a number"),
        ("rich_text", "elements/1/style", "dotted", "must be one of: bullet, ordered"),
        ("rich_text", "elements/0/elements/0/style/bold", 1, "must be a boolean"),
        ("rich_text", "elements/0/elements/0/type", "blink", "unsupported type: blink"),
        ("section", "text", "bare", "must be an object"),
        ("section", "text/emoji", True, "invalid additional property: emoji"),
        ("section", "fields", "bare", "must be an array"),
        ("table", "column_settings/0", "left", "must be an object"),
        ("section", "text", {}, "missing required field: type"),
        ("data_table", "rows/0/0", 3, "must be an object"),
    ],
)
def test_a_wrong_value_of_a_block_is_refused(
    kind: str, path: str, wrong: Any, message: str
) -> None:
    assert message in check_blocks([put(block(kind), path, wrong)], surface_for(kind))[0]


@pytest.mark.parametrize(
    ("kind", "surface"),
    [
        ("alert", "message"),
        ("alert", "home"),
        ("table", "modal"),
        ("data_table", "modal"),
        ("markdown", "modal"),
        ("markdown", "home"),
    ],
)
def test_a_block_is_refused_on_a_surface_that_does_not_show_it(
    kind: str, surface: SurfaceKind
) -> None:
    assert check_blocks([block(kind)], surface) == [
        f"[ERROR] {kind} is not allowed on this surface [json-pointer:/blocks/0/type]"
    ]


@pytest.mark.parametrize("kind", ["table", "data_table"])
def test_tables_may_stand_on_the_home_tab(kind: str) -> None:
    assert check_blocks([block(kind)], "home") == []


@pytest.mark.parametrize(
    "kind", ["email_text_input", "file_input", "number_input", "url_text_input"]
)
def test_some_inputs_may_only_stand_in_modals(kind: str) -> None:
    assert check_blocks([input_with(kind)], "modal") == []
    assert "not allowed on this surface" in check_blocks([input_with(kind)], "message")[0]


def test_elements_are_refused_in_blocks_that_do_not_hold_them() -> None:
    actions = {"type": "actions", "elements": [{"type": "plain_text_input"}]}
    section = {"type": "section", "text": plain(), "accessory": {"type": "file_input"}}
    entry = put(block("input"), "element", {"type": "button", "text": plain()})

    for wrong in (actions, section, entry):
        assert "is not allowed in this block" in check_blocks([wrong], "modal")[0]


def test_unknown_blocks_and_elements_are_refused() -> None:
    accessory = put(section_with("button"), "accessory/type", "lever")

    assert "unsupported type: marquee" in check_blocks([{"type": "marquee"}], "message")[0]
    assert "unsupported type: lever" in check_blocks([accessory], "message")[0]
    assert "missing required field: type" in check_blocks([{}], "message")[0]
    assert "must be an object" in check_blocks(["text"], "message")[0]
    assert "must be an array" in check_blocks({"type": "divider"}, "message")[0]


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_a_surface_holds_as_many_blocks_as_documented_and_no_more(surface: SurfaceKind) -> None:
    most = limits.BLOCKS[surface]

    assert check_blocks([{"type": "divider"}] * most, surface) == []
    assert check_blocks([{"type": "divider"}] * (most + 1), surface) == [
        f"[ERROR] no more than {most} items allowed [json-pointer:/blocks]"
    ]


def test_block_ids_are_distinct() -> None:
    def named(*ids: str) -> list[Json]:
        return [{"type": "divider", "block_id": block_id} for block_id in ids]

    assert check_blocks(named("a", "b"), "message") == []
    assert check_blocks(named("a", "b", "a"), "message") == [
        "[ERROR] duplicate block_id: a [json-pointer:/blocks/2/block_id]"
    ]


def test_action_ids_are_distinct_within_a_block() -> None:
    def named(*ids: str) -> Json:
        buttons = [{"type": "button", "text": plain(), "action_id": i} for i in ids]
        return {"type": "actions", "elements": buttons}

    assert check_blocks([named("a", "b"), named("a", "b")], "message") == []
    assert check_blocks([named("a", "a")], "message") == [
        "[ERROR] duplicate action_id: a [json-pointer:/blocks/0/elements/1/action_id]"
    ]


def test_markdown_is_counted_over_the_whole_message() -> None:
    half = {"type": "markdown", "text": "x" * (limits.MARKDOWN_TEXT_TOTAL // 2)}
    more = {"type": "markdown", "text": "x"}

    assert check_blocks([half, half], "message") == []
    assert "in all" in check_blocks([half, half, more], "message")[0]


def test_a_message_holds_one_table() -> None:
    assert "only_one_table_allowed" in check_blocks([block("table"), block("table")], "message")[0]


def test_only_one_element_takes_the_focus() -> None:
    focused = put(input_with("datepicker"), "element/focus_on_load", True)

    assert check_blocks([focused], "modal") == []
    assert "only one element" in check_blocks([focused, focused], "modal")[0]


def rows(count: int, columns: int, text: str = "x") -> list[list[Json]]:
    return [raw(*[text] * columns) for _ in range(count)]


@pytest.mark.parametrize(
    ("kind", "most_rows", "most_columns"),
    [
        ("table", limits.TABLE_ROWS, limits.TABLE_COLUMNS),
        ("data_table", limits.DATA_TABLE_ROWS_WITH_HEADER, limits.DATA_TABLE_COLUMNS),
    ],
)
def test_a_table_holds_as_many_cells_as_documented_and_no_more(
    kind: str, most_rows: int, most_columns: int
) -> None:
    def sized(height: int, width: int) -> list[str]:
        table = block(kind) | {"rows": rows(height, width)}
        table.pop("column_settings", None)
        return check_blocks([table], "message")

    assert sized(most_rows, 2) == []
    assert sized(2, most_columns) == []
    assert f"no more than {most_rows} items" in sized(most_rows + 1, 2)[0]
    assert f"no more than {most_columns} items" in sized(2, most_columns + 1)[0]


@pytest.mark.parametrize(
    ("kind", "most"),
    [("table", limits.TABLE_CHARACTERS), ("data_table", limits.DATA_TABLE_CHARACTERS)],
)
def test_the_characters_of_a_table_are_counted(kind: str, most: int) -> None:
    just = block(kind) | {"rows": rows(2, 1, "x" * (most // 2))}
    over = block(kind) | {"rows": rows(2, 1, "x" * (most // 2 + 1))}

    assert check_blocks([just], "message") == []
    assert f"less than {most + 1} characters in all" in check_blocks([over], "message")[0]


def test_the_cells_of_a_table_may_hold_rich_text() -> None:
    rich = {"type": "rich_text", "elements": [GOOD_BLOCKS["rich_text"]["elements"][0]]}
    table = {"type": "table", "rows": [[rich]]}

    assert check_blocks([table], "message") == []


def test_the_rows_of_a_table_are_equally_long() -> None:
    ragged = block("table") | {"rows": [raw("a", "b"), raw("c")]}

    assert "must have 2 cells" in check_blocks([ragged], "message")[0]


def test_views_with_all_their_keys_are_taken() -> None:
    home = {"type": "home", "blocks": [block("section")], "private_metadata": "m"}

    assert check_view(modal()) == []
    assert check_view(home) == []


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("title/text", limits.VIEW_TITLE),
        ("submit/text", limits.VIEW_SUBMIT),
        ("close/text", limits.VIEW_CLOSE),
        ("private_metadata", limits.VIEW_PRIVATE_METADATA),
        ("callback_id", limits.VIEW_CALLBACK_ID),
        ("external_id", limits.VIEW_EXTERNAL_ID),
    ],
)
def test_a_part_of_a_view_may_be_as_long_as_documented_and_no_longer(path: str, most: int) -> None:
    assert check_view(put(modal(), path, "x" * most)) == []
    assert check_view(put(modal(), path, "x" * (most + 1))) == [
        f"[ERROR] must be less than {most + 1} characters [json-pointer:/view/{path}]"
    ]


@pytest.mark.parametrize(
    ("path", "wrong", "message"),
    [
        ("title", MISSING, "missing required field: title"),
        ("blocks", MISSING, "missing required field: blocks"),
        ("title", mrkdwn(), "must be plain_text"),
        ("submit", mrkdwn(), "must be plain_text"),
        ("type", "drawer", "unsupported type: drawer"),
        ("notify_on_close", 1, "must be a boolean"),
        ("colour", "red", "invalid additional property: colour"),
        ("blocks", [{"type": "table"}], "table is not allowed on this surface"),
    ],
)
def test_a_wrong_part_of_a_view_is_refused(path: str, wrong: Any, message: str) -> None:
    assert message in check_view(put(modal(), path, wrong))[0]


def test_a_modal_with_an_input_needs_a_submit_text() -> None:
    without = put(modal(), "submit", MISSING)

    assert check_view(put(without, "blocks", [block("section")])) == []
    assert check_view(without) == ["[ERROR] missing required field: submit [json-pointer:/view]"]


def test_a_view_has_at_least_one_block() -> None:
    message = "no fewer than 1 items allowed"

    assert message in check_view(modal(blocks=[]))[0]
    assert message in check_view({"type": "home", "blocks": []})[0]
    assert check_blocks([], "message") == []


def test_the_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": [], "title": plain()}

    assert "invalid additional property: title" in check_view(home)[0]


def test_the_size_of_a_view_is_counted_in_bytes_as_it_travels() -> None:
    view = {"type": "home", "blocks": [], "private_metadata": "é"}

    assert view_bytes(view) == len('{"type":"home","blocks":[],"private_metadata":"é"}'.encode())


@pytest.mark.parametrize(
    "text",
    [
        "Hi <@U123ABC> and <@W123|anna>",
        "in <#C123|general>",
        "<!here> <!channel> <!everyone>",
        "<!subteam^S123|@admins>",
        "<!date^1392734382^{date_short} {time}|18 Feb>",
        "<!date^1392734382^{date}^https://example.com/|18 Feb>",
        "<https://example.com/?a=1&b=2|there>",
        "<mailto:anna@example.com|Anna>",
        "a &amp; b &lt; c &gt; d",
        "> quoted",
    ],
)
def test_escaped_text_and_control_sequences_are_taken(text: str) -> None:
    assert unescaped(text) is None
    assert check_text(text) == []
    assert check_blocks([{"type": "section", "text": mrkdwn(text)}], "message") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fewer < more", "<"),
        ("<script>", "<"),
        ("<@nobody>", "<"),
        ("<!all>", "<"),
        ("<javascript:alert(1)|x>", "<"),
        ("Smith & Sons", "&"),
        ("&nbsp;", "&"),
        ("<https://example.com|a & b>", "&"),
    ],
)
def test_unescaped_text_is_refused_unless_the_workspace_is_lenient(text: str, found: str) -> None:
    message = f"unescaped '{found}' in mrkdwn text"
    blocks = [{"type": "section", "text": mrkdwn(text)}]

    assert message in check_text(text)[0]
    assert message in check_blocks(blocks, "message")[0]
    assert check_text(text, strict_escaping=False) == []
    assert check_blocks(blocks, "message", strict_escaping=False) == []


def test_plain_text_needs_no_escaping() -> None:
    assert check_blocks([{"type": "section", "text": plain("a < b & c")}], "message") == []


@pytest.mark.parametrize(
    "answer", [{"options": []}, {"option_groups": []}, {"options": options(100)}]
)
def test_good_answers_to_suggestions_are_taken(answer: Json) -> None:
    assert check_options(answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        "",
        {},
        {"options": options(101)},
        {"options": options(1), "option_groups": []},
        {"options": [{"text": mrkdwn(), "value": "1"}]},
        {"options": [{"text": plain("x" * 76), "value": "1"}]},
    ],
)
def test_bad_answers_to_suggestions_are_refused(answer: Any) -> None:
    assert check_options(answer) != []


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_what_we_take_the_schema_of_block_kit_takes_too(kind: str, block_kit_schema: Any) -> None:
    surface = surface_for(kind)
    payload = {"blocks": [block(kind)]} if surface == "message" else modal(blocks=[block(kind)])

    _validate(
        block_kit_schema, "StrictMessage" if surface == "message" else "StrictModalView", payload
    )


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_the_elements_we_take_the_schema_takes_too(kind: str, block_kit_schema: Any) -> None:
    _validate(block_kit_schema, "StrictModalView", modal(blocks=[home_of(kind)]))


def test_the_home_tab_we_take_the_schema_takes_too(block_kit_schema: Any) -> None:
    home = {"type": "home", "blocks": [block("section")], "callback_id": "c", "external_id": "e"}

    assert check_view(home) == []
    _validate(block_kit_schema, "StrictHomeView", home)


def _validate(schema: Any, root: str, payload: Json) -> None:
    rooted = {**schema, "$ref": f"#/definitions/{root}"}
    Draft7Validator(rooted).validate(json.loads(json.dumps(payload)))


# The SDK has no model for these.
NOT_IN_SDK = {"alert", "data_table"}


@pytest.mark.parametrize("kind", sorted(BLOCKS.keys() - NOT_IN_SDK))
def test_the_blocks_we_take_slacks_sdk_takes_too(kind: str) -> None:
    parsed = Block.parse(block(kind))

    assert parsed is not None
    assert parsed.to_dict()["type"] == kind


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_the_elements_we_take_slacks_sdk_takes_too(kind: str) -> None:
    SdkView(**modal(blocks=[home_of(kind)])).to_dict()


SCHEMA_NAMES = {
    "section": "SectionBlock",
    "header": "HeaderBlock",
    "divider": "DividerBlock",
    "context": "ContextBlock",
    "actions": "ActionsBlock",
    "input": "InputBlock",
    "markdown": "MarkdownBlock",
    "rich_text": "RichTextBlock",
    "table": "TableBlock",
    "data_table": "DataTableBlock",
    "alert": "AlertBlock",
}


@pytest.mark.parametrize("kind", sorted(SCHEMA_NAMES))
def test_we_require_every_key_that_the_schema_requires(kind: str, block_kit_schema: Any) -> None:
    required = set(block_kit_schema["definitions"][SCHEMA_NAMES[kind]]["required"]) - {"type"}

    for key in required:
        found = check_blocks([put(block(kind), key, MISSING)], surface_for(kind))
        assert any(f"missing required field: {key}" in message for message in found)


def places(node: Any, at: str = "") -> Iterator[str]:
    """The path of everything within a payload; of long lists only the beginning."""
    within = node.items() if isinstance(node, dict) else enumerate(node[:2])
    for key, value in within:
        path = f"{at}/{key}" if at else str(key)
        yield path
        if isinstance(value, dict | list):
            yield from places(value, path)


def smaller(payload: Any) -> Any:
    """The payload with no list longer than three, as checking against the schema is slow."""
    if isinstance(payload, list):
        return [smaller(item) for item in payload[:3]]
    if isinstance(payload, dict):
        return {key: smaller(value) for key, value in payload.items()}
    return payload


@pytest.mark.parametrize("kind", sorted(SCHEMA_NAMES) + sorted(ELEMENTS))
def test_what_the_schema_refuses_we_refuse_too(kind: str, block_kit_schema: Any) -> None:
    good = smaller(block(kind) if kind in SCHEMA_NAMES else home_of(kind))
    root = f"#/definitions/{SCHEMA_NAMES[good['type']]}"
    schema = Draft7Validator({**block_kit_schema, "$ref": root})
    wrong: list[Any] = [MISSING, None, 7, True, [], {"type": "plain_text"}]

    assert check_blocks([good], surface_for(kind)) == []
    for path, value in itertools.product(places(good), wrong):
        if value is MISSING and path.rpartition("/")[2].isdigit():
            continue
        changed = put(good, path, value)
        if check_blocks([changed], surface_for(kind)) == []:
            assert schema.is_valid(changed), (path, value)
