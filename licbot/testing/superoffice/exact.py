"""Telling whether JSON came back exactly as it was handed out."""

import hashlib
import json
from typing import Any

from licbot.testing.superoffice.licenses import SimLicense


class _Number(str):
    """A number as it was written."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"number({self.__str__()})"


class _Pairs(list[tuple[str, Any]]):
    """An object with its keys in their order, repeated ones too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"object({super().__repr__()})"


def tokens(text: str | bytes) -> Any:
    """JSON with its keys in order and its numbers as written. Raises ValueError.

    How a text is escaped makes no difference.
    """
    return json.loads(text, parse_float=_Number, parse_int=_Number, object_pairs_hook=_Pairs)


def member(value: Any, name: str) -> Any:
    """The value of a key in an object that ``tokens`` read, or None."""
    pairs = value if isinstance(value, _Pairs) else ()
    return next((each for key, each in pairs if key == name), None)


def fingerprint(value: Any) -> str:
    """The same for the same tokens, and for no others."""
    return hashlib.sha256(repr(value).encode()).hexdigest()


class HandedOut:
    """The licences that were handed out, by their tokens."""

    def __init__(self) -> None:
        self._known: dict[str, SimLicense | None] = {}

    def remember(self, text: str, new: SimLicense | None) -> None:
        """Remember a text that is handed out, and the licence that it offers."""
        self._known[fingerprint(tokens(text))] = new

    def knows(self, value: Any) -> bool:
        """Whether these tokens were handed out."""
        return fingerprint(value) in self._known

    def offered(self, value: Any) -> SimLicense | None:
        """The licence that was offered by these tokens."""
        return self._known.get(fingerprint(value))
