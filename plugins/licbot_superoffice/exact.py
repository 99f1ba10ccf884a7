"""JSON of which not a byte may change: what is signed is cut out and sent as it came.

Read into values and written anew, ``1.0`` would become ``1`` or ``é`` its escape, and the
signature would no longer hold.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import NoReturn


class NotJson(ValueError):
    """It is not valid JSON. The message says why, in a few words, and repeats nothing of it."""


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def text_of(raw: bytes) -> str:
    """The text of a JSON document, without what stands around it. Raises NotJson."""
    try:
        return raw.decode("utf-8-sig").strip(_SPACE)
    except UnicodeDecodeError:
        raise NotJson("it is not text in UTF-8") from None


def value_of(text: str) -> object:
    """The value that a JSON document holds. Raises NotJson, also for a key given twice."""
    value, end = _next(_VALUES, text, 0)
    if text[end:].strip(_SPACE):
        raise NotJson(f"something follows it at character {end + 1}")
    return value


def members(text: str) -> dict[str, str]:
    """The members of the object that a document is, each as it is written there.

    Raises NotJson where it is no object, and for a key given twice.
    """
    value_of(text)
    return {name: text[begin:end] for name, begin, end in _parts(text, "{", "}")}


def with_member(text: str, name: str, change: Callable[[str], str]) -> str:
    """An object with another text in place of a member's, and all else as it is written.

    The same where it has no such member. Raises NotJson.
    """
    value_of(text)
    for known, begin, end in _parts(text, "{", "}"):
        if known == name:
            return text[:begin] + change(text[begin:end]) + text[end:]
    return text


def with_elements(text: str, change: Callable[[str], str]) -> str:
    """A list with another text in place of each element's, and all else as it is written.

    Anything but a list is left as it is. Raises NotJson.
    """
    if not isinstance(value_of(text), list):
        return text
    pieces: list[str] = []
    after = 0
    for _, begin, end in _parts(text, "[", "]"):
        pieces += [text[after:begin], change(text[begin:end])]
        after = end
    return "".join([*pieces, text[after:]])


def _parts(text: str, opening: str, closing: str) -> Iterator[tuple[str, int, int]]:
    """The name, none in a list, and the place of each part of valid JSON."""
    if not text.startswith(opening):
        raise NotJson("it is not what it should be")
    place = 1
    while text[start := _skip(text, place, ",")] != closing:
        name = ""
        if opening == "{":
            key, place = _next(_VALUES, text, start)
            name, start = str(key), _skip(text, place, ":")
        place = _next(_VALUES, text, start)[1]
        yield name, start, place


def canonical(text: str) -> str:
    """The one form of all documents that say the same.

    White space, the order of members and how a character is escaped say nothing; the order of a
    list does, and so does how a number is written. Raises NotJson.
    """
    try:
        return "".join(_tokens(_next(_WRITTEN, text.strip(_SPACE), 0)[0]))
    except RecursionError:
        raise NotJson(_TOO_DEEP) from None


def digest_of(text: str) -> str:
    """SHA-256 of the canonical form, in hexadecimal. Raises NotJson."""
    return hashlib.sha256(canonical(text).encode("utf-8", "surrogatepass")).hexdigest()


def _tokens(value: object) -> Iterator[str]:
    if isinstance(value, _Number):
        yield value
    elif isinstance(value, dict):
        yield "{"
        for name in sorted(value):
            yield f"{json.dumps(name)}:"
            yield from _tokens(value[name])
            yield ","
        yield "}"
    elif isinstance(value, list):
        yield "["
        for each in value:
            yield from _tokens(each)
            yield ","
        yield "]"
    else:
        yield json.dumps(value)


def _skip(text: str, place: int, mark: str) -> int:
    while place < len(text) and text[place] in _SPACE + mark:
        place += 1
    return place


def _next(decoder: json.JSONDecoder, text: str, place: int) -> tuple[object, int]:
    try:
        found: tuple[object, int] = decoder.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise NotJson(f"it is not valid JSON at character {error.pos + 1}") from None
    except RecursionError:
        raise NotJson(_TOO_DEEP) from None
    except NotJson:
        raise
    except ValueError:
        # Python refuses to read numbers of thousands of digits.
        raise NotJson("a number in it is too long") from None
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("it has a key twice")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise NotJson("it has a number that JSON does not know")


_TOO_DEEP = "it is nested too deeply"
_SPACE = " \t\r\n"
_VALUES = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)
_WRITTEN = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_no_constant,
    parse_int=_Number,
    parse_float=_Number,
)
