"""What the methods of the Web API have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from licbot.sandbox.records import Channel, Json, Refused, User
from licbot.sandbox.workspace import Workspace

Run = Callable[[Workspace, Json], Json]


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method: what it does, the scope it needs and the kind of token it takes."""

    run: Run
    scope: str = ""
    app_token: bool = False
    anyone: bool = False


def require(workspace: Workspace, scope: str) -> None:
    """Refuse the call unless the app was granted a scope."""
    if scope and scope not in workspace.app.scopes:
        provided = ",".join(sorted(workspace.app.scopes))
        raise Refused("missing_scope", needed=scope, provided=provided)


def argument(arguments: Json, name: str) -> str:
    """An argument that has to be there."""
    value = arguments.get(name)
    if value is None or value == "":
        message = f"[ERROR] missing required field: {name}"
        raise Refused("invalid_arguments", (message,))
    return str(value)


def flag(arguments: Json, name: str) -> bool:
    """A switch, in any of the ways in which clients write one."""
    return str(arguments.get(name, "")).lower() in ("1", "true")


def known_user(workspace: Workspace, user_id: str) -> User:
    """The user of this id; bots and deactivated people are users too."""
    user = workspace.users.get(user_id)
    if user is None:
        raise Refused("user_not_found")
    return user


def known_channel(workspace: Workspace, name: str) -> Channel:
    """A conversation by id, `#name`, or the id of the user to talk to."""
    channel = _find_channel(workspace, name)
    if channel is None:
        raise Refused("channel_not_found")
    if channel.kind != "public" and workspace.app.bot_user_id not in channel.members:
        raise Refused("channel_not_found")
    return channel


def _find_channel(workspace: Workspace, name: str) -> Channel | None:
    if name in workspace.channels:
        return workspace.channels[name]
    if name in workspace.users:
        return workspace.direct_messages(name)
    named = (c for c in workspace.channels.values() if c.name == name.removeprefix("#"))
    return next((c for c in named if c.kind != "im"), None)
