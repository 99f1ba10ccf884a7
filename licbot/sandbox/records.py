"""The records a local workspace is made of, named as Slack names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]
"""The state of a surface: block_id → action_id → the element's value."""

ChannelKind = Literal["public", "private", "im"]
SurfaceKind = Literal["message", "modal", "home"]

ALL_SCOPES = frozenset(
    {
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:read",
        "im:read",
        "im:write",
        "team:read",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)

ALL_EVENTS = frozenset(
    {
        "app_home_opened",
        "app_uninstalled",
        "file_shared",
        "message.im",
        "tokens_revoked",
        "user_change",
    }
)


class Connection(Protocol):
    """An open Socket Mode connection of the app."""

    async def ask(self, kind: str, payload: Json) -> Json | None:
        """Send an envelope; the payload of its acknowledgement, None when it had none."""


class Refused(Exception):
    """The workspace refuses a request; `error` is Slack's code, `messages` say where and why."""

    def __init__(self, error: str, messages: tuple[str, ...] = (), **more: str) -> None:
        super().__init__(error, messages)
        self.error = error
        self.messages = messages
        self.more: Mapping[str, str] = more


@dataclass(frozen=True, kw_only=True)
class Team:
    """The workspace as `team.info` tells it."""

    id: str = "T0000000001"
    name: str = "Local workspace"
    domain: str = "local"


@dataclass(frozen=True, kw_only=True)
class App:
    """The installed app and what it was granted."""

    id: str = "A0000000001"
    name: str = "licbot"
    bot_id: str = "B0000000001"
    bot_user_id: str = "U0000000001"
    scopes: frozenset[str] = ALL_SCOPES


@dataclass(frozen=True, kw_only=True)
class User:
    """A member of the workspace; a persona of the page unless `is_bot`."""

    id: str
    name: str
    real_name: str
    email: str = ""
    is_email_confirmed: bool = True
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False
    restricted: bool = False
    tz: str = "Europe/Amsterdam"
    locale: str = "en-GB"


@dataclass(kw_only=True)
class Channel:
    """A conversation; `members` are user ids in the order they joined."""

    id: str
    name: str
    kind: ChannelKind
    members: list[str]
    created: int


@dataclass(kw_only=True)
class Message:
    """A message as it stands now.

    `ephemeral_for` is the only user who sees it, `states` holds per user what they ticked and
    typed in it, `deleted` stays true so that a late click can still be told from a made-up one.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: str | None = None
    edited: str | None = None
    ephemeral_for: str | None = None
    files: list[str] = field(default_factory=list)
    metadata: Json | None = None
    states: dict[str, Values] = field(default_factory=dict)
    deleted: bool = False


@dataclass(kw_only=True)
class View:
    """A modal or a Home tab of one user.

    `payload` is what the app sent, with ids filled in; `errors` are the messages to show by
    block_id and `notice` one to show for the whole view.
    """

    id: str
    user: str
    payload: Json
    root_view_id: str
    previous_view_id: str | None
    hash: str
    state: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def type(self) -> Literal["modal", "home"]:
        """The surface it is shown on."""
        return "home" if self.payload["type"] == "home" else "modal"

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, each with a block_id."""
        blocks: list[Json] = self.payload["blocks"]
        return blocks

    @property
    def external_id(self) -> str:
        """The app's own name for it, empty when it has none."""
        return str(self.payload.get("external_id") or "")


@dataclass(frozen=True, kw_only=True)
class File:
    """An uploaded file; `channels` are where it was shared."""

    id: str
    name: str
    title: str
    mimetype: str
    user: str
    created: int
    content: bytes = b""
    channels: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, kw_only=True)
class SlashCommand:
    """A slash command of the app, with its leading slash."""

    name: str
    description: str = ""
    usage_hint: str = ""


@dataclass(kw_only=True)
class Trigger:
    """The right to open a view; `view_id` is the modal it was given in, if any."""

    user: str
    expires: float
    view_id: str | None = None
    used: bool = False


@dataclass(kw_only=True)
class ResponseUrl:
    """The right to answer an interaction a few times."""

    user: str
    channel: str
    message_ts: str | None
    expires: float
    uses_left: int


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something a page may have to draw again; `user` is set when only they can see it."""

    kind: Literal["message", "view", "home", "channel", "user"]
    channel: str | None = None
    ts: str | None = None
    user: str | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """A Web API call as it came and as it was answered."""

    method: str
    arguments: Json
    response: Json
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A payload that passed the rules, exactly as the app sent it."""

    surface: SurfaceKind
    payload: Json


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How the next call of a method is to go wrong."""

    method: str
    status: int = 200
    error: str | None = None
    body: str | None = None
    retry_after: int | None = None
