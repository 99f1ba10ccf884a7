"""The way out to people in Slack."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from slack_sdk.models.blocks import Block

from licbot.domain.errors import LicbotError
from licbot.domain.people import Person
from licbot.ports.store import Card


class MessageGone(Exception):
    """The message is no longer there."""


class FileUnreadable(LicbotError):
    """Slack did not hand the file over. Wait a moment, then press OK again; if that does not
    help, choose the file anew.
    """


class FilesForbidden(FileUnreadable):
    """licbot may not read files in this workspace. Have the people who run licbot give its Slack
    app the scope `files:read` and install the app again.
    """


class FileTooLarge(FileUnreadable):
    """This file is too large. Choose another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """A file that a person handed over in a modal.

    name: what they call it. size: in bytes, as Slack says; ``None`` where it does not say.
    address: where Slack keeps it.
    """

    id: str
    name: str
    size: int | None
    address: str


class Messenger(Protocol):
    """Sends what licbot says by itself. Slack's errors are raised, to be tried again."""

    async def post(self, channel: str, text: str, blocks: Sequence[Block]) -> Card:
        """Post a message."""
        ...

    async def update(self, card: Card, text: str, blocks: Sequence[Block]) -> None:
        """Replace a message in place. Raises MessageGone."""
        ...

    async def permalink(self, card: Card) -> str | None:
        """The address of a message, or ``None`` where Slack has none. Raises MessageGone."""
        ...

    async def person(self, user: str) -> Person:
        """Who this Slack user is."""
        ...

    async def may_read_files(self) -> bool:
        """Whether the workspace lets licbot read files that people hand over."""
        ...

    async def download(self, file: SentFile, most: int) -> bytes:
        """The content of a file of up to ``most`` bytes.

        Quick enough for an answer to a modal. Raises FilesForbidden, FileTooLarge or, where
        Slack does not give it for another reason, FileUnreadable.
        """
        ...
