"""The stored users of a licensed system and their seats, read page by page.

Each query stays fast for hundreds of thousands of seats, on SQLite too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.licenses import fold
from licbot.domain.people import (
    Holder,
    HolderFilter,
    HolderKind,
    HolderOrder,
    HolderPage,
    HolderQuery,
)
from licbot.domain.removals import Held, by_user
from licbot.roster.statements import among
from licbot.roster.users import email_key, holder, searchable


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """A table of users and one of their seats, each of one or more licensed systems.

    users: has the columns of ``columns.UserColumns``. seats: those of ``columns.SeatColumns``.
    """

    users: Table
    seats: Table

    async def in_use(self, connection: AsyncConnection, system: str) -> Mapping[str, int]:
        """Seats in use by module key; deleted users are not counted."""
        seats = self.seats.c
        rows = await connection.execute(
            select(seats.module, func.count())
            .where(seats.system == system, seats.active)
            .group_by(seats.module)
        )
        return dict(rows.all())

    async def holders(
        self, connection: AsyncConnection, system: str, query: HolderQuery
    ) -> HolderPage:
        """One page of the holders of a module licence."""
        users = self.users.c
        wanted = self._conditions(connection, system, query)
        total = await connection.scalar(self._counting(query).where(*wanted))
        # Sorting whole rows of everybody before the page would take twice as long.
        found = await connection.scalars(
            select(users.id)
            .select_from(self._seats_of_users())
            .where(*wanted)
            .order_by(*self._order(query.order), users.id)
            .offset(query.offset)
            .limit(query.limit)
        )
        ids = found.all()
        people = await self.people(connection, system, ids)
        return HolderPage(holders=tuple(people[each] for each in ids), total=total or 0)

    async def least_recent(
        self,
        connection: AsyncConnection,
        system: str,
        query: HolderQuery,
        skip: frozenset[str] = frozenset(),
    ) -> Sequence[str]:
        """Ids of up to ``query.limit`` holders, least recently signed in first.

        Those of whom that is unknown are not among them, nor those to skip.
        """
        users = self.users.c
        wanted = [*self._conditions(connection, system, query), users.last_login.is_not(None)]
        if skip:
            wanted.append(self.seats.c.user_id.not_in(among(connection, skip)))
        found = await connection.scalars(
            select(users.id)
            .select_from(self._seats_of_users())
            .where(*wanted)
            .order_by(users.last_login, users.id)
            .limit(query.limit)
        )
        return found.all()

    async def held(self, connection: AsyncConnection, system: str, ids: Collection[str]) -> Held:
        """What each of these users holds; deleted ones hold nothing that counts."""
        seats = self.seats.c
        rows = await connection.execute(
            select(seats.user_id, seats.module).where(
                seats.user_id.in_(among(connection, ids)),
                # Compared as it is, SQLite would rather read every seat of the system.
                seats.system.concat("") == system,
                seats.active,
            )
        )
        return by_user((user, module) for user, module in rows)

    async def people(
        self, connection: AsyncConnection, system: str, ids: Collection[str]
    ) -> Mapping[str, Holder]:
        """The users with these ids, deleted ones too: their names are still of use."""
        rows = await connection.execute(
            select(self.users).where(
                self.users.c.system == system,
                self.users.c.id.in_(among(connection, ids)),
            )
        )
        return {row.id: holder(row) for row in rows}

    async def is_administrator(self, connection: AsyncConnection, system: str, email: str) -> bool:
        """Whether the one user with this e-mail address is an administrator who may sign in."""
        users = self.users.c
        key = email_key(email)
        if not key:
            return False
        rows = await connection.execute(
            select(users.administrator, users.can_login)
            .where(users.system == system, users.email_key == key, users.deleted.is_(False))
            .limit(2)
        )
        found = rows.all()
        return len(found) == 1 and found[0].administrator and found[0].can_login

    async def analyse(self, connection: AsyncConnection) -> None:
        """Let the database know that very many rows are new."""
        if connection.dialect.name == "postgresql":
            # Until its statistics know of them, queries take ten times as long.
            await connection.exec_driver_sql(f"ANALYZE {self.users.name}, {self.seats.name}")

    def _seats_of_users(self) -> FromClause:
        users, seats = self.users.c, self.seats.c
        return self.seats.join(
            self.users, and_(users.system == seats.system, users.id == seats.user_id)
        )

    def _conditions(
        self, connection: AsyncConnection, system: str, query: HolderQuery
    ) -> list[ColumnElement[bool]]:
        seats = self.seats.c
        wanted = [seats.system == system, seats.module == fold(query.module), seats.active]
        if query.only is not None:
            wanted.append(seats.user_id.in_(among(connection, query.only)))
        wanted += self._filter(query.filter)
        search = searchable(query.search.strip())
        if search:
            wanted.append(self.users.c.search.contains(search, autoescape=True))
        return wanted

    def _counting(self, query: HolderQuery) -> Select[int]:
        # Counting without looking at the users is several times as fast.
        looks_at_users = query.search.strip() or self._filter(query.filter)
        return select(func.count()).select_from(
            self._seats_of_users() if looks_at_users else self.seats
        )

    def _filter(self, wanted: HolderFilter) -> Sequence[ColumnElement[bool]]:
        users = self.users.c
        conditions: Mapping[HolderFilter, Sequence[ColumnElement[bool]]] = {
            HolderFilter.ALL: (),
            HolderFilter.ASSOCIATES: (users.kind == HolderKind.ASSOCIATE,),
            HolderFilter.OTHERS: (users.kind == HolderKind.OTHER,),
            HolderFilter.NO_LOGIN: (users.can_login.is_(False),),
            HolderFilter.UNKNOWN: (users.last_login.is_(None),),
        }
        return conditions[wanted]

    def _order(self, wanted: HolderOrder) -> Sequence[ColumnElement[Any]]:
        users = self.users.c
        orders: Mapping[HolderOrder, Sequence[ColumnElement[Any]]] = {
            HolderOrder.LEAST_RECENT: (users.last_login.is_(None), users.last_login),
            HolderOrder.MOST_RECENT: (users.last_login.is_(None), users.last_login.desc()),
            HolderOrder.NAME: (users.name_key,),
        }
        return orders[wanted]
