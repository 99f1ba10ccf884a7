"""The state of a local workspace, in memory, with the clock given from outside."""

from __future__ import annotations

import asyncio
import copy
import itertools
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.elements import carried_state, initial_state, with_ids
from licbot.sandbox.records import (
    ALL_EVENTS,
    Accepted,
    App,
    Call,
    Change,
    Channel,
    Connection,
    Fault,
    File,
    Json,
    Message,
    Refused,
    ResponseUrl,
    SlashCommand,
    Team,
    Trigger,
    User,
    Values,
    View,
)

SYSTEM_USER = "USYSTEM0000"
"""Who speaks when the workspace itself has something to say to one person."""


class Workspace:
    """Everything that a Slack workspace would remember for one app.

    :param bot_token: the token the app must present
    :param signing_secret: signs what is sent to the app
    :param app_token: opens Socket Mode connections; None where there are none
    :param clock: seconds since the epoch
    """

    def __init__(
        self,
        bot_token: str,
        signing_secret: str,
        app_token: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.bot_token = bot_token
        self.signing_secret = signing_secret
        self.app_token = app_token
        self.clock = clock
        self.team = Team()
        self.app = App()
        self.base_url = "http://127.0.0.1"
        self.strict_escaping = True
        self.enforce_rates = False
        self.ack_seconds: float = limits.ACK_SECONDS
        self.events: frozenset[str] = ALL_EVENTS
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.usergroups: dict[str, list[str]] = {}
        self.commands: dict[str, SlashCommand] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.suggestions: dict[tuple[str, str, str], list[Json]] = {}
        self.tickets: set[str] = set()
        self.connections: list[Connection] = []
        self.accepted: list[Accepted] = []
        self.refused: list[Refused] = []
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self._ids = itertools.count(101)
        self._last_ts = 0
        self._listeners: list[asyncio.Queue[Change]] = []
        bot = User(
            id=self.app.bot_user_id, name=self.app.name, real_name=self.app.name, is_bot=True
        )
        self.users[bot.id] = bot

    # People and places

    def new_id(self, prefix: str) -> str:
        """An id as Slack writes them: a letter for the kind, then something unique."""
        return f"{prefix}{next(self._ids):010d}"

    def add_user(self, name: str, *, real_name: str | None = None, **facts: Any) -> User:
        """Add a member; `facts` are further fields of `User`."""
        given: dict[str, Any] = {"id": self.new_id("U"), **facts}
        user = User(name=name, real_name=real_name or name, **given)
        self.users[user.id] = user
        self.announce(Change(kind="user", user=user.id))
        return user

    def change_user(self, user_id: str, **facts: Any) -> User:
        """Replace fields of a member."""
        user = replace(self.users[user_id], **facts)
        self.users[user_id] = user
        self.announce(Change(kind="user", user=user_id))
        return user

    def add_channel(
        self, name: str, *, private: bool = False, members: Iterable[str] = (), bot: bool = True
    ) -> Channel:
        """Add a channel with these members, and the app's bot unless `bot` is false."""
        joined = [*members, self.app.bot_user_id] if bot else list(members)
        channel = Channel(
            id=self.new_id("C"),
            name=name,
            kind="private" if private else "public",
            members=joined,
            created=int(self.clock()),
        )
        return self._keep_channel(channel)

    def direct_messages(self, user_id: str) -> Channel:
        """The conversation between the bot and a user, opened when there is none yet."""
        for channel in self.channels.values():
            if channel.kind == "im" and user_id in channel.members:
                return channel
        members = [self.app.bot_user_id, user_id]
        opened = Channel(
            id=self.new_id("D"), name="", kind="im", members=members, created=int(self.clock())
        )
        return self._keep_channel(opened)

    def _keep_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        self.announce(Change(kind="channel", channel=channel.id))
        return channel

    def channels_of(self, user_id: str) -> list[Channel]:
        """The conversations a user is in."""
        return [c for c in self.channels.values() if user_id in c.members]

    def add_command(self, name: str, description: str = "", usage_hint: str = "") -> None:
        """Register a slash command, named with its slash."""
        self.commands[name] = SlashCommand(
            name=name, description=description, usage_hint=usage_hint
        )

    def grant(self, *scopes: str) -> None:
        """Make these the only scopes of the app."""
        self.app = replace(self.app, scopes=frozenset(scopes))

    # Messages

    def next_ts(self) -> str:
        """A message's name: the time to a microsecond, never the same twice."""
        self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def post(
        self, channel: str, user: str, text: str, blocks: Iterable[Json] = (), **facts: Any
    ) -> Message:
        """Add a message; `facts` are further fields of `Message`."""
        message = Message(
            channel=channel,
            ts=self.next_ts(),
            user=user,
            text=text,
            blocks=with_ids(blocks, self.new_id),
            **facts,
        )
        self.messages[message.ts] = message
        self._announce_message(message)
        return message

    def edit(self, message: Message, text: str, blocks: Iterable[Json]) -> None:
        """Replace what a message says; what people ticked in what remains is kept."""
        message.text, message.blocks = text, with_ids(blocks, self.new_id)
        message.edited = self.next_ts()
        for user, state in message.states.items():
            message.states[user] = carried_state(state, message.blocks)
        self._announce_message(message)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        message.deleted = True
        self._announce_message(message)

    def tell(self, user: str, channel: str, text: str) -> Message:
        """Let the workspace itself say something that only `user` sees."""
        return self.post(channel, SYSTEM_USER, text, ephemeral_for=user)

    def visible(self, channel: str, user: str) -> list[Message]:
        """What a user sees in a conversation, oldest first."""
        return [m for m in self.messages.values() if m.channel == channel and self.sees(user, m)]

    def sees(self, user: str, message: Message) -> bool:
        """Whether a message is there for this user."""
        if message.deleted or user not in self.channels[message.channel].members:
            return False
        return message.ephemeral_for in (None, user)

    def message_state(self, message: Message, user: str) -> Values:
        """What a user ticked and typed in a message; changing it changes the record."""
        return message.states.setdefault(user, initial_state(message.blocks))

    def _announce_message(self, message: Message) -> None:
        self.announce(
            Change(
                kind="message",
                channel=message.channel,
                ts=message.ts,
                user=message.ephemeral_for,
            )
        )

    # Views

    def stack(self, user: str) -> list[View]:
        """The modals a user has open, the top one last."""
        return self.stacks.setdefault(user, [])

    def view(self, view_id: str) -> View | None:
        """The view of this id, if it is still open."""
        return next((v for v in self._views() if v.id == view_id), None)

    def view_by_external_id(self, external_id: str) -> View | None:
        """The view that the app named so, if it is still open."""
        return next((v for v in self._views() if v.external_id == external_id), None)

    def _views(self) -> Iterator[View]:
        yield from itertools.chain.from_iterable(self.stacks.values())
        yield from self.homes.values()

    def open_view(self, user: str, payload: Json) -> View:
        """Show a modal in place of all others."""
        view = self._new_view(user, payload, None)
        self.stacks[user] = [view]
        self.announce_view(view)
        return view

    def push_view(self, user: str, payload: Json) -> View:
        """Show a modal on top of the others."""
        stack = self.stack(user)
        if len(stack) >= limits.VIEW_STACK:
            raise Refused("push_limit_reached")
        view = self._new_view(user, payload, stack[-1] if stack else None)
        stack.append(view)
        self.announce_view(view)
        return view

    def update_view(self, view: View, payload: Json) -> View:
        """Replace what a view shows; what was typed into what remains is kept."""
        view.payload = self._filled(payload)
        view.state = carried_state(view.state, view.blocks)
        view.hash, view.errors, view.notice = self._new_hash(), {}, ""
        self.announce_view(view)
        return view

    def publish_home(self, user: str, payload: Json) -> View:
        """Show a Home tab to a user."""
        present = self.homes.get(user)
        if present is not None:
            return self.update_view(present, payload)
        view = self._new_view(user, payload, None)
        self.homes[user] = view
        self.announce_view(view)
        return view

    def close_view(self, view: View) -> None:
        """Take a modal off its stack."""
        self.stacks[view.user] = [v for v in self.stack(view.user) if v is not view]
        self.announce_view(view)

    def clear_views(self, user: str) -> None:
        """Close all modals of a user."""
        self.stacks[user] = []
        self.announce(Change(kind="view", user=user))

    def announce_view(self, view: View) -> None:
        """Tell the listeners that a view looks different now."""
        self.announce(Change(kind="home" if view.type == "home" else "view", user=view.user))

    def _new_view(self, user: str, payload: Json, below: View | None) -> View:
        view_id = self.new_id("V")
        filled = self._filled(payload)
        return View(
            id=view_id,
            user=user,
            payload=filled,
            root_view_id=below.root_view_id if below else view_id,
            previous_view_id=below.id if below else None,
            hash=self._new_hash(),
            state=initial_state(filled["blocks"]),
        )

    def _filled(self, payload: Json) -> Json:
        filled = copy.deepcopy(payload)
        filled["blocks"] = with_ids(payload.get("blocks") or [], self.new_id)
        return filled

    def _new_hash(self) -> str:
        return f"{int(self.clock())}.{self.new_id('h')}"

    # Rights that run out

    def issue_trigger(self, user: str, view_id: str | None = None) -> str:
        """The right to open one view within three seconds."""
        trigger_id = f"{self.new_id('')}.{self.team.id}.{self.new_id('t')}"
        expires = self.clock() + limits.TRIGGER_ID_SECONDS
        self.triggers[trigger_id] = Trigger(user=user, expires=expires, view_id=view_id)
        return trigger_id

    def spend_trigger(self, trigger_id: str) -> Trigger:
        """Use a trigger id; refused when it is made up, used or old."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.clock() > trigger.expires:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def issue_response_url(self, user: str, channel: str, message_ts: str | None = None) -> str:
        """An address that takes five answers within half an hour."""
        token = self.new_id("R")
        self.response_urls[token] = ResponseUrl(
            user=user,
            channel=channel,
            message_ts=message_ts,
            expires=self.clock() + limits.RESPONSE_URL_SECONDS,
            uses_left=limits.RESPONSE_URL_USES,
        )
        return f"{self.base_url}/response/{token}"

    # Faults on request

    def fail_next(
        self, method: str, *, status: int = 200, error: str | None = None, body: str | None = None
    ) -> None:
        """Let the next call of `method` fail, with an error code or a body that is no JSON."""
        self.faults.append(Fault(method=method, status=status, error=error, body=body))

    def rate_limit_next(self, method: str, retry_after: int = 1) -> None:
        """Answer the next call of `method` with 429 and this many seconds to wait."""
        self.faults.append(
            Fault(method=method, status=429, error="ratelimited", retry_after=retry_after)
        )

    # The change feed

    def announce(self, change: Change) -> None:
        """Tell every listener of a change."""
        for listener in self._listeners:
            listener.put_nowait(change)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Change]]:
        """A queue of the changes from now on, for as long as the context lasts."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            yield queue
        finally:
            self._listeners.remove(queue)

    async def changes(self) -> AsyncGenerator[Change, None]:
        """The changes from the first step on, without end."""
        with self.listening() as queue:
            while True:
                yield await queue.get()
