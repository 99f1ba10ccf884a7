"""What one person sees of the workspace at one moment, ready for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

from markupsafe import Markup

from licbot.sandbox.records import Json, SlashCommand
from licbot.sandbox.rendering import Surface

TONES = 6


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry of the side bar or a tab."""

    key: str
    name: str
    href: str
    current: bool = False
    sign: str = ""
    latest: str = ""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody one can be, or is."""

    id: str
    name: str
    about: str = ""
    href: str = ""
    current: bool = False

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        return initials(self.name)

    @property
    def tone(self) -> int:
        """The number of the avatar's colour."""
        return tone(self.id)


@dataclass(frozen=True, kw_only=True)
class SharedFile:
    """A file beside a message."""

    name: str
    size: str
    href: str


@dataclass(frozen=True, kw_only=True)
class ShownMessage:
    """A message as one person sees it; `day` is set on the first one of a day."""

    surface: Surface
    author: str
    author_id: str
    is_app: bool
    text: Markup
    blocks: Sequence[Json]
    moment: str
    time: str
    href: str
    ephemeral: bool
    edited: bool
    files: Sequence[SharedFile]
    replies: Sequence[ShownMessage] = ()
    day: str = ""
    follows: bool = False

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        return initials(self.author)

    @property
    def tone(self) -> int:
        """The number of the avatar's colour."""
        return tone(self.author_id)


@dataclass(frozen=True, kw_only=True)
class ShownModal:
    """A modal as its person sees it; `depth` counts from 1 at the bottom of the stack."""

    surface: Surface
    title: str
    submit: str
    close: str
    blocks: Sequence[Json]
    notice: str
    depth: int


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All of the page; `home` is None in a conversation and has no key before the first view."""

    team: str
    app: str
    person: Persona
    personas: Sequence[Persona]
    channels: Sequence[Link]
    apps: Sequence[Link]
    tabs: Sequence[Link]
    place: str
    channel: str
    title: str
    about: str
    sign: str
    commands: Sequence[SlashCommand]
    modals: Sequence[ShownModal]
    messages: Sequence[ShownMessage] = ()
    earlier: str = ""
    home: Surface | None = None
    home_blocks: Sequence[Json] = field(default_factory=list)


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def tone(key: str) -> int:
    """A number from 0 to 5, always the same for the same id."""
    return crc32(key.encode()) % TONES
