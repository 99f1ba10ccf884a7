"""Draws what one person sees of the workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from licbot.sandbox.markup import Reader, mrkdwn
from licbot.sandbox.records import Channel, Json, Message, User, View
from licbot.sandbox.rendering import Surface
from licbot.sandbox.scene import Link, Persona, Scene, SharedFile, ShownMessage, ShownModal
from licbot.sandbox.workspace import SYSTEM_USER, Workspace

SHOWN_AT_ONCE = 100
TOGETHER_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Standpoint:
    """Who looks and where: a conversation, or the app's Home tab when `home`.

    :param before: show what is older than this ts, empty for the newest messages
    """

    user: str
    channel: str
    home: bool = False
    before: str = ""


def personas(workspace: Workspace) -> list[User]:
    """The people one can be on the page, as the workspace lists them."""
    return [
        user
        for user in workspace.users.values()
        if not user.is_bot and not user.deleted and user.id != SYSTEM_USER
    ]


def address(user: str, **more: str) -> str:
    """The address of the page for a person at a place."""
    return "/?" + urlencode({"as": user, **more})


class Stage:
    """Draws scenes of a workspace for one standpoint."""

    def __init__(self, workspace: Workspace, at: Standpoint) -> None:
        self._workspace = workspace
        self._at = at
        self._channel = workspace.channels[at.channel]
        self._now = datetime.fromtimestamp(workspace.clock()).astimezone()
        self._reader = self._make_reader()

    @property
    def surface(self) -> Surface:
        """A surface with nothing on it, to draw single things for the person."""
        return Surface(kind="modal", key="", reader=self._reader)

    def scene(self) -> Scene:
        """Everything the page shows."""
        workspace, at = self._workspace, self._at
        direct = self._channel.kind == "im"
        user = workspace.users[at.user]
        scene = Scene(
            team=workspace.team.name,
            app=workspace.app.name,
            person=self._persona(user),
            personas=[self._persona(person) for person in personas(workspace)],
            channels=self._channel_links(),
            apps=[self._app_link()],
            tabs=self._tabs() if direct else [],
            place=f"{at.user}:{'home' if at.home else at.channel}",
            channel=at.channel,
            title=workspace.app.name if direct else self._channel.name,
            about="App in this workspace" if direct else self._members_text(),
            sign="" if direct else _sign(self._channel),
            commands=sorted(workspace.commands.values(), key=lambda command: command.name),
            modals=self._modals(),
        )
        return self._with_home(scene) if at.home else self._with_messages(scene)

    def _make_reader(self) -> Reader:
        users = self._workspace.users.values()
        return Reader(
            users={user.id: user.real_name for user in users},
            people={user.id: user.real_name for user in users if not user.deleted},
            channels={
                channel.id: channel.name
                for channel in self._workspace.channels.values()
                if channel.kind != "im"
            },
            now=self._now,
            address=self._inside,
        )

    def _inside(self, url: str) -> str:
        """Permalinks of the workspace stay in the page and with the same person."""
        base = self._workspace.base_url.rstrip("/") + "/archives/"
        if not url.startswith(base):
            return url
        path = url.removeprefix(base).partition("?")[0]
        return f"/archives/{path}?" + urlencode({"as": self._at.user})

    # The side bar and the head

    def _persona(self, user: User) -> Persona:
        channel = self._channel
        stays = channel.kind != "im" and user.id in channel.members
        return Persona(
            id=user.id,
            name=user.real_name,
            about=user.email or user.name,
            href=address(user.id, channel=channel.id) if stays else address(user.id),
            current=user.id == self._at.user,
        )

    def _channel_links(self) -> list[Link]:
        return [
            Link(
                key=channel.id,
                name=channel.name,
                href=address(self._at.user, channel=channel.id),
                current=channel.id == self._at.channel,
                sign=_sign(channel),
                latest=self._latest(channel.id),
            )
            for channel in self._workspace.channels_of(self._at.user)
            if channel.kind != "im"
        ]

    def _app_link(self) -> Link:
        direct = self._workspace.direct_messages(self._at.user)
        return Link(
            key=direct.id,
            name=self._workspace.app.name,
            href=address(self._at.user, channel=direct.id),
            current=direct.id == self._at.channel,
            sign="bot",
            latest=self._latest(direct.id),
        )

    def _latest(self, channel: str) -> str:
        visible = self._workspace.visible(channel, self._at.user)
        others = [message.ts for message in visible if message.user != self._at.user]
        return max(others, default="")

    def _tabs(self) -> list[Link]:
        messages = address(self._at.user, channel=self._at.channel)
        home = address(self._at.user, tab="home")
        return [
            Link(key="home", name="Home", href=home, current=self._at.home),
            Link(key="messages", name="Messages", href=messages, current=not self._at.home),
        ]

    def _members_text(self) -> str:
        users = self._workspace.users
        people = [m for m in self._channel.members if m in users and not users[m].is_bot]
        kind = "Private channel" if self._channel.kind == "private" else "Channel"
        count = len(people)
        return f"{kind} · {count} {'person' if count == 1 else 'people'}"

    # Views

    def _surface(self, view: View) -> Surface:
        return Surface(
            kind=view.type,
            key=view.id,
            reader=self._reader,
            state=view.state,
            errors=view.errors,
        )

    def _with_home(self, scene: Scene) -> Scene:
        view = self._workspace.homes.get(self._at.user)
        if view is None:
            return replace(scene, home=Surface(kind="home", key="", reader=self._reader))
        return replace(scene, home=self._surface(view), home_blocks=view.blocks)

    def _modals(self) -> list[ShownModal]:
        return [
            ShownModal(
                surface=self._surface(view),
                title=_text(view.payload.get("title")),
                submit=_text(view.payload.get("submit")),
                close=_text(view.payload.get("close")) or "Close",
                blocks=view.blocks,
                notice=view.notice,
                depth=depth,
            )
            for depth, view in enumerate(self._workspace.stack(self._at.user), 1)
        ]

    # Messages

    def _with_messages(self, scene: Scene) -> Scene:
        visible = self._workspace.visible(self._at.channel, self._at.user)
        ids = {message.ts for message in visible}
        parents = [m for m in visible if m.thread_ts in (None, m.ts) or m.thread_ts not in ids]
        if self._at.before:
            parents = [message for message in parents if message.ts < self._at.before]
        newest = parents[-SHOWN_AT_ONCE:]
        earlier = ""
        if len(parents) > len(newest):
            more = {"channel": self._at.channel, "before": newest[0].ts}
            earlier = address(self._at.user, **more)
        shown = [self._shown(message, _replies(message, visible)) for message in newest]
        return replace(scene, messages=self._in_order(shown), earlier=earlier)

    def _shown(self, message: Message, replies: Iterable[Message] = ()) -> ShownMessage:
        author = self._workspace.users.get(message.user)
        moment = self._moment(message.ts)
        link = f"/archives/{message.channel}/p{message.ts.replace('.', '')}?"
        return ShownMessage(
            surface=self._message_surface(message),
            author=author.real_name if author else self._workspace.team.name,
            author_id=message.user,
            is_app=bool(message.bot_id) or bool(author and author.is_bot),
            text=mrkdwn(message.text, self._reader),
            blocks=message.blocks,
            moment=moment.isoformat(timespec="seconds"),
            time=moment.strftime("%H:%M"),
            href=link + urlencode({"as": self._at.user}),
            ephemeral=message.ephemeral_for is not None,
            edited=message.edited is not None,
            files=[self._file(file) for file in message.files],
            replies=[self._shown(reply) for reply in replies],
        )

    def _message_surface(self, message: Message) -> Surface:
        state = self._workspace.message_state(message, self._at.user)
        return Surface(kind="message", key=message.ts, reader=self._reader, state=state)

    def _file(self, file_id: str) -> SharedFile:
        file = self._workspace.files[file_id]
        href = f"/download/{file_id}?" + urlencode({"as": self._at.user})
        return SharedFile(name=file.title or file.name, size=_size(len(file.content)), href=href)

    def _moment(self, ts: str) -> datetime:
        return datetime.fromtimestamp(float(ts)).astimezone()

    def _in_order(self, messages: Sequence[ShownMessage]) -> list[ShownMessage]:
        """Marks the first message of each day and those that go on where the last one ended."""
        out: list[ShownMessage] = []
        for message in messages:
            before = out[-1] if out else None
            here = self._moment(message.surface.key).date()
            if before is None or self._moment(before.surface.key).date() != here:
                message = replace(message, day=_day(here, self._now.date()))
            elif _goes_on(before, message):
                message = replace(message, follows=True)
            out.append(message)
        return out


def _replies(parent: Message, visible: Iterable[Message]) -> list[Message]:
    return [m for m in visible if m.thread_ts == parent.ts and m.ts != parent.ts]


def _goes_on(before: ShownMessage, message: ShownMessage) -> bool:
    apart = float(message.surface.key) - float(before.surface.key)
    return (
        before.author_id == message.author_id
        and not (before.ephemeral or message.ephemeral or before.replies)
        and apart < TOGETHER_SECONDS
    )


def _day(day: date, today: date) -> str:
    near = {0: "Today", 1: "Yesterday"}.get((today - day).days)
    return near or f"{day:%A}, {day.day} {day:%B %Y}"


def _sign(channel: Channel) -> str:
    return "lock" if channel.kind == "private" else "hash"


def _text(value: Json | None) -> str:
    return str(value.get("text", "")) if value else ""


def _size(count: int) -> str:
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"
