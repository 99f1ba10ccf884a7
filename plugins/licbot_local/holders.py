"""The holders of module licences, read page by page.

Each query stays fast for hundreds of thousands of seats, on SQLite too.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
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
from licbot.domain.removals import Held
from licbot_local.rows import among
from licbot_local.tables import seats, users
from licbot_local.users import email_key, holder, searchable

_FILTERS: Mapping[HolderFilter, ColumnElement[bool]] = {
    HolderFilter.ASSOCIATES: users.c.kind == HolderKind.ASSOCIATE,
    HolderFilter.OTHERS: users.c.kind == HolderKind.OTHER,
    HolderFilter.NO_LOGIN: users.c.can_login.is_(False),
    HolderFilter.UNKNOWN: users.c.last_login.is_(None),
}

_ORDERS: Mapping[HolderOrder, Sequence[ColumnElement[Any]]] = {
    HolderOrder.LEAST_RECENT: (users.c.last_login.is_(None), users.c.last_login),
    HolderOrder.MOST_RECENT: (users.c.last_login.is_(None), users.c.last_login.desc()),
    HolderOrder.NAME: (users.c.name_key,),
}

_SEATS_OF_USERS = seats.join(
    users, and_(users.c.system == seats.c.system, users.c.id == seats.c.user_id)
)


async def seats_in_use(connection: AsyncConnection, system: str) -> Mapping[str, int]:
    """Seats in use by module key; deleted users are not counted."""
    rows = await connection.execute(
        select(seats.c.module, func.count())
        .where(seats.c.system == system, seats.c.active)
        .group_by(seats.c.module)
    )
    return dict(rows.all())


async def read_holders(connection: AsyncConnection, system: str, query: HolderQuery) -> HolderPage:
    """One page of the holders of a module licence."""
    wanted = _conditions(connection, system, query)
    total = await connection.scalar(_counting(query).where(*wanted))
    # Sorting whole rows of everybody before the page would take twice as long.
    found = await connection.scalars(
        select(users.c.id)
        .select_from(_SEATS_OF_USERS)
        .where(*wanted)
        .order_by(*_ORDERS[query.order], users.c.id)
        .offset(query.offset)
        .limit(query.limit)
    )
    ids = found.all()
    people = await read_people(connection, system, ids)
    return HolderPage(holders=tuple(people[each] for each in ids), total=total or 0)


async def read_least_recent(
    connection: AsyncConnection, system: str, query: HolderQuery, skip: frozenset[str]
) -> Sequence[str]:
    """Ids of holders, least recently signed in first; not those of whom that is unknown."""
    wanted = [*_conditions(connection, system, query), users.c.last_login.is_not(None)]
    if skip:
        wanted.append(seats.c.user_id.not_in(among(connection, skip)))
    found = await connection.scalars(
        select(users.c.id)
        .select_from(_SEATS_OF_USERS)
        .where(*wanted)
        .order_by(users.c.last_login, users.c.id)
        .limit(query.limit)
    )
    return found.all()


async def read_held(connection: AsyncConnection, system: str, ids: Collection[str]) -> Held:
    """What each of these users holds, by module key."""
    rows = await connection.execute(
        select(seats.c.user_id, seats.c.module).where(
            seats.c.user_id.in_(among(connection, ids)),
            # Compared as it is, SQLite would rather read every seat of the system.
            seats.c.system.concat("") == system,
            seats.c.active,
        )
    )
    held: dict[str, set[str]] = {}
    for user, module in rows:
        held.setdefault(user, set()).add(module)
    return {user: frozenset(modules) for user, modules in held.items()}


async def read_people(
    connection: AsyncConnection, system: str, ids: Collection[str]
) -> Mapping[str, Holder]:
    """The users with these ids, deleted ones too: their names are still of use."""
    rows = await connection.execute(
        select(users).where(
            users.c.system == system,
            users.c.id.in_(among(connection, ids)),
        )
    )
    return {row.id: holder(row) for row in rows}


async def read_is_administrator(connection: AsyncConnection, system: str, email: str) -> bool:
    """Whether the one user with this e-mail address is an administrator who may sign in."""
    key = email_key(email)
    if not key:
        return False
    rows = await connection.execute(
        select(users.c.administrator, users.c.can_login)
        .where(users.c.system == system, users.c.email_key == key, users.c.deleted.is_(False))
        .limit(2)
    )
    found = rows.all()
    return len(found) == 1 and found[0].administrator and found[0].can_login


def _conditions(
    connection: AsyncConnection, system: str, query: HolderQuery
) -> list[ColumnElement[bool]]:
    wanted = [seats.c.system == system, seats.c.module == fold(query.module), seats.c.active]
    if query.only is not None:
        wanted.append(seats.c.user_id.in_(among(connection, query.only)))
    if query.filter in _FILTERS:
        wanted.append(_FILTERS[query.filter])
    search = searchable(query.search.strip())
    if search:
        wanted.append(users.c.search.contains(search, autoescape=True))
    return wanted


def _counting(query: HolderQuery) -> Select[int]:
    # Counting without looking at the users is several times as fast.
    looks_at_users = query.search.strip() or query.filter in _FILTERS
    return select(func.count()).select_from(_SEATS_OF_USERS if looks_at_users else seats)
