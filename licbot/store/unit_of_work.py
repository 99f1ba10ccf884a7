"""Transactions on licbot's own state."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import RowMapping, Select, delete, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.activation import ENDED, Activation
from licbot.domain.changes import Change
from licbot.domain.errors import Conflict, UnknownActivation
from licbot.domain.events import Event
from licbot.domain.licenses import Offer
from licbot.domain.removals import Instead, Removal
from licbot.ports.store import Card, Job, Pick, PlanCounts
from licbot.roster.statements import insert_new, upsert
from licbot.store.database import SqlDatabase
from licbot.store.plans import count_plan, read_removals, replace_removals
from licbot.store.records import (
    activation_record,
    activation_row,
    changes_document,
    changes_records,
)
from licbot.store.statements import chunks, is_collision
from licbot.store.tables import (
    ACTIVATION,
    CARD,
    CHANGES,
    EVENT,
    OFFER,
    PICK,
    POLL,
    REPLICA,
    SEEN_REQUEST,
    STALE_CARD,
)

Enqueue = Callable[[AsyncConnection, Job], Awaitable[None]]
"""Puts a job into the transaction of a connection."""

OnCommit = Callable[[Sequence[tuple[str, Event]]], Awaitable[None]]
"""Is told what a committed transaction recorded, each event with the name of its kind."""

_log = structlog.get_logger(__name__)


class SqlUnitOfWork:
    """One transaction on a connection.

    locks: whether the activations that are read stay locked until the end.
    """

    def __init__(self, connection: AsyncConnection, enqueue: Enqueue, *, locks: bool) -> None:
        self._connection = connection
        self._enqueue = enqueue
        self._locks = locks
        self._unwritten: list[Event] = []
        self.recorded: list[tuple[str, Event]] = []

    async def add_activation(self, activation: Activation, offer: Offer) -> None:
        """Keep a new activation and the bytes of its offer.

        Raises Conflict where its system and owner have one that is open.
        """
        if not await insert_new(self._connection, ACTIVATION, [activation_row(activation)]):
            raise Conflict
        await self._connection.execute(
            OFFER.insert(), {"activation": activation.id, "raw": offer.raw}
        )

    async def activation(self, activation_id: str) -> Activation:
        """The activation with this id, locked until the end of the transaction.

        Raises UnknownActivation.
        """
        query = select(ACTIVATION).where(ACTIVATION.c.id == activation_id)
        if self._locks:
            # Nobody changes ids: what only refers to the activation need not wait.
            query = query.with_for_update(key_share=True)
        row = (await self._connection.execute(query)).mappings().first()
        if row is None:
            raise UnknownActivation
        return activation_record(row)

    async def open_activations(self, system: str) -> Sequence[Activation]:
        """The activations of a system that have not ended, oldest first."""
        columns = ACTIVATION.c
        return await self._activations(
            select(ACTIVATION)
            .where(columns.system == system, columns.state.not_in(sorted(ENDED)))
            .order_by(columns.found_at, columns.id)
        )

    async def latest_activations(self, system: str, limit: int = 10) -> Sequence[Activation]:
        """The activations of a system, the most recently changed first."""
        columns = ACTIVATION.c
        return await self._activations(
            select(ACTIVATION)
            .where(columns.system == system)
            .order_by(columns.acted_at.desc(), columns.found_at.desc(), columns.id.desc())
            .limit(limit)
        )

    async def past_activations(
        self, systems: Sequence[str], *, offset: int, limit: int
    ) -> Sequence[Activation]:
        """A page of all activations of these systems, the latest found first."""
        columns = ACTIVATION.c
        return await self._activations(
            select(ACTIVATION)
            .where(columns.system.in_(systems))
            .order_by(columns.found_at.desc(), columns.id.desc())
            .offset(offset)
            .limit(limit)
        )

    async def count_activations(self, systems: Sequence[str]) -> int:
        """How many activations these systems have, ended ones too."""
        query = select(func.count()).where(ACTIVATION.c.system.in_(systems))
        return (await self._connection.execute(query)).scalar_one()

    async def _activations(self, query: Select[Any]) -> Sequence[Activation]:
        return [
            activation_record(row) for row in (await self._connection.execute(query)).mappings()
        ]

    async def save(self, activation: Activation) -> Activation:
        """Write a changed activation; returns it with its new version.

        Raises Conflict where someone else wrote it since it was read.
        """
        saved = replace(activation, version=activation.version + 1)
        statement = update(ACTIVATION).where(
            ACTIVATION.c.id == activation.id, ACTIVATION.c.version == activation.version
        )
        result = await self._connection.execute(statement.values(activation_row(saved)))
        if result.rowcount != 1:
            raise Conflict
        return saved

    async def offer_bytes(self, activation_id: str) -> bytes:
        """The offer of an activation, byte for byte as it came. Raises UnknownActivation."""
        query = select(OFFER.c.raw).where(OFFER.c.activation == activation_id)
        raw = (await self._connection.execute(query)).scalar()
        if raw is None:
            raise UnknownActivation
        return bytes(raw)

    async def picks(
        self, activation_id: str, module: str, users: Sequence[str] | None = None
    ) -> Mapping[str, Pick]:
        """What people last said about the holders of a module licence (of ``users`` only)."""
        query = select(
            PICK.c.user, PICK.c.picked, PICK.c.actor, PICK.c.group, PICK.c.instead
        ).where(PICK.c.activation == activation_id, PICK.c.module == module)
        return {row["user"]: Pick(**row) async for row in self._picks_of(users, query)}

    async def picked(
        self, activation_id: str, users: Sequence[str] | None = None
    ) -> Mapping[str, frozenset[str]]:
        """What is picked (of ``users`` only): the module keys by user id."""
        query = select(PICK.c.user, PICK.c.module).where(
            PICK.c.activation == activation_id, PICK.c.picked
        )
        modules: dict[str, set[str]] = {}
        async for row in self._picks_of(users, query):
            modules.setdefault(row["user"], set()).add(row["module"])
        return {user: frozenset(keys) for user, keys in modules.items()}

    async def replacements(self, activation_id: str, users: Sequence[str] | None = None) -> Instead:
        """The plans that are to be given in place of what is picked (of ``users`` only)."""
        query = select(PICK.c.user, PICK.c.module, PICK.c.instead).where(
            PICK.c.activation == activation_id, PICK.c.picked, PICK.c.instead != ""
        )
        return {
            (row["user"], row["module"]): row["instead"]
            async for row in self._picks_of(users, query)
        }

    async def _picks_of(
        self, users: Sequence[str] | None, query: Select[Any]
    ) -> AsyncIterator[RowMapping]:
        parts = [query]
        if users is not None:
            parts = [query.where(PICK.c.user.in_(some)) for some in chunks(users)]
        for part in parts:
            for row in (await self._connection.execute(part)).mappings():
                yield row

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
        same = {"activation": activation_id, "module": module, "actor": actor, "at": at}
        rows = [
            {
                **same,
                "user": user,
                "picked": picked,
                "group": (groups or {}).get(user, ""),
                "instead": (instead or {}).get(user, ""),
            }
            for user, picked in wanted.items()
        ]
        await upsert(self._connection, PICK, rows)

    async def removals(
        self, activation_id: str, *, after: tuple[str, str] = ("", ""), limit: int | None = None
    ) -> Sequence[Removal]:
        """The planned removals in the order of user and module, from after a (user, module)."""
        return await read_removals(self._connection, activation_id, after, limit)

    async def plan_counts(self, activation_id: str) -> PlanCounts:
        """What the planned removals come to."""
        return await count_plan(self._connection, activation_id)

    async def write_removals(
        self, activation_id: str, users: Sequence[str], removals: Sequence[Removal]
    ) -> None:
        """Replace the planned removals of these users."""
        await replace_removals(self._connection, activation_id, users, removals)

    async def write_changes(self, activation_id: str, changes: Sequence[Change]) -> None:
        """Keep what an activation changes, as it was when it started."""
        row = {"activation": activation_id, "document": changes_document(changes)}
        await upsert(self._connection, CHANGES, [row])

    async def changes(self, activation_id: str) -> Sequence[Change]:
        """What was kept by the latest start; empty where it never started."""
        query = select(CHANGES.c.document).where(CHANGES.c.activation == activation_id)
        document = (await self._connection.execute(query)).scalar()
        return changes_records(document) if document else []

    async def card(self, activation_id: str) -> Card | None:
        """The confirmation message, where it was posted."""
        query = select(CARD.c.channel, CARD.c.ts).where(CARD.c.activation == activation_id)
        row = (await self._connection.execute(query)).mappings().first()
        return Card(**row) if row else None

    async def write_card(self, activation_id: str, card: Card | None) -> None:
        """Remember, or forget, where the confirmation message is."""
        if card is None:
            await self._connection.execute(delete(CARD).where(CARD.c.activation == activation_id))
        else:
            await upsert(self._connection, CARD, [{"activation": activation_id, **asdict(card)}])

    async def want_card(self, activation_id: str) -> bool:
        """Say that the confirmation message is out of date; whether nobody had said so yet."""
        return bool(await insert_new(self._connection, STALE_CARD, [{"activation": activation_id}]))

    async def begin_card(self, activation_id: str) -> None:
        """Say that the message is being brought up to date; what comes from now on is news."""
        await self._connection.execute(
            delete(STALE_CARD).where(STALE_CARD.c.activation == activation_id)
        )

    async def events(self, activation_id: str) -> Sequence[tuple[str, Event]]:
        """What happened, oldest first, each with the name of its kind."""
        await self.flush()
        columns = EVENT.c
        query = (
            select(columns.kind, columns.activation, columns.at, columns.actor, columns.detail)
            .where(columns.activation == activation_id)
            .order_by(columns.id)
        )
        return [
            (kind, Event(activation=activation, at=at, actor=actor, detail=detail))
            for kind, activation, at, actor, detail in await self._connection.execute(query)
        ]

    async def poll_due(self, system: str) -> datetime | None:
        """When the issuer is to be asked next; ``None`` where it never was."""
        query = select(POLL.c.due_at).where(POLL.c.system == system)
        due: datetime | None = (await self._connection.execute(query)).scalar()
        return due

    async def write_poll_due(self, system: str, due: datetime) -> None:
        """Say when the issuer is to be asked next."""
        await upsert(self._connection, POLL, [{"system": system, "due_at": due}])

    def record(self, event: Event) -> None:
        """Keep an event; plugins are told of it after the commit."""
        self._unwritten.append(event)
        self.recorded.append((type(event).__name__, event))

    async def flush(self) -> None:
        """Write the events recorded so far."""
        rows = [{"kind": type(event).__name__, **asdict(event)} for event in self._unwritten]
        self._unwritten.clear()
        if rows:
            await self._connection.execute(EVENT.insert(), rows)

    async def first_time(self, key: str, at: datetime) -> bool:
        """Whether a request with this key is seen for the first time; remembers it."""
        return bool(await insert_new(self._connection, SEEN_REQUEST, [{"key": key, "at": at}]))

    async def enqueue(self, job: Job) -> None:
        """Hand a job over; it runs only if this transaction commits."""
        await self._enqueue(self._connection, job)


class SqlStore:
    """licbot's own state in a database, and the heartbeats of its processes."""

    def __init__(self, database: SqlDatabase, enqueue: Enqueue, on_commit: OnCommit) -> None:
        self._database = database
        self._enqueue = enqueue
        self._on_commit = on_commit

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlUnitOfWork]:
        """A transaction that may write.

        Raises Conflict where it met another one and the database undid it.
        """
        try:
            async with self._database.begin() as connection:
                unit = SqlUnitOfWork(connection, self._enqueue, locks=True)
                yield unit
                await unit.flush()
        except DBAPIError as error:
            if is_collision(error):
                raise Conflict from error
            raise
        if unit.recorded:
            await self._tell(unit.recorded)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlUnitOfWork]:
        """A transaction that only reads; the database refuses writes."""
        async with self._database.read() as connection:
            yield SqlUnitOfWork(connection, self._enqueue, locks=False)

    async def _tell(self, recorded: Sequence[tuple[str, Event]]) -> None:
        try:
            await self._on_commit(recorded)
        except Exception:  # noqa: BLE001 - the transaction is committed, whatever listeners do
            _log.exception("events_not_delivered", kinds=[kind for kind, _ in recorded])

    async def forget_before(self, at: datetime) -> int:
        """Forget the requests seen before a moment; returns how many."""
        statement = delete(SEEN_REQUEST).where(SEEN_REQUEST.c.at < at)
        async with self._database.begin() as connection:
            return (await connection.execute(statement)).rowcount

    async def beat(self, executor_id: str, at: datetime) -> None:
        """Note that a process is alive."""
        async with self._database.begin() as connection:
            await upsert(connection, REPLICA, [{"executor_id": executor_id, "beat_at": at}])

    async def dead_replicas(self, before: datetime) -> Sequence[str]:
        """The processes whose last beat was before a moment, the longest silent first."""
        query = (
            select(REPLICA.c.executor_id)
            .where(REPLICA.c.beat_at < before)
            .order_by(REPLICA.c.beat_at, REPLICA.c.executor_id)
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalars().all()

    async def forget_replica(self, executor_id: str) -> None:
        """Forget a process that ended or whose work others took over."""
        async with self._database.begin() as connection:
            await connection.execute(delete(REPLICA).where(REPLICA.c.executor_id == executor_id))
