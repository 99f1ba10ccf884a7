"""Block Kit as HTML: what the templates need to know about a surface and its elements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from licbot.sandbox.columns import numeric_columns
from licbot.sandbox.elements import VALUE_KINDS
from licbot.sandbox.markdown import markdown
from licbot.sandbox.markup import Reader, plain, rich_text, safe_address, text_object
from licbot.sandbox.records import Json, Values

_CHOICES_FROM = {
    "users_select": "people",
    "multi_users_select": "people",
    "channels_select": "channels",
    "multi_channels_select": "channels",
    "conversations_select": "channels",
    "multi_conversations_select": "channels",
}
_KEYS = {
    "channels_select": ("selected_channel", "initial_channel"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One thing that can be chosen, and the heading it stands under."""

    value: str
    text: Markup
    description: str = ""
    url: str = ""
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A message or a view as one person sees it.

    :param key: the message's ts or the view's id
    :param state: what this person ticked and typed in it
    :param errors: what is wrong, by block_id
    """

    kind: Literal["message", "modal", "home"]
    key: str
    reader: Reader
    state: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def text(self, value: Any) -> Markup:
        """A text object as HTML."""
        return text_object(value, self.reader)

    def rich(self, block: Json) -> Markup:
        """A rich text block as HTML."""
        return rich_text(block, self.reader)

    def markdown(self, text: str) -> Markup:
        """The text of a markdown block as HTML."""
        return markdown(text, self.reader)

    def address(self, url: str) -> str | None:
        """An address the person may follow, or None."""
        return safe_address(url, self.reader)

    def cell(self, cell: Json) -> Markup:
        """A cell of a table as HTML."""
        if cell.get("type") == "rich_text":
            return rich_text(cell, self.reader)
        return plain(str(cell.get("text", "")))

    def dom_id(self, *parts: str) -> str:
        """An id for the document, the same whenever the same thing is drawn."""
        name = "\x00".join((self.key, *parts))
        return "e" + hashlib.sha256(name.encode()).hexdigest()[:12]

    def chosen(self, block: Json, element: Json) -> list[str]:
        """The values an element has now: option values, ids, a date, a time or a text."""
        return [
            str(value["value"] if isinstance(value, dict) and "value" in value else value)
            for value in self._current(block, element)
            if not isinstance(value, dict) or "value" in value
        ]

    def files(self, block: Json, element: Json) -> list[str]:
        """The names of the files put into a file input."""
        return [
            str(value.get("name", value.get("id", ""))) if isinstance(value, dict) else str(value)
            for value in self._current(block, element)
        ]

    def choices(self, block: Json, element: Json) -> list[Choice]:
        """All that an element offers, and what is chosen already where the app is asked."""
        source = _CHOICES_FROM.get(element["type"])
        if source:
            names: Mapping[str, str] = getattr(self.reader, source)
            return [Choice(value=key, text=plain(name)) for key, name in names.items()]
        if "external" in element["type"]:
            return [self._choice(value) for value in self._current(block, element)]
        groups = element.get("option_groups") or [{"options": element.get("options") or []}]
        return [
            self._choice(option, group.get("label", {}).get("text", ""))
            for group in groups
            for option in group["options"]
        ]

    def offered(self, options: Iterable[Json], groups: Iterable[Json]) -> list[Choice]:
        """What the app answered to a question for options."""
        return [
            self._choice(option, group.get("label", {}).get("text", ""))
            for group in [{"options": options}, *groups]
            for option in group["options"]
        ]

    def _choice(self, option: Json, group: str = "") -> Choice:
        return Choice(
            value=str(option.get("value", "")),
            text=self.text(option["text"]),
            description=self.text(option.get("description")),
            url=self.address(option.get("url") or "") or "",
            group=group,
        )

    def _current(self, block: Json, element: Json) -> list[Any]:
        kind = VALUE_KINDS.get(element["type"])
        key, initial = (kind.key, kind.initial) if kind else _KEYS[element["type"]]
        saved = self.state.get(block.get("block_id", ""), {}).get(element.get("action_id", ""))
        value = element.get(initial) if saved is None else saved.get(key)
        if value is None:
            return []
        return list(value) if isinstance(value, list) else [value]


def numeric_cells(rows: Sequence[Sequence[Json]]) -> set[int]:
    """The columns of a table block that hold numbers below their heading."""
    return numeric_columns([[_cell_text(cell) for cell in row] for row in rows[1:]])


def _cell_text(cell: Json) -> str:
    if "text" in cell:
        return str(cell["text"])
    return "".join(_cell_text(element) for element in cell.get("elements", ()))


@cache
def environment() -> Environment:
    """The templates; everything they print is escaped."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["numeric_cells"] = numeric_cells
    made.filters["plain"] = plain
    return made
