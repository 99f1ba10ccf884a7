"""The way out to people in Slack."""

from collections.abc import Sequence
from typing import Protocol

from slack_sdk.models.blocks import Block

from licbot.domain.people import Person
from licbot.ports.store import Card


class MessageGone(Exception):
    """The message is no longer there."""


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
