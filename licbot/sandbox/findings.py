"""The small checks that the rules for blocks are put together from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Findings:
    """What is wrong with a payload, in Slack's wording and with a JSON pointer each."""

    strict_escaping: bool = True
    messages: list[str] = field(default_factory=list)

    def add(self, at: str, what: str) -> None:
        """Note that something is wrong at a JSON pointer."""
        self.messages.append(f"[ERROR] {what} [json-pointer:{at}]")


Check = Callable[[Any, str, Findings], None]
"""Checks the value at a JSON pointer and adds what is wrong to the findings."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A key of an object: how its value is checked and whether it must be there."""

    check: Check
    required: bool = False


Fields = Mapping[str, Field]


def need(check: Check) -> Field:
    """A field that must be there."""
    return Field(check=check, required=True)


def may(check: Check) -> Field:
    """A field that may be there."""
    return Field(check=check)


def shape(fields: Fields) -> Check:
    """An object with these keys and no others."""

    def check(value: Any, at: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add(at, "must be an object")
            return
        for key in value.keys() - fields.keys():
            findings.add(at, f"invalid additional property: {key}")
        for key, known in fields.items():
            if key in value:
                known.check(value[key], f"{at}/{key}", findings)
            elif known.required:
                findings.add(at, f"missing required field: {key}")

    return check


def string(maximum: int | None = None, minimum: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: Any, at: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.add(at, "must be a string")
            return
        if len(value) < minimum:
            findings.add(at, f"must be more than {minimum - 1} characters")
        if maximum is not None and len(value) > maximum:
            findings.add(at, f"must be less than {maximum + 1} characters")

    return check


def matching(wanted: Callable[[str], bool], what: str) -> Check:
    """A string that `wanted` agrees with."""

    def check(value: Any, at: str, findings: Findings) -> None:
        if not isinstance(value, str) or not wanted(value):
            findings.add(at, f"must be {what}")

    return check


def one_of(values: Collection[Any]) -> Check:
    """One of these values."""

    def check(value: Any, at: str, findings: Findings) -> None:
        # True equals 1, but is not what was asked for.
        if isinstance(value, bool) or value not in values:
            findings.add(at, f"must be one of: {', '.join(map(str, values))}")

    return check


def boolean(value: Any, at: str, findings: Findings) -> None:
    """True or false."""
    if not isinstance(value, bool):
        findings.add(at, "must be a boolean")


def number(value: Any, at: str, findings: Findings) -> None:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        findings.add(at, "must be a number")


def integer(minimum: int, maximum: int | None = None) -> Check:
    """A whole number within these bounds."""

    def check(value: Any, at: str, findings: Findings) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            findings.add(at, "must be an integer")
        elif value < minimum or (maximum is not None and value > maximum):
            bounds = f"at least {minimum}" + ("" if maximum is None else f", at most {maximum}")
            findings.add(at, f"must be {bounds}")

    return check


def items(check_item: Check, *, minimum: int = 0, maximum: int | None = None) -> Check:
    """A list of so many items, each checked."""

    def check(value: Any, at: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.add(at, "must be an array")
            return
        if len(value) < minimum:
            findings.add(at, f"no fewer than {minimum} items allowed")
        if maximum is not None and len(value) > maximum:
            findings.add(at, f"no more than {maximum} items allowed")
        for number_, item in enumerate(value):
            check_item(item, f"{at}/{number_}", findings)

    return check


def typed(checks: Mapping[str, Check], also: Mapping[str, str] | None = None) -> Check:
    """An object checked by its `type`.

    :param also: types that exist but are not allowed here, and why
    """

    def check(value: Any, at: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add(at, "must be an object")
            return
        kind = value.get("type")
        if "type" not in value:
            findings.add(at, "missing required field: type")
        elif isinstance(kind, str) and kind in checks:
            checks[kind](value, at, findings)
        else:
            reason = (also or {}).get(str(kind), f"unsupported type: {kind}")
            findings.add(f"{at}/type", reason)

    return check


def both(first: Check, second: Check) -> Check:
    """The second check only where the first finds nothing, as it relies on it."""

    def check(value: Any, at: str, findings: Findings) -> None:
        before = len(findings.messages)
        first(value, at, findings)
        if len(findings.messages) == before:
            second(value, at, findings)

    return check
