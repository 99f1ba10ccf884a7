"""What a client checks by itself before it sends a form."""

from __future__ import annotations

import re
from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.elements import VALUE_KINDS
from licbot.sandbox.records import Json, View

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


def entry_errors(view: View) -> dict[str, str]:
    """What is missing or malformed in the inputs of a modal, by block_id."""
    found: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] == "input":
            element = block["element"]
            entered = view.state[block["block_id"]][element["action_id"]]
            value = entered.get(VALUE_KINDS[element["type"]].key)
            error = _error(block, element, value)
            if error:
                found[block["block_id"]] = error
    return found


def _error(block: Json, element: Json, value: Any) -> str:
    if value in (None, "", []):
        return "" if block.get("optional") else "Please fill in this field."
    check = _CHECKS.get(element["type"])
    return check(element, str(value)) if check else ""


def _text(element: Json, value: str) -> str:
    least = element.get("min_length", 0)
    most = element.get("max_length", limits.PLAIN_TEXT_INPUT)
    if len(value) < least:
        return f"Please write at least {least} characters."
    return f"Please write no more than {most} characters." if len(value) > most else ""


def _number(element: Json, value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not re.fullmatch(r"[+-]?\d+", value.strip()):
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter {element['min_value']} or more."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter {element['max_value']} or less."
    return ""


def _email(_element: Json, value: str) -> str:
    return "" if _EMAIL.fullmatch(value) else "Please enter an e-mail address."


def _url(_element: Json, value: str) -> str:
    return "" if _URL.fullmatch(value) else "Please enter a web address."


_CHECKS = {
    "email_text_input": _email,
    "number_input": _number,
    "plain_text_input": _text,
    "url_text_input": _url,
}
