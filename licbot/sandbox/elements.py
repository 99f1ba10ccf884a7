"""Walking through blocks: their interactive elements and what people entered in them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from licbot.sandbox.records import Json, Values


@dataclass(frozen=True, kw_only=True)
class ValueKind:
    """How an element keeps its value: under which key, from which initial one, one or many."""

    key: str
    initial: str
    many: bool = False
    of_options: bool = False


_OPTION = ValueKind(key="selected_option", initial="initial_option", of_options=True)
_OPTIONS = ValueKind(key="selected_options", initial="initial_options", many=True, of_options=True)
_TYPED = ValueKind(key="value", initial="initial_value")

VALUE_KINDS = {
    "checkboxes": _OPTIONS,
    "conversations_select": ValueKind(key="selected_conversation", initial="initial_conversation"),
    "datepicker": ValueKind(key="selected_date", initial="initial_date"),
    "email_text_input": _TYPED,
    "external_select": _OPTION,
    "file_input": ValueKind(key="files", initial="", many=True),
    "multi_external_select": _OPTIONS,
    "multi_static_select": _OPTIONS,
    "multi_users_select": ValueKind(key="selected_users", initial="initial_users", many=True),
    "number_input": _TYPED,
    "plain_text_input": _TYPED,
    "radio_buttons": _OPTION,
    "static_select": _OPTION,
    "timepicker": ValueKind(key="selected_time", initial="initial_time"),
    "url_text_input": _TYPED,
    "users_select": ValueKind(key="selected_user", initial="initial_user"),
}
"""The elements that keep a value; buttons and overflow menus keep none."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An element and the block it stands in."""

    block: Json
    element: Json

    @property
    def dispatches(self) -> bool:
        """Whether using it sends a `block_actions` request."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def block_elements(block: Json) -> list[Json]:
    """The elements of a block that a person can use, in order."""
    if block["type"] == "actions":
        return list(block["elements"])
    if block["type"] == "input":
        return [block["element"]]
    accessory = block.get("accessory")
    return [accessory] if accessory and accessory["type"] != "image" else []


def placed(blocks: Iterable[Json]) -> Iterator[Placed]:
    """All elements that a person can use."""
    for block in blocks:
        for element in block_elements(block):
            yield Placed(block=block, element=element)


def find(blocks: Iterable[Json], block_id: str, action_id: str) -> Placed | None:
    """The element of these ids, if it is there."""
    for item in placed(blocks):
        if item.block["block_id"] == block_id and item.element["action_id"] == action_id:
            return item
    return None


def options_of(element: Json) -> list[Json]:
    """The options an element offers by itself, those of groups included."""
    grouped = [o for group in element.get("option_groups") or [] for o in group["options"]]
    return [*(element.get("options") or []), *grouped]


def with_ids(blocks: Iterable[Json], new_id: Callable[[str], str]) -> list[Json]:
    """A copy of blocks as Slack gives them back: ids and the defaults of texts filled in."""
    filled = copy.deepcopy(list(blocks))
    for block in filled:
        block.setdefault("block_id", new_id("b"))
        for element in block_elements(block):
            element.setdefault("action_id", new_id("a"))
        _fill_texts(block)
    return filled


def _fill_texts(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _fill_texts(item)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            node.setdefault("emoji", True)
        elif node.get("type") == "mrkdwn":
            node.setdefault("verbatim", False)
        for value in node.values():
            _fill_texts(value)


def initial_state(blocks: Iterable[Json]) -> Values:
    """What a surface holds before anyone has touched it."""
    state: Values = {}
    for item in placed(blocks):
        element = item.element
        if element["type"] in VALUE_KINDS:
            at = state.setdefault(item.block["block_id"], {})
            at[element["action_id"]] = _initial_value(element)
    return state


def _initial_value(element: Json) -> Json:
    kind = VALUE_KINDS[element["type"]]
    value = copy.deepcopy(element.get(kind.initial))
    return {"type": element["type"], kind.key: _empty(kind) if value is None else value}


def _empty(kind: ValueKind) -> list[Any] | None:
    return [] if kind.many else None


def carried_state(before: Values, blocks: Sequence[Json]) -> Values:
    """The state after an update: kept where block_id, action_id and type are the same.

    An option that is no longer offered is dropped, as a client cannot show it.
    """
    state = initial_state(blocks)
    for item in placed(blocks):
        block_id, action_id = item.block["block_id"], item.element["action_id"]
        kept = before.get(block_id, {}).get(action_id)
        if kept is not None and kept["type"] == item.element["type"]:
            state[block_id][action_id] = _still_offered(item.element, kept)
    return state


def _still_offered(element: Json, kept: Json) -> Json:
    kind = VALUE_KINDS[element["type"]]
    if not kind.of_options or "external" in element["type"]:
        return kept
    offered = {option["value"]: option for option in options_of(element)}
    if kind.many:
        there = [offered[o["value"]] for o in kept[kind.key] if o["value"] in offered]
        return {**kept, kind.key: there}
    chosen = kept[kind.key]
    return {**kept, kind.key: offered.get(chosen["value"]) if chosen else None}


def entered(element: Json, values: Sequence[str], offered: Sequence[Json] = ()) -> Json:
    """The value of an element after a person entered `values`.

    :param values: option values, ids of users or conversations, a date, a time or a text
    :param offered: further options, as a suggestion request brought them
    :raises LookupError: a value is not among the options
    """
    kind = VALUE_KINDS[element["type"]]
    found: list[Any] = list(values)
    if kind.of_options:
        by_value = {o["value"]: o for o in [*offered, *options_of(element)]}
        found = [copy.deepcopy(by_value[value]) for value in values]
    if kind.many:
        return {"type": element["type"], kind.key: found}
    return {"type": element["type"], kind.key: found[0] if found and found[0] != "" else None}
