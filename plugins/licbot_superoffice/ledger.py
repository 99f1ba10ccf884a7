"""What each run of an activation did with each seat.

A line is written before SuperOffice is asked to take a seat, so that whoever goes on after a
crash knows that it may be gone by our own hand.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.removals import Removal, Seat
from licbot.hookspecs import SystemContext
from licbot.roster.statements import among, insert_new
from licbot_superoffice.tables import runs


class SeatState(StrEnum):
    """What a run did with a seat.

    INTENDED: it is about to be taken, or was; SuperOffice has to be asked.
    ABSENT: the user did not hold it when it was to be taken.
    LOST: it was taken and could not be given back.
    GIVING: it is about to be given in place of one that is taken, or was; SuperOffice has to be
    asked. GIVEN: it was. WITHDRAWN: it was handed over again. KEPT: it was not, since what the
    user had could not come back.
    """

    INTENDED = "intended"
    TAKEN = "taken"
    ABSENT = "absent"
    GIVEN_BACK = "given_back"
    LOST = "lost"
    GIVING = "giving"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The lines of one run. context: of its system."""

    context: SystemContext
    run: str

    async def states(self, users: Collection[str]) -> Mapping[Seat, SeatState]:
        """What the run did with the seats of some users, as far as it has begun."""
        async with self.context.database.read() as connection:
            rows = await connection.execute(
                select(runs.c.user_id, runs.c.module, runs.c.state).where(
                    runs.c.system == self.context.name,
                    runs.c.run == self.run,
                    runs.c.user_id.in_(among(connection, users)),
                )
            )
            return {(user, module): SeatState(state) for user, module, state in rows}

    async def removals(self, *states: SeatState) -> Sequence[Removal]:
        """The seats that the run left in one of these states, in their order."""
        async with self.context.database.read() as connection:
            rows = await connection.execute(
                select(runs.c.user_id, runs.c.module, runs.c.picked).where(
                    runs.c.system == self.context.name,
                    runs.c.run == self.run,
                    runs.c.state.in_(states),
                )
            )
            return sorted(
                Removal(user=user, module=module, picked=picked) for user, module, picked in rows
            )

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["Entry"]:
        """Write several lines, all of them or none."""
        async with self.context.database.begin() as connection:
            now = self.context.clock.now()
            yield Entry(connection=connection, system=self.context.name, run=self.run, now=now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Lines of one run that are being written."""

    connection: AsyncConnection
    system: str
    run: str
    now: datetime

    async def note(self, removals: Collection[Removal], state: SeatState) -> None:
        """Write lines for seats that have none yet; the others stay as they are."""
        rows = [
            {
                "system": self.system,
                "run": self.run,
                "user_id": removal.user,
                "module": removal.module,
                "picked": removal.picked,
                "state": state,
                "at": self.now,
            }
            for removal in removals
        ]
        await insert_new(self.connection, runs, rows)

    async def settle(self, user: str, modules: Collection[str], state: SeatState) -> None:
        """Write what became of a user's seats, of which there are lines."""
        if modules:
            await self.connection.execute(
                update(runs)
                .where(
                    runs.c.system == self.system,
                    runs.c.run == self.run,
                    runs.c.user_id == user,
                    runs.c.module.in_(among(self.connection, modules)),
                )
                .values(state=state, at=self.now)
            )
