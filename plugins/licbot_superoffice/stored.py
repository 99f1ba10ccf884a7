"""The stored list of users and seats: written while it is read, tidied when all was read.

Every row carries the number of the last reading that saw it. Until a reading ends, rows of it and
of the one before stand side by side, each of which is or was true; what a later reading saw, an
earlier one that ends after it leaves alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, delete, func, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.people import Holder, HolderKind
from licbot.ports.database import Database
from licbot.roster.statements import among, insert_into
from licbot.roster.users import user_row
from licbot_superoffice.facts import read_fact, write_fact
from licbot_superoffice.tables import roster, seats, users

_LIST = "list"
_READING = "reading"
_REFUSAL = "refusal"
_SEAT = ["system", "module", "user_id", "active", "seen"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListState:
    """The last complete reading. as_of: when it ended. users: how many it listed.

    gaps: what SuperOffice did not tell, in words. problems: what keeps licbot from working, with
    the cure. began: when it began, where that is known.
    """

    as_of: datetime
    users: int
    gaps: Sequence[str] = ()
    problems: Sequence[str] = ()
    began: datetime | None = None


async def list_state(connection: AsyncConnection, system: str) -> ListState | None:
    """The last complete reading, where there was one."""
    fact = await read_fact(connection, system, _LIST)
    if fact is None:
        return None
    value = fact.value
    # Those that an older licbot wrote have neither problems nor a beginning.
    began = value.get("began")
    return ListState(
        as_of=fact.at,
        users=value["users"],
        gaps=value["gaps"],
        problems=value.get("problems", ()),
        began=datetime.fromisoformat(began) if began else None,
    )


async def refusal(connection: AsyncConnection, system: str) -> str:
    """Why the last reading brought no list, in words; empty where it brought one."""
    fact = await read_fact(connection, system, _REFUSAL)
    return str(fact.value) if fact else ""


async def note_refusal(database: Database, system: str, words: str, now: datetime) -> None:
    """Keep why a reading brought no list."""
    async with database.begin() as connection:
        await write_fact(connection, system, _REFUSAL, words, now)


async def is_listed_administrator(database: Database, system: str, email: str) -> bool:
    """Whether the stored list has one user with this address, who administers and may sign in.

    ``False`` where that is not known.
    """
    async with database.read() as connection:
        return await roster.is_administrator(connection, system, email)


class Reading:
    """One reading of all users and seats into the tables."""

    def __init__(self, database: Database, system: str, number: int, began: datetime) -> None:
        self._began = began
        self._database = database
        self._system = system
        self._number = number

    async def add_users(self, found: Sequence[Holder]) -> None:
        """Write a page of users."""
        rows = [{**user_row(self._system, user), "seen": self._number} for user in _distinct(found)]
        async with self._database.begin() as connection:
            insert = insert_into(connection, users)
            await connection.execute(_or_update(insert, users), rows)

    async def add_seats(self, module: str, ids: Collection[str]) -> None:
        """Write who holds a module, as far as they are users that this reading has listed."""
        async with self._database.begin() as connection:
            await self._seat(connection, module, among(connection, ids))

    async def add_seats_of_all(self, module: str) -> None:
        """Let every associate hold a module who can log in."""
        async with self._database.begin() as connection:
            who = select(users.c.id).where(
                users.c.system == self._system,
                users.c.can_login,
                users.c.kind == HolderKind.ASSOCIATE,
            )
            await self._seat(connection, module, who)

    async def add_members(self, plan: str, members: Collection[str]) -> None:
        """Let the holders of a plan hold the hidden licences that come with it."""
        for member in sorted(members):
            async with self._database.begin() as connection:
                who = select(seats.c.user_id).where(
                    seats.c.system == self._system,
                    seats.c.module == plan,
                    seats.c.seen == self._number,
                )
                await self._seat(connection, member, who)

    async def holders(self) -> Mapping[str, int]:
        """How many holders this reading has seen, by module key."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(seats.c.module, func.count())
                .where(seats.c.system == self._system, seats.c.seen >= self._number)
                .group_by(seats.c.module)
            )
            return dict(rows.all())

    async def end(self, now: datetime, gaps: Sequence[str], problems: Sequence[str] = ()) -> int:
        """Everything was read: forget seats that were not seen, mark users as deleted.

        Returns how many users there are.
        """
        async with self._database.begin() as connection:
            await connection.execute(
                delete(seats).where(seats.c.system == self._system, seats.c.seen < self._number)
            )
            await connection.execute(
                update(users)
                .where(users.c.system == self._system, users.c.seen < self._number)
                .values(deleted=true())
            )
            listed = await connection.scalar(
                select(func.count()).where(
                    users.c.system == self._system, users.c.deleted.is_(False)
                )
            )
            value = {
                "users": listed or 0,
                "gaps": list(gaps),
                "problems": list(problems),
                "began": self._began.isoformat(),
            }
            await write_fact(connection, self._system, _LIST, value, now)
            await write_fact(connection, self._system, _REFUSAL, "", now)
            await roster.analyse(connection)
            return listed or 0

    async def _seat(self, connection: AsyncConnection, module: str, who: Select[Any]) -> None:
        rows = select(
            users.c.system, literal(module), users.c.id, true(), literal(self._number)
        ).where(users.c.system == self._system, users.c.seen >= self._number, users.c.id.in_(who))
        insert = insert_into(connection, seats).from_select(_SEAT, rows)
        await connection.execute(_or_update(insert, seats))


async def begin_reading(database: Database, system: str, now: datetime) -> Reading:
    """Begin a reading, with the next number."""
    async with database.begin() as connection:
        last = await read_fact(connection, system, _READING)
        number = (last.value if last else 0) + 1
        await write_fact(connection, system, _READING, number, now)
    return Reading(database, system, number, now)


async def note_seats(
    database: Database, system: str, user: str, held: Collection[str], known: Collection[str]
) -> None:
    """Write what a user holds who was looked at, of the modules that are known of them.

    A user who is not listed is left out.
    """
    async with database.begin() as connection:
        await connection.execute(
            delete(seats).where(
                seats.c.system == system,
                seats.c.user_id == user,
                seats.c.module.in_(among(connection, set(known) - set(held))),
            )
        )
        last = await read_fact(connection, system, _READING)
        # A reading that is under way may have listed the user before.
        number = literal(last.value if last else 0)
        for module in sorted(held):
            rows = select(users.c.system, literal(module), users.c.id, true(), number).where(
                users.c.system == system, users.c.id == user
            )
            insert = insert_into(connection, seats).from_select(_SEAT, rows)
            await connection.execute(_or_update(insert, seats))


def _distinct(found: Sequence[Holder]) -> Sequence[Holder]:
    # PostgreSQL refuses to write a row twice in one statement.
    return list({user.id: user for user in found}.values())


def _or_update(insert: Any, table: Any) -> Any:
    """Overwrite what is there, but for the number of a later reading."""
    new = insert.excluded
    values: Mapping[str, Any] = {
        each.name: new[each.name]
        for each in table.c
        if not each.primary_key and each.name != "seen"
    }
    later = case((table.c.seen > new.seen, table.c.seen), else_=new.seen)
    keys = [each.name for each in table.primary_key]
    return insert.on_conflict_do_update(index_elements=keys, set_={**values, "seen": later})
