"""The rules for block elements."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.elements import options_of
from licbot.sandbox.findings import (
    Check,
    Field,
    Fields,
    Findings,
    boolean,
    both,
    integer,
    items,
    matching,
    may,
    need,
    one_of,
    shape,
    string,
)
from licbot.sandbox.rules_text import ANY_TEXT, CONFIRM, text, url


def _option(kinds: tuple[str, ...] = ("plain_text",), **more: Field) -> Check:
    return shape(
        {
            "text": need(text(limits.OPTION_TEXT, kinds=kinds)),
            "value": need(string(limits.OPTION_VALUE)),
            "description": may(text(limits.OPTION_DESCRIPTION, kinds=kinds)),
            **more,
        }
    )


OPTION = _option()
_MARKED_OPTION = _option(ANY_TEXT)
_OVERFLOW_OPTION = _option(url=may(url(limits.BUTTON_URL)))
OPTIONS = items(OPTION, minimum=1, maximum=limits.SELECT_OPTIONS)
OPTION_GROUPS = items(
    shape({"label": need(text(limits.OPTION_TEXT)), "options": need(OPTIONS)}),
    minimum=1,
    maximum=limits.SELECT_OPTION_GROUPS,
)


def _same(a: Any, b: Any) -> bool:
    return bool(a["value"] == b["value"] and a["text"]["text"] == b["text"]["text"])


def _initial_among_options(value: Any, at: str, findings: Findings) -> None:
    offered = options_of(value)
    if "initial_option" in value:
        _among(value["initial_option"], offered, f"{at}/initial_option", findings)
    for number_, option in enumerate(value.get("initial_options") or []):
        _among(option, offered, f"{at}/initial_options/{number_}", findings)


def _among(option: Any, offered: list[Any], at: str, findings: Findings) -> None:
    if not any(_same(option, other) for other in offered):
        findings.add(at, "initial option must match one of the options")


def _distinct_values(value: Any, at: str, findings: Findings) -> None:
    seen: set[str] = set()
    for option in options_of(value):
        if option["value"] in seen:
            findings.add(at, f"duplicate option value: {option['value']}")
        seen.add(option["value"])


_CHOICES = both(_initial_among_options, _distinct_values)


def _options_or_groups(value: Any, at: str, findings: Findings) -> None:
    if ("options" in value) == ("option_groups" in value):
        findings.add(at, "must define either `options` or `option_groups`")


def _within_max_selected(value: Any, at: str, findings: Findings) -> None:
    allowed = value.get("max_selected_items")
    for key in ("initial_options", "initial_users", "initial_conversations"):
        if allowed is not None and len(value.get(key) or []) > allowed:
            findings.add(f"{at}/{key}", f"no more than {allowed} items allowed")


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def parses(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return parses


_DATE = matching(
    lambda v: len(v) == 10 and _parses(datetime.date.fromisoformat)(v), "a date as YYYY-MM-DD"
)
_TIME = matching(
    lambda v: re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", v) is not None, "a time as HH:MM"
)
_NUMERIC = matching(_parses(float), "a number in a string")

_ACTION: Fields = {"action_id": may(string(limits.ACTION_ID))}
_FOCUS: Fields = {"focus_on_load": may(boolean)}
_PLACEHOLDER: Fields = {"placeholder": may(text(limits.PLACEHOLDER))}
_CONFIRM: Fields = {"confirm": may(CONFIRM)}
_MAX_SELECTED: Fields = {"max_selected_items": may(integer(1))}
_DISPATCH: Fields = {
    "dispatch_action_config": may(
        shape(
            {
                "trigger_actions_on": need(
                    items(one_of(["on_enter_pressed", "on_character_entered"]), minimum=1)
                )
            }
        )
    )
}
_SELECT: Fields = {**_ACTION, **_FOCUS, **_PLACEHOLDER, **_CONFIRM}
_TYPED: Fields = {**_ACTION, **_FOCUS, **_PLACEHOLDER, **_DISPATCH}
_STATIC: Fields = {
    **_SELECT,
    "options": may(OPTIONS),
    "option_groups": may(OPTION_GROUPS),
}
_IDS = items(string(), minimum=1)


def _element(kind: str, fields: Fields) -> Check:
    return shape({"type": need(one_of([kind])), **fields})


def _static(kind: str, fields: Fields) -> Check:
    return both(both(_element(kind, {**_STATIC, **fields}), _options_or_groups), _CHOICES)


def _number_bounds(value: Any, at: str, findings: Findings) -> None:
    low, high = value.get("min_value"), value.get("max_value")
    if low is not None and high is not None and float(low) > float(high):
        findings.add(at, "`min_value` must not be more than `max_value`")
    if not value["is_decimal_allowed"] and "." in str(value.get("initial_value", "")):
        findings.add(f"{at}/initial_value", "must be a whole number")


def _length_bounds(value: Any, at: str, findings: Findings) -> None:
    low, high = value.get("min_length", 0), value.get("max_length", limits.PLAIN_TEXT_INPUT)
    if low > high:
        findings.add(at, "`min_length` must not be more than `max_length`")


IMAGE_FIELDS: Fields = {
    "image_url": need(url(limits.IMAGE_URL)),
    "alt_text": need(string(limits.IMAGE_ALT_TEXT)),
}

ELEMENTS: dict[str, Check] = {
    "button": _element(
        "button",
        {
            **_ACTION,
            **_CONFIRM,
            "text": need(text(limits.BUTTON_TEXT)),
            "value": may(string(limits.BUTTON_VALUE)),
            "url": may(url(limits.BUTTON_URL)),
            "style": may(one_of(limits.BUTTON_STYLES)),
            "accessibility_label": may(string(limits.BUTTON_ACCESSIBILITY_LABEL)),
        },
    ),
    "checkboxes": both(
        _element(
            "checkboxes",
            {
                **_ACTION,
                **_FOCUS,
                **_CONFIRM,
                "options": need(
                    items(_MARKED_OPTION, minimum=1, maximum=limits.CHECKBOXES_OPTIONS)
                ),
                "initial_options": may(items(_MARKED_OPTION, minimum=1)),
            },
        ),
        _CHOICES,
    ),
    "radio_buttons": both(
        _element(
            "radio_buttons",
            {
                **_ACTION,
                **_FOCUS,
                **_CONFIRM,
                "options": need(
                    items(_MARKED_OPTION, minimum=1, maximum=limits.RADIO_BUTTONS_OPTIONS)
                ),
                "initial_option": may(_MARKED_OPTION),
            },
        ),
        _CHOICES,
    ),
    "overflow": both(
        _element(
            "overflow",
            {
                **_ACTION,
                **_CONFIRM,
                "options": need(
                    items(
                        _OVERFLOW_OPTION,
                        minimum=limits.OVERFLOW_OPTIONS_MIN,
                        maximum=limits.OVERFLOW_OPTIONS,
                    )
                ),
            },
        ),
        _distinct_values,
    ),
    "static_select": _static("static_select", {"initial_option": may(OPTION)}),
    "multi_static_select": both(
        _static(
            "multi_static_select",
            {**_MAX_SELECTED, "initial_options": may(items(OPTION, minimum=1))},
        ),
        _within_max_selected,
    ),
    "external_select": _element(
        "external_select",
        {**_SELECT, "initial_option": may(OPTION), "min_query_length": may(integer(0))},
    ),
    "multi_external_select": both(
        _element(
            "multi_external_select",
            {
                **_SELECT,
                **_MAX_SELECTED,
                "initial_options": may(items(OPTION, minimum=1, maximum=limits.SELECT_OPTIONS)),
                "min_query_length": may(integer(0)),
            },
        ),
        _within_max_selected,
    ),
    "users_select": _element("users_select", {**_SELECT, "initial_user": may(string())}),
    "multi_users_select": both(
        _element("multi_users_select", {**_SELECT, **_MAX_SELECTED, "initial_users": may(_IDS)}),
        _within_max_selected,
    ),
    "conversations_select": _element(
        "conversations_select",
        {
            **_SELECT,
            "initial_conversation": may(string()),
            "default_to_current_conversation": may(boolean),
            "response_url_enabled": may(boolean),
            "filter": may(
                shape(
                    {
                        "include": may(
                            items(one_of(["im", "mpim", "private", "public"]), minimum=1)
                        ),
                        "exclude_bot_users": may(boolean),
                        "exclude_external_shared_channels": may(boolean),
                    }
                )
            ),
        },
    ),
    "datepicker": _element("datepicker", {**_SELECT, "initial_date": may(_DATE)}),
    "timepicker": _element(
        "timepicker", {**_SELECT, "initial_time": may(_TIME), "timezone": may(string())}
    ),
    "plain_text_input": both(
        _element(
            "plain_text_input",
            {
                **_TYPED,
                "multiline": may(boolean),
                "initial_value": may(string(limits.PLAIN_TEXT_INPUT, 0)),
                "min_length": may(integer(0, limits.PLAIN_TEXT_INPUT)),
                "max_length": may(integer(1, limits.PLAIN_TEXT_INPUT)),
            },
        ),
        _length_bounds,
    ),
    "number_input": both(
        _element(
            "number_input",
            {
                **_TYPED,
                "is_decimal_allowed": need(boolean),
                "initial_value": may(_NUMERIC),
                "min_value": may(_NUMERIC),
                "max_value": may(_NUMERIC),
            },
        ),
        _number_bounds,
    ),
    "email_text_input": _element("email_text_input", {**_TYPED, "initial_value": may(string())}),
    "url_text_input": _element(
        "url_text_input", {**_TYPED, "initial_value": may(url(limits.PLAIN_TEXT_INPUT))}
    ),
    "file_input": _element(
        "file_input",
        {
            **_ACTION,
            "filetypes": may(items(string(), minimum=1)),
            "max_files": may(integer(1, limits.FILE_INPUT_FILES)),
        },
    ),
    "image": _element("image", IMAGE_FIELDS),
}

_ANYWHERE = {
    "button",
    "checkboxes",
    "conversations_select",
    "datepicker",
    "external_select",
    "overflow",
    "radio_buttons",
    "static_select",
    "timepicker",
    "users_select",
}
_MULTI = {"multi_external_select", "multi_static_select", "multi_users_select"}
MODAL_ONLY = {"email_text_input", "file_input", "number_input", "url_text_input"}

ALLOWED_IN = {
    "section": _ANYWHERE | _MULTI | {"image"},
    # Slack's reference leaves the multi-selects out here, its types let them in: the stricter one.
    "actions": _ANYWHERE,
    "input": (_ANYWHERE - {"button", "overflow"}) | _MULTI | MODAL_ONLY | {"plain_text_input"},
}
