"""What plugins say, without plugins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from slack_sdk.models.blocks import Block, SectionBlock

from licbot.domain.changes import Change
from licbot.domain.events import Event
from licbot.domain.people import Holder, Person, Role
from licbot.domain.removals import Lane, RemovalAdvice
from licbot.domain.review import Review
from licbot.ports.ports import Ports
from licbot.ports.texts import plain

ADMINISTRATOR = frozenset({Role.ANYONE, Role.VIEWER, Role.ADMIN})


def _is_ready(holder: Holder) -> RemovalAdvice:
    """Nothing is to be known."""
    return RemovalAdvice(lane=Lane.READY)


@dataclass(kw_only=True)
class PlainAdvice:
    """Answers from a table; see ``licbot.ports.ports.Advice``.

    table: the roles by Slack user; everybody else is only anyone.
    missing: what every activation still needs, in words.
    advise: what to know before a holder is picked; nothing, unless it is given.
    words: the words of ``/license`` with a line on each.
    told: the events that were told, each with the name of its kind.
    """

    table: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    missing: Sequence[str] = ()
    advise: Callable[[Holder], RemovalAdvice] = _is_ready
    words: Sequence[tuple[str, str]] = ()
    told: list[tuple[str, Event]] = field(default_factory=list)

    async def roles(self, person: Person, ports: Ports) -> frozenset[Role]:
        """The roles of the table."""
        return self.table.get(person.id, frozenset({Role.ANYONE}))

    async def unmet(
        self, activation: str, changes: Sequence[Change], ports: Ports
    ) -> Sequence[str]:
        """What is set as missing."""
        return self.missing

    def removal(self, holder: Holder) -> RemovalAdvice:
        """What to know before this holder is picked."""
        return self.advise(holder)

    async def card(self, review: Review, ports: Ports) -> Sequence[Block]:
        """One line that says how it stands."""
        activation = review.activation
        return [SectionBlock(text=plain(f"{activation.state}, version {activation.version}"))]

    def summaries(self, ports: Ports) -> Sequence[tuple[str, str]]:
        """The words that were given."""
        return self.words

    async def tell(self, kind: str, event: Event, ports: Ports) -> None:
        """Keep the event."""
        self.told.append((kind, event))
