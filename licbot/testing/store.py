"""licbot's own state in memory, with the transactions of the real one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from licbot.domain.activation import Activation
from licbot.domain.changes import Change
from licbot.domain.errors import Conflict, UnknownActivation
from licbot.domain.events import Event
from licbot.domain.licenses import Offer
from licbot.domain.removals import Instead, Removal
from licbot.ports.store import Card, Job, Pick, PlanCounts

OnCommit = Callable[[Sequence[tuple[str, Event]]], Awaitable[None]]
"""Is told what a committed transaction recorded, each event with the name of its kind."""


@dataclass(kw_only=True, slots=True)
class _State:
    """Everything that is kept. The values never change: copies share them."""

    activations: dict[str, Activation] = field(default_factory=dict)
    offers: dict[str, bytes] = field(default_factory=dict)
    picks: dict[tuple[str, str, str], Pick] = field(default_factory=dict)
    removals: dict[tuple[str, str, str], Removal] = field(default_factory=dict)
    changes: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    stale_cards: set[str] = field(default_factory=set)
    events: list[tuple[str, Event]] = field(default_factory=list)
    polls: dict[str, datetime] = field(default_factory=dict)
    seen: dict[str, datetime] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    job_ids: set[str] = field(default_factory=set)

    def copy(self) -> "_State":
        return _State(**{each.name: getattr(self, each.name).copy() for each in fields(self)})


class MemoryUnitOfWork:
    """One transaction; see ``licbot.ports.store.UnitOfWork``.

    Beyond what that says, writing raises RuntimeError where the transaction only reads, and
    everything does once it has ended.
    """

    def __init__(self, state: _State, *, writes: bool) -> None:
        self._state: _State | None = state
        self._writes = writes
        self.recorded: list[tuple[str, Event]] = []

    async def add_activation(self, activation: Activation, offer: Offer) -> None:
        """Keep a new activation. Raises Conflict where its system and owner have an open one."""
        draft = self._draft()
        same = (activation.system, activation.owner)
        twins = [
            each
            for each in draft.activations.values()
            if each.id == activation.id
            or (each.is_open and activation.is_open and (each.system, each.owner) == same)
        ]
        if twins:
            raise Conflict
        draft.activations[activation.id] = activation
        draft.offers[activation.id] = offer.raw

    async def activation(self, activation_id: str) -> Activation:
        """The activation with this id. Raises UnknownActivation."""
        try:
            return self._kept().activations[activation_id]
        except KeyError:
            raise UnknownActivation from None

    async def open_activations(self, system: str) -> Sequence[Activation]:
        """The activations of a system that have not ended, oldest first."""
        mine = [each for each in self._of(system) if each.is_open]
        return sorted(mine, key=lambda each: (each.found_at, each.id))

    async def latest_activations(self, system: str, limit: int = 10) -> Sequence[Activation]:
        """The activations of a system, the most recently changed first."""
        mine = sorted(
            self._of(system),
            key=lambda each: (each.acted_at, each.found_at, each.id),
            reverse=True,
        )
        return mine[:limit]

    async def past_activations(
        self, systems: Sequence[str], *, offset: int, limit: int
    ) -> Sequence[Activation]:
        """A page of all activations of these systems, the latest found first."""
        theirs = sorted(
            (each for system in set(systems) for each in self._of(system)),
            key=lambda each: (each.found_at, each.id),
            reverse=True,
        )
        return theirs[offset : offset + limit]

    async def count_activations(self, systems: Sequence[str]) -> int:
        """How many activations these systems have, ended ones too."""
        return sum(len(self._of(system)) for system in set(systems))

    async def save(self, activation: Activation) -> Activation:
        """Write a changed activation; returns it with its new version. Raises Conflict."""
        draft = self._draft()
        known = draft.activations.get(activation.id)
        if known is None or known.version != activation.version:
            raise Conflict
        saved = replace(activation, version=activation.version + 1)
        draft.activations[activation.id] = saved
        return saved

    async def offer_bytes(self, activation_id: str) -> bytes:
        """The offer of an activation. Raises UnknownActivation."""
        try:
            return self._kept().offers[activation_id]
        except KeyError:
            raise UnknownActivation from None

    async def picks(
        self, activation_id: str, module: str, users: Sequence[str] | None = None
    ) -> Mapping[str, Pick]:
        """What people last said about the holders of a module licence (of ``users`` only)."""
        return {
            user: pick
            for (activation, key, user), pick in self._kept().picks.items()
            if (activation, key) == (activation_id, module) and (users is None or user in users)
        }

    async def picked(
        self, activation_id: str, users: Sequence[str] | None = None
    ) -> Mapping[str, frozenset[str]]:
        """What is picked (of ``users`` only): the module keys by user id."""
        wanted = None if users is None else frozenset(users)
        found: dict[str, set[str]] = {}
        for (activation, module, user), pick in self._kept().picks.items():
            named = wanted is None or user in wanted
            if activation == activation_id and pick.picked and named:
                found.setdefault(user, set()).add(module)
        return {user: frozenset(modules) for user, modules in found.items()}

    async def replacements(self, activation_id: str, users: Sequence[str] | None = None) -> Instead:
        """The plans that are to be given in place of what is picked (of ``users`` only)."""
        wanted = None if users is None else frozenset(users)
        return {
            (user, module): pick.instead
            for (activation, module, user), pick in self._kept().picks.items()
            if activation == activation_id
            and pick.picked
            and pick.instead
            and (wanted is None or user in wanted)
        }

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
        """Say of holders whether they are picked. Raises UnknownActivation."""
        draft = self._draft_of(activation_id)
        for user, picked in wanted.items():
            draft.picks[activation_id, module, user] = Pick(
                user=user,
                picked=picked,
                actor=actor,
                group=(groups or {}).get(user, ""),
                instead=(instead or {}).get(user, ""),
            )

    async def removals(
        self, activation_id: str, *, after: tuple[str, str] = ("", ""), limit: int | None = None
    ) -> Sequence[Removal]:
        """The planned removals in the order of user and module, from after a (user, module)."""
        mine = [each for each in self._removals(activation_id) if (each.user, each.module) > after]
        return mine[:limit]

    async def plan_counts(self, activation_id: str) -> PlanCounts:
        """What the planned removals come to."""
        return PlanCounts.of(self._removals(activation_id))

    async def write_removals(
        self, activation_id: str, users: Sequence[str], removals: Sequence[Removal]
    ) -> None:
        """Replace the planned removals of these users. Raises UnknownActivation.

        Raises ValueError where a seat would be planned twice, as the database refuses it.
        """
        draft = self._draft_of(activation_id)
        gone = frozenset(users)
        for key in [key for key in draft.removals if key[0] == activation_id and key[1] in gone]:
            del draft.removals[key]
        for removal in removals:
            key = (activation_id, removal.user, removal.module)
            if key in draft.removals:
                raise ValueError(f"planned twice: {removal}")
            draft.removals[key] = removal

    async def write_changes(self, activation_id: str, changes: Sequence[Change]) -> None:
        """Keep what an activation changes. Raises UnknownActivation."""
        self._draft_of(activation_id).changes[activation_id] = tuple(changes)

    async def changes(self, activation_id: str) -> Sequence[Change]:
        """What was kept by the latest start; empty where it never started."""
        return list(self._kept().changes.get(activation_id, ()))

    async def card(self, activation_id: str) -> Card | None:
        """The confirmation message, where it was posted."""
        return self._kept().cards.get(activation_id)

    async def write_card(self, activation_id: str, card: Card | None) -> None:
        """Remember, or forget, where the confirmation message is. Raises UnknownActivation."""
        cards = self._draft_of(activation_id).cards
        if card is None:
            cards.pop(activation_id, None)
        else:
            cards[activation_id] = card

    async def want_card(self, activation_id: str) -> bool:
        """Say that the message is out of date; whether nobody had. Raises UnknownActivation."""
        stale = self._draft_of(activation_id).stale_cards
        is_news = activation_id not in stale
        stale.add(activation_id)
        return is_news

    async def begin_card(self, activation_id: str) -> None:
        """Say that the message is being brought up to date."""
        self._draft().stale_cards.discard(activation_id)

    async def events(self, activation_id: str) -> Sequence[tuple[str, Event]]:
        """What happened, oldest first, each with the name of its kind."""
        return [
            (
                kind,
                Event(
                    activation=event.activation,
                    at=event.at,
                    actor=event.actor,
                    detail=event.detail,
                ),
            )
            for kind, event in self._kept().events
            if event.activation == activation_id
        ]

    async def poll_due(self, system: str) -> datetime | None:
        """When the issuer is to be asked next; ``None`` where it never was."""
        return self._kept().polls.get(system)

    async def write_poll_due(self, system: str, due: datetime) -> None:
        """Say when the issuer is to be asked next."""
        self._draft().polls[system] = due

    def record(self, event: Event) -> None:
        """Keep an event. Raises UnknownActivation."""
        recorded = (type(event).__name__, event)
        self._draft_of(event.activation).events.append(recorded)
        self.recorded.append(recorded)

    async def first_time(self, key: str, at: datetime) -> bool:
        """Whether a request with this key is seen for the first time; remembers it."""
        draft = self._draft()
        if key in draft.seen:
            return False
        draft.seen[key] = at
        return True

    async def enqueue(self, job: Job) -> None:
        """Hand a job over; a second one with the same id is dropped."""
        draft = self._draft()
        if job.id is not None:
            if job.id in draft.job_ids:
                return
            draft.job_ids.add(job.id)
        draft.jobs.append(job)

    def end(self) -> None:
        """Let nothing be done with it any more."""
        self._state = None

    def _kept(self) -> _State:
        if self._state is None:
            raise RuntimeError("the transaction has ended")
        return self._state

    def _draft(self) -> _State:
        if not self._writes:
            raise RuntimeError("this transaction only reads")
        return self._kept()

    def _draft_of(self, activation_id: str) -> _State:
        draft = self._draft()
        if activation_id not in draft.activations:
            raise UnknownActivation
        return draft

    def _of(self, system: str) -> list[Activation]:
        return [each for each in self._kept().activations.values() if each.system == system]

    def _removals(self, activation_id: str) -> list[Removal]:
        return sorted(
            removal
            for (activation, _, _), removal in self._kept().removals.items()
            if activation == activation_id
        )


class MemoryStore:
    """licbot's own state; see ``licbot.ports.store.Store``.

    One transaction writes at a time, and others wait for it; what it wrote is seen once its block
    has ended well, and never where it raised. Inside another of the same task it would wait for
    itself: it raises RuntimeError instead.

    on_commit: is told of the events, after the commit. What it raises is raised to the caller, so
    that a test hears of it; the running bot logs it. The transaction is committed in either case.
    """

    def __init__(self, on_commit: OnCommit | None = None) -> None:
        self.on_commit = on_commit
        self._state = _State()
        self._lock = asyncio.Lock()
        self._writer: asyncio.Task[object] | None = None

    @property
    def jobs(self) -> Sequence[Job]:
        """The jobs that were handed over by committed transactions, oldest first."""
        return tuple(self._state.jobs)

    def take_jobs(self) -> Sequence[Job]:
        """The jobs, which are forgotten; their ids stay known."""
        jobs = tuple(self._state.jobs)
        self._state.jobs.clear()
        return jobs

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[MemoryUnitOfWork]:
        """A transaction that may write."""
        if self._writer is not None and self._writer is asyncio.current_task():
            raise RuntimeError("a transaction inside another one would wait for itself")
        async with self._lock:
            state = self._state.copy()
            unit = MemoryUnitOfWork(state, writes=True)
            self._writer = asyncio.current_task()
            try:
                yield unit
                self._state = state
            finally:
                self._writer = None
                unit.end()
        if unit.recorded and self.on_commit:
            await self.on_commit(unit.recorded)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryUnitOfWork]:
        """A transaction that only reads what was committed before it began."""
        unit = MemoryUnitOfWork(self._state.copy(), writes=False)
        try:
            yield unit
        finally:
            unit.end()
