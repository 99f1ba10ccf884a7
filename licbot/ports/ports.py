"""Everything a flow may reach, in one record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from slack_sdk.models.blocks import Block

from licbot.domain.changes import Change
from licbot.domain.events import Event
from licbot.domain.people import Holder, Person, Role
from licbot.domain.removals import RemovalAdvice
from licbot.domain.review import Review
from licbot.ports.clock import Clock
from licbot.ports.messenger import Messenger
from licbot.ports.store import Store
from licbot.ports.system import LicensedSystem


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What the workspace decided.

    channel: the licence channel.
    administrators: Slack users who always are administrators.
    automatic: whether an offer without surplus is activated by licbot itself.
    poll_seconds: how often the issuer is asked, besides on the next check date.
    recheck_seconds: how often it is looked whether people have taken the seats they are to take.
    language: what is read in the licence channel, in two letters.
    """

    channel: str
    administrators: frozenset[str] = frozenset()
    automatic: bool = False
    poll_seconds: float = 6 * 3600.0
    recheck_seconds: float = 600.0
    language: str = "en"

    def as_words(self) -> Mapping[str, str]:
        """The part of it that an approval is bound to."""
        return {"automatic": str(self.automatic).lower()}


class Advice(Protocol):
    """What plugins say about people and activations."""

    async def roles(self, person: Person, ports: "Ports") -> frozenset[Role]:
        """The roles a person has."""
        ...

    async def unmet(
        self, activation: str, changes: Sequence[Change], ports: "Ports"
    ) -> Sequence[str]:
        """What is still missing before an activation may run, in words."""
        ...

    def removal(self, holder: Holder) -> RemovalAdvice:
        """What to know before this holder is picked; the strictest lane wins."""
        ...

    async def card(self, review: Review, ports: "Ports") -> Sequence[Block]:
        """The blocks of the confirmation message."""
        ...

    def summaries(self, ports: "Ports") -> Sequence[tuple[str, str]]:
        """The words of ``/license`` that are of use here with a line on each, in their order."""
        ...

    async def tell(self, kind: str, event: Event, ports: "Ports") -> None:
        """Tell plugins of an event."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """The outside of the flows."""

    store: Store
    systems: Mapping[str, LicensedSystem]
    messenger: Messenger
    clock: Clock
    advice: Advice
    policy: Policy
