"""Writing JSON as a server of another make does: right, but not as Python would."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

NEVER = "0001-01-01T00:00:00"
"""What stands for no date."""


class Raw(str):
    """A number, as it is to be written."""

    __slots__ = ()


def write(value: Any) -> str:
    """JSON with raw numbers as they are, slashes and every other strange letter escaped."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        members = (f"{_text(str(key))}:{write(each)}" for key, each in value.items())
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(write(each) for each in value)}]"
    return json.dumps(value)


def moment(value: date | datetime | None) -> str:
    """A date as licences have it, without a zone."""
    if value is None:
        return NEVER
    return f"{value:%Y-%m-%dT%H:%M:%S}"


def _text(value: str) -> str:
    plain = json.dumps(value, ensure_ascii=False).replace("/", "\\/")
    return "".join(_escaped(letter) for letter in plain)


def _escaped(letter: str) -> str:
    odd = 0x7F < ord(letter) < 0x10000 and ord(letter) % 2 == 1
    return f"\\u{ord(letter):04x}" if odd else letter
