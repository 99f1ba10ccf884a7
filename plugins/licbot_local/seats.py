"""Seats: each run of an activation takes each of them once, and gives back what it took."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense
from licbot.domain.removals import Removal, closure, dependencies
from licbot_local.holders import read_held, seats_in_use
from licbot_local.rows import among, insert_new
from licbot_local.tables import seat_log, seats, users

Seat = tuple[str, str]
"""A user's id and a module key."""


class SeatState(StrEnum):
    """What a run did with a seat.

    ABSENT: the user did not hold it when it was to be taken.
    LOST: it was taken and could not be given back.
    """

    TAKEN = "taken"
    ABSENT = "absent"
    GIVEN_BACK = "given_back"
    LOST = "lost"


async def drop_seats(connection: AsyncConnection, system: str, modules: Collection[str]) -> None:
    """Remove all seats of these modules."""
    await connection.execute(
        delete(seats).where(
            seats.c.system == system, seats.c.module.in_(among(connection, modules))
        )
    )


async def take_seats(
    connection: AsyncConnection,
    system: str,
    run: str,
    removals: Sequence[Removal],
    now: datetime,
) -> None:
    """Take the seats that this run has not dealt with yet. Needs a locked transaction."""
    for module in sorted({removal.module for removal in removals}):
        planned = {each.user: each.picked for each in removals if each.module == module}
        todo = planned.keys() - await _dealt_with(connection, system, run, module, planned)
        held = await _remove(connection, system, module, todo)
        rows: list[dict[str, object]] = [
            {
                "system": system,
                "run": run,
                "user_id": user,
                "module": module,
                "picked": planned[user],
                "state": SeatState.TAKEN if user in held else SeatState.ABSENT,
                "at": now,
            }
            for user in sorted(todo)
        ]
        await insert_new(connection, seat_log, rows)


async def give_back_seats(
    connection: AsyncConnection,
    system: str,
    run: str,
    sets: Sequence[LicenseSet],
    now: datetime,
) -> Sequence[Removal]:
    """Give back what a run took, as far as the licence sets in force allow.

    Needs a locked transaction. Returns what could not be given back, the first time and later.
    """
    taken = await _logged(connection, system, run, SeatState.TAKEN)
    if taken:
        given = await _choose(connection, system, taken, sets)
        await _restore(connection, system, given)
        await _mark(connection, system, run, SeatState.GIVEN_BACK, given, now)
        await _mark(connection, system, run, SeatState.LOST, set(taken) - given, now)
    return sorted((await _logged(connection, system, run, SeatState.LOST)).values())


async def _dealt_with(
    connection: AsyncConnection, system: str, run: str, module: str, ids: Collection[str]
) -> frozenset[str]:
    found = await connection.scalars(
        select(seat_log.c.user_id).where(
            seat_log.c.system == system,
            seat_log.c.run == run,
            seat_log.c.module == module,
            seat_log.c.user_id.in_(among(connection, ids)),
        )
    )
    return frozenset(found)


async def _remove(
    connection: AsyncConnection, system: str, module: str, ids: Collection[str]
) -> frozenset[str]:
    """Remove the seats of those who count; returns who held one."""
    wanted = (
        seats.c.system == system,
        seats.c.module == module,
        seats.c.active,
        seats.c.user_id.in_(among(connection, ids)),
    )
    held = await connection.scalars(select(seats.c.user_id).where(*wanted))
    found = frozenset(held)
    await connection.execute(delete(seats).where(*wanted))
    return found


async def _logged(
    connection: AsyncConnection, system: str, run: str, state: SeatState
) -> dict[Seat, Removal]:
    rows = await connection.execute(
        select(seat_log.c.user_id, seat_log.c.module, seat_log.c.picked).where(
            seat_log.c.system == system, seat_log.c.run == run, seat_log.c.state == state
        )
    )
    return {
        (user, module): Removal(user=user, module=module, picked=picked)
        for user, module, picked in rows
    }


async def _choose(
    connection: AsyncConnection, system: str, taken: Collection[Seat], sets: Sequence[LicenseSet]
) -> set[Seat]:
    """The seats that fit. Who can't have one back gets nothing back that depends on it."""
    room = _Room(sets, await seats_in_use(connection, system))
    depends = dependencies(sets)
    wanted = _by_user(taken)
    held = await read_held(connection, system, wanted)
    present = await _present(connection, system, wanted)
    given: set[Seat] = set()
    for user, modules in sorted(wanted.items()):
        has = held.get(user, frozenset())
        new = modules - has if user in present else frozenset()
        lost = closure(has | new, frozenset(m for m in new if not room.has(m)), depends)
        room.fill(new - lost)
        given |= {(user, module) for module in (modules & has) | (new - lost)}
    return given


class _Room:
    """How many more seats the licence sets in force allow."""

    def __init__(self, sets: Sequence[LicenseSet], in_use: Mapping[str, int]) -> None:
        self._modules = {key: m for each in sets for key, m in each.by_key().items()}
        self._in_use = Counter(in_use)

    def has(self, module: str) -> bool:
        known = self._modules.get(module)
        return known is not None and _allows(known, self._in_use[module])

    def fill(self, modules: Collection[str]) -> None:
        self._in_use.update(modules)


def _allows(module: ModuleLicense, in_use: int) -> bool:
    fits = module.unrestricted or in_use < module.number
    return fits and module.type is LicenseType.USER


def _by_user(taken: Collection[Seat]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for user, module in taken:
        found.setdefault(user, set()).add(module)
    return {user: frozenset(modules) for user, modules in found.items()}


async def _present(
    connection: AsyncConnection, system: str, ids: Collection[str]
) -> frozenset[str]:
    found = await connection.scalars(
        select(users.c.id).where(
            users.c.system == system,
            users.c.deleted.is_(False),
            users.c.id.in_(among(connection, ids)),
        )
    )
    return frozenset(found)


async def _restore(connection: AsyncConnection, system: str, given: Collection[Seat]) -> None:
    rows: list[dict[str, object]] = [
        {"system": system, "module": module, "user_id": user, "active": True}
        for user, module in sorted(given)
    ]
    await insert_new(connection, seats, rows)


async def _mark(
    connection: AsyncConnection,
    system: str,
    run: str,
    state: SeatState,
    marked: Collection[Seat],
    now: datetime,
) -> None:
    for module in sorted({module for _, module in marked}):
        ids = [user for user, each in marked if each == module]
        await connection.execute(
            update(seat_log)
            .where(
                seat_log.c.system == system,
                seat_log.c.run == run,
                seat_log.c.module == module,
                seat_log.c.user_id.in_(among(connection, ids)),
            )
            .values(state=state, at=now)
        )
