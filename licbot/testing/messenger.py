"""A channel in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from slack_sdk.models.blocks import Block

from licbot.domain.people import Person
from licbot.ports.messenger import (
    FilesForbidden,
    FileTooLarge,
    FileUnreadable,
    MessageGone,
    SentFile,
)
from licbot.ports.store import Card


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message as it stands. edits: how often it was replaced in place."""

    channel: str
    text: str
    blocks: Sequence[Block] = ()
    edits: int = 0


@dataclass(kw_only=True)
class MemoryMessenger:
    """Keeps what licbot says by itself; see ``licbot.ports.messenger.Messenger``.

    messages: by where they are, oldest first; delete one to see what licbot does then.
    people: who is known in Slack, by their id; others get a name and no e-mail address.
    has_links: whether messages have an address.
    files: what people handed over, by the file's id; others cannot be fetched.
    reads_files: whether the workspace lets licbot read files.
    failing: raised by the next call instead of doing anything, once.
    """

    messages: dict[Card, Message] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    has_links: bool = True
    files: dict[str, bytes] = field(default_factory=dict)
    reads_files: bool = True
    failing: Exception | None = None
    _posted: int = 0

    async def post(self, channel: str, text: str, blocks: Sequence[Block]) -> Card:
        """Keep a new message."""
        self._fail()
        self._posted += 1
        card = Card(channel=channel, ts=f"{self._posted}.000000")
        self.messages[card] = Message(channel=channel, text=text, blocks=tuple(blocks))
        return card

    async def update(self, card: Card, text: str, blocks: Sequence[Block]) -> None:
        """Replace a message in place. Raises MessageGone."""
        former = self._message(card)
        self.messages[card] = replace(
            former, text=text, blocks=tuple(blocks), edits=former.edits + 1
        )

    async def permalink(self, card: Card) -> str | None:
        """A made-up address. Raises MessageGone."""
        self._message(card)
        if not self.has_links:
            return None
        return f"https://slack.example/{card.channel}/{card.ts}"

    async def person(self, user: str) -> Person:
        """Who this Slack user is."""
        self._fail()
        return self.people.get(user, Person(id=user, name=user))

    async def may_read_files(self) -> bool:
        """Whether the workspace lets licbot read files."""
        self._fail()
        return self.reads_files

    async def download(self, file: SentFile, most: int) -> bytes:
        """The content of a file. Raises FilesForbidden, FileTooLarge or FileUnreadable."""
        self._fail()
        if not self.reads_files:
            raise FilesForbidden
        if file.id not in self.files:
            raise FileUnreadable
        if len(self.files[file.id]) > most:
            raise FileTooLarge
        return self.files[file.id]

    def _message(self, card: Card) -> Message:
        self._fail()
        try:
            return self.messages[card]
        except KeyError:
            raise MessageGone from None

    def _fail(self) -> None:
        failing, self.failing = self.failing, None
        if failing is not None:
            raise failing
