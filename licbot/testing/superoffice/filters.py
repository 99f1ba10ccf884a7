"""The ``$filter`` of archives: text in, a test for rows out."""

import re
from collections.abc import Callable
from typing import Any

Value = Any
Get = Callable[[str], Value]
Test = Callable[[Get], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w./-]*)|(?P<mark>[(),]))"
)
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda value, part: value.startswith(part),
    "endswith": lambda value, part: value.endswith(part),
    "substringof": lambda part, value: part in value,
}


class BadFilter(ValueError):
    """The filter cannot be read."""


def parse(text: str, columns: set[str]) -> Test:
    """The test that a filter describes. Raises BadFilter, also for unknown columns."""
    return _Parser(text, columns).all()


class _Parser:
    def __init__(self, text: str, columns: set[str]) -> None:
        self._tokens = _split(text)
        self._columns = {name.casefold(): name for name in columns}
        self._at = 0

    def all(self) -> Test:
        test = self._any()
        if self._at < len(self._tokens):
            raise BadFilter(f"The filter ends before {self._tokens[self._at][1]}.")
        return test

    def _any(self) -> Test:
        tests = [self._every()]
        while self._word("or"):
            tests.append(self._every())
        return tests[0] if len(tests) == 1 else lambda get: any(test(get) for test in tests)

    def _every(self) -> Test:
        tests = [self._one()]
        while self._word("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda get: all(test(get) for test in tests)

    def _one(self) -> Test:
        if self._mark("("):
            test = self._any()
            self._need(")")
            return test
        name = self._next("word")
        if name.casefold() in _FUNCTIONS:
            return self._function(_FUNCTIONS[name.casefold()])
        column = self._column(name)
        operator = self._next("word").casefold()
        if operator == "oneof":
            return _one_of(column, self._list())
        return _comparison(column, operator, self._value())

    def _function(self, function: Callable[[str, str], bool]) -> Test:
        self._need("(")
        first = self._operand()
        self._need(",")
        second = self._operand()
        self._need(")")
        return lambda get: function(_folded(first(get)), _folded(second(get)))

    def _operand(self) -> Callable[[Get], Value]:
        kind, text = self._peek()
        if kind == "word":
            column = self._column(self._next("word"))
            return lambda get: get(column)
        value = self._value()
        del text
        return lambda get: value

    def _list(self) -> list[Value]:
        self._need("(")
        values = [self._value()]
        while self._mark(","):
            values.append(self._value())
        self._need(")")
        return values

    def _value(self) -> Value:
        kind, text = self._peek()
        self._at += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text) if "." in text else int(text)
        if text.casefold() in ("true", "false"):
            return text.casefold() == "true"
        raise BadFilter(f"{text} is no value.")

    def _column(self, name: str) -> str:
        if name.casefold() not in self._columns:
            raise BadFilter(f"There is no column {name}.")
        return self._columns[name.casefold()]

    def _peek(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise BadFilter("The filter ends too early.")
        return self._tokens[self._at]

    def _next(self, kind: str) -> str:
        found, text = self._peek()
        if found != kind:
            raise BadFilter(f"{text} is not expected in the filter.")
        self._at += 1
        return text

    def _word(self, word: str) -> bool:
        return self._skip(("word", word))

    def _mark(self, mark: str) -> bool:
        return self._skip(("mark", mark))

    def _skip(self, wanted: tuple[str, str]) -> bool:
        here = self._tokens[self._at : self._at + 1]
        found = bool(here) and here[0][0] == wanted[0] and here[0][1].casefold() == wanted[1]
        self._at += found
        return found

    def _need(self, mark: str) -> None:
        if not self._mark(mark):
            raise BadFilter(f"The filter lacks a {mark}.")


def _split(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadFilter(f"The filter cannot be read from {text[at:]!r}.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _folded(value: Value) -> str:
    return str("" if value is None else value).casefold()


def _same(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value


def _one_of(column: str, values: list[Value]) -> Test:
    wanted = {_same(each) for each in values}
    return lambda get: _same(get(column)) in wanted


_COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "eq": lambda value, other: bool(value == other),
    "is": lambda value, other: bool(value == other),
    "equals": lambda value, other: bool(value == other),
    "ne": lambda value, other: bool(value != other),
    "isnot": lambda value, other: bool(value != other),
    "unequals": lambda value, other: bool(value != other),
    "gt": lambda value, other: bool(value > other),
    "ge": lambda value, other: bool(value >= other),
    "lt": lambda value, other: bool(value < other),
    "le": lambda value, other: bool(value <= other),
    "begins": lambda value, other: _folded(value).startswith(_folded(other)),
    "contains": lambda value, other: _folded(other) in _folded(value),
    "notcontains": lambda value, other: _folded(other) not in _folded(value),
}


def _comparison(column: str, operator: str, other: Value) -> Test:
    compare = _COMPARISONS.get(operator)
    if compare is None:
        raise BadFilter(f"{operator} is no operator.")
    wanted = _same(other)

    def test(get: Get) -> bool:
        value = _same(get(column))
        try:
            return compare(value, wanted)
        except TypeError:
            return False

    return test
