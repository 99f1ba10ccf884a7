"""JSON without the liberties that readers usually take with it."""

import json
from typing import NoReturn


class NotStrict(ValueError):
    """It is not valid JSON."""


def parse(raw: bytes) -> object:
    """The value that UTF-8 bytes hold.

    Raises NotStrict, saying why in a few words, also for a key given twice, numbers that JSON
    does not know, anything after the value, and nesting too deep to read.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotStrict("it is not text in UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotStrict(f"it is not valid JSON at {place}") from None
    except RecursionError:
        raise NotStrict("it is nested too deeply") from None
    except NotStrict:
        raise
    except ValueError:
        # Python refuses to read numbers of thousands of digits.
        raise NotStrict("a number in it is too long") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("it has a key twice")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise NotStrict("it has a number that JSON does not know")
