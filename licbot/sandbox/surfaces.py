"""Finding what a person points at: a message or a view, and an element in it."""

from __future__ import annotations

from dataclasses import dataclass

from licbot.sandbox.elements import Placed, find
from licbot.sandbox.records import Json, Message, Values, View
from licbot.sandbox.workspace import Workspace


class Unable(Exception):
    """What a person tried cannot be done; the text tells them why."""


class Redrawn(Unable):
    """What a person used was drawn anew since, or taken away."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A message or a view as one person has it in front of them."""

    blocks: list[Json]
    state: Values
    where: Message | View

    @property
    def modal_id(self) -> str | None:
        """The modal's id, where the target is one."""
        if isinstance(self.where, View) and self.where.type == "modal":
            return self.where.id
        return None


def find_target(workspace: Workspace, user: str, message_ts: str, view_id: str) -> Target:
    """The message or the view that a person uses."""
    if view_id:
        view = own_view(workspace, user, view_id)
        return Target(blocks=view.blocks, state=view.state, where=view)
    message = workspace.messages.get(message_ts)
    if message is None or not workspace.sees(user, message):
        raise Unable("This message is no longer there.")
    state = workspace.message_state(message, user)
    return Target(blocks=message.blocks, state=state, where=message)


def own_view(workspace: Workspace, user: str, view_id: str) -> View:
    """The modal or Home tab of a person."""
    view = workspace.view(view_id)
    if view is None or view.user != user:
        raise Unable("This view is no longer open.")
    return view


def find_element(target: Target, block_id: str, action_id: str) -> Placed:
    """The element of these ids on the target."""
    item = find(target.blocks, block_id, action_id)
    if item is None:
        raise Redrawn("This is no longer there; please look again.")
    return item
