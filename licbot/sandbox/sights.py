"""What a person has in front of them, looked at by what is written on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from licbot.sandbox.elements import VALUE_KINDS, Placed, placed
from licbot.sandbox.reading import Choice, choices, plain, visible_text, words
from licbot.sandbox.records import Json, Message, Values, View
from licbot.sandbox.workspace import Workspace

_T = TypeVar("_T")


class NotSeen(LookupError):
    """There is nothing of that name to be seen; the text says what there is instead."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """A message, a modal or a Home tab as one person sees it, always as it is now."""

    workspace: Workspace
    user: str
    where: Message | View

    @property
    def view(self) -> View | None:
        """The view, where it is one."""
        return self.where if isinstance(self.where, View) else None

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return self.where.blocks

    @property
    def state(self) -> Values:
        """What this person ticked and typed in it."""
        if isinstance(self.where, View):
            return self.where.state
        return self.workspace.message_state(self.where, self.user)

    @property
    def text(self) -> str:
        """All its visible words; a message's plain text only where it has no blocks."""
        if isinstance(self.where, Message) and not self.blocks:
            return plain(self.workspace, self.where.text)
        head = self.view.payload.get("title") if self.view is not None else None
        return "\n".join([*words(self.workspace, head), visible_text(self.workspace, self.blocks)])

    @property
    def text_content(self) -> str:
        """The same as `text`."""
        return self.text

    @property
    def title(self) -> str:
        """A modal's title."""
        return "" if self.view is None else str(self.view.payload["title"]["text"])

    @property
    def submit_label(self) -> str | None:
        """What a modal is submitted with, None when it cannot be."""
        submit = self.view.payload.get("submit") if self.view is not None else None
        return str(submit["text"]) if submit else None

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, in order; not those of a modal's frame."""
        return [_label(item) for item in placed(self.blocks) if _is_button(item)]

    @property
    def checkbox_groups(self) -> list[list[str]]:
        """The options of each group of check boxes."""
        groups = (i.element for i in placed(self.blocks) if i.element["type"] == "checkboxes")
        return [[self._option_text(o) for o in group["options"]] for group in groups]

    @property
    def ticked(self) -> list[str]:
        """The options that are ticked, in the order of the page."""
        return [
            self._option_text(choice.option)
            for choice in choices(self.blocks, ["checkboxes"])
            if choice.option["value"] in chosen_values(self.state, choice.item)
        ]

    @property
    def errors(self) -> list[str]:
        """The messages that keep a modal open."""
        return list(self.view.errors.values()) if self.view is not None else []

    @property
    def notice(self) -> str:
        """What the workspace says about the whole view."""
        return self.view.notice if self.view is not None else ""

    def error_at(self, label: str) -> str:
        """The message under the input of this label, empty when there is none."""
        block = self.field(label).block
        return self.view.errors.get(block["block_id"], "") if self.view is not None else ""

    def value_of(self, label: str) -> object:
        """What stands in the field of this label or action_id."""
        item = self.field(label)
        kept = self.state[item.block["block_id"]][item.element["action_id"]]
        return kept[VALUE_KINDS[item.element["type"]].key]

    def button(self, label: str) -> Placed:
        """The button of this label."""
        found = [i for i in placed(self.blocks) if _is_button(i) and _label(i) == label]
        return only(found, f"button “{label}”", self.buttons)

    def field(self, label: str) -> Placed:
        """The element with this label, action_id or placeholder, or beside this text."""
        items = [i for i in placed(self.blocks) if not _is_button(i)]
        named = [i for i in items if label in self._names(i)]
        return only(named, f"field “{label}”", [n for i in items for n in self._names(i)])

    def choice(self, name: str, kinds: Sequence[str]) -> Choice:
        """The option of this text, or the only one that begins with it."""
        found = list(choices(self.blocks, kinds))
        exact = [c for c in found if self._option_text(c.option) == name]
        near = [c for c in found if self._option_text(c.option).startswith(name)]
        seen = [self._option_text(c.option) for c in found]
        return only(exact or near, f"option “{name}”", seen)

    def _names(self, item: Placed) -> list[str]:
        placeholder = item.element.get("placeholder", {}).get("text")
        beside = [plain(self.workspace, (item.block.get("text") or {}).get("text", ""))]
        label = [item.block["label"]["text"]] if "label" in item.block else beside
        return [n for n in (*label, item.element["action_id"], placeholder) if n]

    def _option_text(self, option: Json) -> str:
        return plain(self.workspace, option["text"]["text"])


def chosen_values(state: Values, item: Placed) -> list[str]:
    """The values of the options, or the ids, that are chosen in an element."""
    kind = VALUE_KINDS[item.element["type"]]
    kept = state[item.block["block_id"]][item.element["action_id"]][kind.key]
    chosen = kept if kind.many else [kept]
    return [one["value"] if kind.of_options else one for one in chosen if one]


def _is_button(item: Placed) -> bool:
    return bool(item.element["type"] == "button")


def _label(item: Placed) -> str:
    return str(item.element["text"]["text"])


def only(found: Sequence[_T], what: str, seen: Iterable[str]) -> _T:
    """The one thing found; what else is there goes into the error.

    :raises NotSeen: none or several were found
    """
    if len(found) == 1:
        return found[0]
    how_many = "no" if not found else f"{len(found)} times the"
    raise NotSeen(f"There is {how_many} {what} here, but: {', '.join(seen) or 'nothing'}.")
