"""Words for what is wrong, safe to show wherever the content came from."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from licbot.ports.texts import clip

Path = tuple[int | str, ...]
"""The keys and positions that lead to a value in JSON, from the outermost."""

_MESSAGES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "model_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be text",
    "string_unicode": "must be text that UTF-8 can hold",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_long_for_index": (
        "must have at most {most} characters ({most_bytes:,} bytes in small letters), "
        "which is what PostgreSQL's index rows hold"
    ),
    "string_pattern_mismatch": "must be plain text without control characters",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}

# Control characters, line breaks, marks that turn the direction of text, and half characters.
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str, length: int = 60) -> str:
    """Text of somebody else's on one line, without control characters and not too long."""
    return clip(_UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text[: length + 1]), length)


def problems(error: ValidationError) -> list[str]:
    """What is wrong with JSON that does not fit a model, each with its place."""
    return [words for _, words in located_problems(error)]


def located_problems(error: ValidationError) -> list[tuple[Path, str]]:
    """The same, each with the path to its place besides."""
    details = error.errors(include_url=False, include_input=False)
    return [(each["loc"], f"{_subject(each['loc'])} {_message(each)}.") for each in details]


def _subject(path: Path) -> str:
    found = place(path)
    return f"{found}:" if found else "It"


def place(path: Path) -> str:
    """A place in JSON, such as ``users[3].kind``; empty for all of it."""
    found = ""
    for part in path:
        found += f"[{part}]" if isinstance(part, int) else f".{shown(part)}"
    return found.removeprefix(".")


def _message(details: ErrorDetails) -> str:
    context: Mapping[str, Any] = details.get("ctx", {})
    template = _MESSAGES.get(details["type"])
    return template.format(**context) if template else details["msg"]
