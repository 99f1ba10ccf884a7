"""Seats: each run of an activation takes each of them once, and gives back what it took."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.licenses import LicenseSet
from licbot.domain.removals import Removal, Seat, by_user
from licbot.domain.returns import fitting
from licbot.roster.statements import among, insert_new
from licbot_local.tables import roster, seat_log, seats, users


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
        rows = [
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
    """The seats that fit; none of users who were deleted."""
    present = await _present(connection, system, {user for user, _ in taken})
    wanted = by_user(seat for seat in taken if seat[0] in present)
    held = await roster.held(connection, system, wanted)
    in_use = await roster.in_use(connection, system)
    given = fitting(wanted, held, in_use, sets)
    return {(user, module) for user, modules in given.items() for module in modules}


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
    rows = [
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
