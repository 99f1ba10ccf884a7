"""licbot's own state, and the transactions that change it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from licbot.domain.activation import Activation
from licbot.domain.changes import Change
from licbot.domain.events import Event
from licbot.domain.licenses import Offer
from licbot.domain.removals import Instead, Removal, freed, given, lost, reassigned


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Work to be done after the commit, durably and at least once.

    kind: the name of a workflow. id: where given, the same id runs only once.
    lane: jobs of one lane run one after another.
    arguments: JSON values; ids, never secrets or whole objects.
    """

    kind: str
    arguments: tuple[str | int, ...] = ()
    id: str | None = None
    lane: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """The confirmation message of an activation in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """What a person last said about a holder: to be removed or not.

    group: the check boxes it was said with, by their block_id; empty where it was said otherwise.
    instead: the key of the plan that they are to get in its place; empty where none.
    """

    user: str
    picked: bool
    actor: str
    group: str = ""
    instead: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanCounts:
    """What the planned removals come to.

    lost: seats by module key. given: seats still to be given in place of others. freed: those
    still to be taken, less those to be given.
    people: how many users they concern. to_do: how many of these still have one to lose.
    reassigned: how many users get another plan, by the keys of what they lose and of what they get.
    """

    lost: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)
    freed: Mapping[str, int] = field(default_factory=dict)
    reassigned: Mapping[tuple[str, str], int] = field(default_factory=dict)
    people: int = 0
    to_do: int = 0

    @classmethod
    def of(cls, removals: Sequence[Removal]) -> "PlanCounts":
        """Count removals."""
        return cls(
            lost=lost(removals),
            given=given(removals),
            freed=freed(removals),
            reassigned=reassigned(removals),
            people=len({removal.user for removal in removals}),
            to_do=len({removal.user for removal in removals if not removal.done}),
        )


class UnitOfWork(Protocol):
    """One transaction; it commits when its block ends without an exception."""

    async def add_activation(self, activation: Activation, offer: Offer) -> None:
        """Keep a new activation and the bytes of its offer."""
        ...

    async def activation(self, activation_id: str) -> Activation:
        """The activation with this id, locked until the end of the transaction.

        Raises UnknownActivation.
        """
        ...

    async def open_activations(self, system: str) -> Sequence[Activation]:
        """The activations of a system that have not ended, oldest first."""
        ...

    async def latest_activations(self, system: str, limit: int = 10) -> Sequence[Activation]:
        """The activations of a system, the most recently changed first."""
        ...

    async def past_activations(
        self, systems: Sequence[str], *, offset: int, limit: int
    ) -> Sequence[Activation]:
        """A page of all activations of these systems, the latest found first."""
        ...

    async def count_activations(self, systems: Sequence[str]) -> int:
        """How many activations these systems have, ended ones too."""
        ...

    async def save(self, activation: Activation) -> Activation:
        """Write a changed activation; returns it with its new version.

        Raises Conflict where someone else wrote it since it was read.
        """
        ...

    async def offer_bytes(self, activation_id: str) -> bytes:
        """The offer of an activation, byte for byte as it came."""
        ...

    async def picks(
        self, activation_id: str, module: str, users: Sequence[str] | None = None
    ) -> Mapping[str, Pick]:
        """What people last said about the holders of a module licence (of ``users`` only)."""
        ...

    async def picked(
        self, activation_id: str, users: Sequence[str] | None = None
    ) -> Mapping[str, frozenset[str]]:
        """What is picked (of ``users`` only): the module keys by user id."""
        ...

    async def replacements(self, activation_id: str, users: Sequence[str] | None = None) -> Instead:
        """The plans that are to be given in place of what is picked (of ``users`` only)."""
        ...

    async def write_picks(
        self,
        activation_id: str,
        module: str,
        wanted: Mapping[str, bool],
        actor: str,
        at: datetime,
        groups: Mapping[str, str] | None = None,
        instead: Mapping[str, str] | None = None,
    ) -> None:
        """Say of holders whether they are picked; groups and instead: see Pick, by user."""
        ...

    async def removals(
        self, activation_id: str, *, after: tuple[str, str] = ("", ""), limit: int | None = None
    ) -> Sequence[Removal]:
        """The planned removals in the order of user and module, from after a (user, module)."""
        ...

    async def plan_counts(self, activation_id: str) -> PlanCounts:
        """What the planned removals come to."""
        ...

    async def write_removals(
        self, activation_id: str, users: Sequence[str], removals: Sequence[Removal]
    ) -> None:
        """Replace the planned removals of these users."""
        ...

    async def write_changes(self, activation_id: str, changes: Sequence[Change]) -> None:
        """Keep what an activation changes, as it was when it started."""
        ...

    async def changes(self, activation_id: str) -> Sequence[Change]:
        """What was kept by the latest start; empty where it never started."""
        ...

    async def card(self, activation_id: str) -> Card | None:
        """The confirmation message, where it was posted."""
        ...

    async def write_card(self, activation_id: str, card: Card | None) -> None:
        """Remember, or forget, where the confirmation message is."""
        ...

    async def want_card(self, activation_id: str) -> bool:
        """Say that the confirmation message is out of date; whether nobody had said so yet."""
        ...

    async def begin_card(self, activation_id: str) -> None:
        """Say that the message is being brought up to date; what comes from now on is news."""
        ...

    async def events(self, activation_id: str) -> Sequence[tuple[str, Event]]:
        """What happened, oldest first, each with the name of its kind."""
        ...

    async def poll_due(self, system: str) -> datetime | None:
        """When the issuer is to be asked next; ``None`` where it never was."""
        ...

    async def write_poll_due(self, system: str, due: datetime) -> None:
        """Say when the issuer is to be asked next."""
        ...

    def record(self, event: Event) -> None:
        """Keep an event; plugins are told of it after the commit."""
        ...

    async def first_time(self, key: str, at: datetime) -> bool:
        """Whether a request with this key is seen for the first time; remembers it."""
        ...

    async def enqueue(self, job: Job) -> None:
        """Hand a job over; it runs only if this transaction commits."""
        ...


class Store(Protocol):
    """Begins transactions."""

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction that may write."""
        ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction that only reads."""
        ...
