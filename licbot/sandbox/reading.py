"""What a person reads: the visible words of blocks, in order."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from licbot.sandbox.elements import Placed, options_of, placed
from licbot.sandbox.records import Json
from licbot.sandbox.workspace import Workspace

_IN_ORDER = (
    "title",
    "caption",
    "label",
    "text",
    "alt_text",
    "fields",
    "rows",
    "elements",
    "element",
    "accessory",
    "options",
    "option_groups",
    "description",
    "placeholder",
    "hint",
)
_CONTROL = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def plain(workspace: Workspace, text: str) -> str:
    """Text without its markup for mentions, links and dates."""

    def shown(match: re.Match[str]) -> str:
        target, label = match[1], match[2]
        if target.startswith("@"):
            user = workspace.users.get(target[1:])
            return f"@{user.real_name}" if user else "@somebody"
        if target.startswith("#"):
            channel = workspace.channels.get(target[1:])
            return f"#{channel.name}" if channel else "#somewhere"
        return label or target.removeprefix("!")

    return html.unescape(_CONTROL.sub(shown, text))


def words(workspace: Workspace, node: Any) -> Iterator[str]:
    """Every visible text of a block, an element or a list of them, in reading order."""
    if isinstance(node, str):
        yield plain(workspace, node)
    elif isinstance(node, list):
        for item in node:
            yield from words(workspace, item)
    elif isinstance(node, dict):
        for key in _IN_ORDER:
            if key in node:
                yield from words(workspace, node[key])


def visible_text(workspace: Workspace, blocks: Iterable[Json]) -> str:
    """All that can be read on a surface, a line a text."""
    return "\n".join(words(workspace, list(blocks)))


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of an element, and where it stands."""

    item: Placed
    option: Json


def choices(blocks: Iterable[Json], kinds: Iterable[str]) -> Iterator[Choice]:
    """The options of all elements of these kinds."""
    for item in placed(blocks):
        if item.element["type"] in set(kinds):
            for option in options_of(item.element):
                yield Choice(item=item, option=option)
