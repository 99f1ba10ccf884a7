"""A person at the workspace, who finds things by what is written on them."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterable, Sequence

from licbot.sandbox.actions import Actions, Outcome
from licbot.sandbox.elements import VALUE_KINDS, Placed
from licbot.sandbox.records import Json, View
from licbot.sandbox.sights import NotSeen, Sight, chosen_values, only


class Person:
    """One member of the workspace.

    Where no place is given they use the modal in front of them, else the newest message of the
    conversation they are in (`here`) that has what they look for, else the Home tab.

    :param here: the id of the conversation they look at first
    """

    def __init__(self, actions: Actions, user: str, here: str) -> None:
        self.actions = actions
        self.workspace = actions.workspace
        self.user = user
        self.here = here

    # Seeing

    def messages(self, channel: str | None = None) -> list[Sight]:
        """What they see in a conversation, oldest first."""
        seen = self.workspace.visible(channel or self.here, self.user)
        return [Sight(workspace=self.workspace, user=self.user, where=m) for m in seen]

    def latest(self, channel: str | None = None) -> Sight:
        """The newest message they see."""
        messages = self.messages(channel)
        if not messages:
            raise NotSeen("There is no message in this conversation.")
        return messages[-1]

    def sees(self, text: str, channel: str | None = None) -> bool:
        """Whether these words stand in the modal in front, in a message or on the Home tab."""
        return any(text in sight.text for sight in self._in_sight(channel))

    @property
    def modal(self) -> Sight | None:
        """The modal in front of them."""
        stack = self.workspace.stack(self.user)
        return self._view(stack[-1]) if stack else None

    @property
    def home(self) -> Sight | None:
        """Their Home tab, once the app has published one."""
        view = self.workspace.homes.get(self.user)
        return self._view(view) if view else None

    def _view(self, view: View) -> Sight:
        return Sight(workspace=self.workspace, user=self.user, where=view)

    def _in_sight(self, channel: str | None = None) -> list[Sight]:
        newest_first = list(reversed(self.messages(channel)))
        return [s for s in (self.modal, *newest_first, self.home) if s is not None]

    async def until(self, seen: Callable[[], bool], *, within: float = 10.0) -> None:
        """Wait, change by change, until something can be seen.

        :param within: seconds after which it is a TimeoutError
        """
        with self.workspace.listening() as changes:
            async with asyncio.timeout(within):
                while not seen():
                    await changes.get()

    async def waits_for(
        self, text: str, channel: str | None = None, *, within: float = 10.0
    ) -> None:
        """Wait until they see these words."""
        await self.until(lambda: self.sees(text, channel), within=within)

    # Doing

    async def command(self, text: str, channel: str | None = None) -> Outcome:
        """Send a slash command."""
        return await self.actions.command(self.user, channel or self.here, text)

    async def writes(self, text: str, channel: str | None = None) -> Outcome:
        """Write a message."""
        return await self.actions.post_message(self.user, channel or self.here, text)

    async def open_home(self) -> Outcome:
        """Look at the Home tab."""
        return await self.actions.open_home(self.user)

    async def press(
        self, label: str, *, in_: Sight | None = None, confirm: bool = False
    ) -> Outcome:
        """Press the button of this label; with `confirm` also in the confirmation it brings up.

        :raises NotSeen: no such button, or no confirmation where one was expected
        """
        sight = in_ or self._first(lambda s: label in s.buttons)
        item = sight.button(label)
        if confirm and "confirm" not in item.element:
            raise NotSeen(f"“{label}” does not ask for a confirmation.")
        return await self.actions.press(
            self.user,
            block_id=item.block["block_id"],
            action_id=item.element["action_id"],
            confirmed=confirm,
            **_at(sight),
        )

    async def tick(self, *names: str, in_: Sight | None = None) -> Outcome:
        """Tick the check boxes of these names, one after the other."""
        return await self._tick(names, in_, wanted=True)

    async def untick(self, *names: str, in_: Sight | None = None) -> Outcome:
        """Take the ticks off the check boxes of these names."""
        return await self._tick(names, in_, wanted=False)

    async def _tick(self, names: Sequence[str], in_: Sight | None, *, wanted: bool) -> Outcome:
        outcome = Outcome()
        for name in names:
            sight = in_ or self._first(functools.partial(_has_box, name))
            choice = sight.choice(name, ["checkboxes"])
            value = choice.option["value"]
            others = [v for v in chosen_values(sight.state, choice.item) if v != value]
            values = [*others, value] if wanted else others
            outcome = await self._choose(sight, choice.item, values)
        return outcome

    async def fill(
        self, label: str, value: str, *, enter: bool = True, in_: Sight | None = None
    ) -> Outcome:
        """Type into a field and, with `enter`, tell the app where the field does that."""
        sight = in_ or self._front()
        item = sight.field(label)
        if enter:
            return await self._choose(sight, item, [value])
        return await self.actions.type(
            self.user,
            block_id=item.block["block_id"],
            action_id=item.element["action_id"],
            values=[value],
            **_at(sight),
        )

    async def select(self, label: str, option: str, *, in_: Sight | None = None) -> Outcome:
        """Choose an option by its text; in a multi-select beside those already chosen.

        :param label: the field's label, action_id or placeholder, or the text beside it
        :param option: the option's text, a person's or channel's name, a date or a time
        """
        sight = in_ or self._front()
        item = sight.field(label)
        value = await self._value(sight, item, option)
        before = chosen_values(sight.state, item) if _takes_many(item) else []
        return await self._choose(sight, item, [*before, value])

    async def _value(self, sight: Sight, item: Placed, option: str) -> str:
        kind = item.element["type"]
        if "external" in kind:
            outcome = await self._suggest(sight, item, option)
            groups = [o for group in outcome.option_groups for o in group["options"]]
            return _value_of([*outcome.options, *groups], option)
        if "users" in kind:
            people = self.workspace.users.values()
            return only([u.id for u in people if u.real_name == option], option, ())
        if "conversations" in kind:
            places = self.workspace.channels.values()
            return only([c.id for c in places if c.name == option], option, ())
        if kind in ("datepicker", "timepicker"):
            return option
        return str(sight.choice(option, [kind]).option["value"])

    async def _suggest(self, sight: Sight, item: Placed, typed: str) -> Outcome:
        return await self.actions.suggest(
            self.user,
            block_id=item.block["block_id"],
            action_id=item.element["action_id"],
            value=typed,
            **_at(sight),
        )

    async def suggestions(self, label: str, typed: str, *, in_: Sight | None = None) -> list[str]:
        """What a field offers while they type."""
        sight = in_ or self._front()
        outcome = await self._suggest(sight, sight.field(label), typed)
        groups = [o for group in outcome.option_groups for o in group["options"]]
        return [option["text"]["text"] for option in [*outcome.options, *groups]]

    async def attach(self, label: str, name: str, content: bytes) -> Outcome:
        """Put a file into a file input of the modal."""
        sight = self._front()
        item = sight.field(label)
        return await self.actions.upload(
            self.user,
            name,
            content,
            view_id=_at(sight)["view_id"],
            block_id=item.block["block_id"],
            action_id=item.element["action_id"],
        )

    async def submit(self) -> Outcome:
        """Submit the modal in front of them."""
        return await self.actions.submit(self.user, _at(self._open_modal())["view_id"])

    async def close(self, *, clear: bool = False) -> Outcome:
        """Close the modal in front of them, with `clear` all that are open."""
        view_id = _at(self._open_modal())["view_id"]
        return await self.actions.close(self.user, view_id, clear=clear)

    async def _choose(self, sight: Sight, item: Placed, values: Sequence[str]) -> Outcome:
        return await self.actions.choose(
            self.user,
            block_id=item.block["block_id"],
            action_id=item.element["action_id"],
            values=values,
            confirmed=True,
            **_at(sight),
        )

    def _front(self) -> Sight:
        return self.modal or self.latest()

    def _open_modal(self) -> Sight:
        if self.modal is None:
            raise NotSeen("There is no modal open.")
        return self.modal

    def _first(self, fits: Callable[[Sight], bool]) -> Sight:
        """Where to act; a modal hides everything behind it."""
        if self.modal is not None:
            return self.modal
        return next((s for s in self._in_sight() if fits(s)), None) or self._front()


def _at(sight: Sight) -> dict[str, str]:
    if isinstance(sight.where, View):
        return {"view_id": sight.where.id}
    return {"message_ts": sight.where.ts}


def _has_box(name: str, sight: Sight) -> bool:
    return any(o.startswith(name) for group in sight.checkbox_groups for o in group)


def _takes_many(item: Placed) -> bool:
    kind = VALUE_KINDS.get(item.element["type"])
    return kind is not None and kind.many


def _value_of(options: Iterable[Json], text: str) -> str:
    offered = list(options)
    exact = [o for o in offered if o["text"]["text"] == text]
    near = [o for o in offered if text in o["text"]["text"]]
    found = only(exact or near, f"option “{text}”", [o["text"]["text"] for o in offered])
    return str(found["value"])
