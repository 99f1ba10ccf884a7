"""Seats: each run of an activation takes each of them once, and gives back what it took."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.errors import SystemRefused
from licbot.domain.licenses import LicenseSet
from licbot.domain.removals import Held, Removal, Seat, by_user
from licbot.domain.returns import Returns, overfull, returns
from licbot.roster.statements import among, insert_new
from licbot_local.tables import roster, seat_log, seats, users
from licbot_local.wording import shown


class SeatState(StrEnum):
    """What a run did with a seat.

    ABSENT: the user did not hold it when it was to be taken.
    LOST: it was taken and could not be given back.
    GIVEN: the user got it in place of one that was taken. WITHDRAWN: and handed it over again.
    KEPT: they did not, since what they had could not come back.
    """

    TAKEN = "taken"
    ABSENT = "absent"
    GIVEN_BACK = "given_back"
    LOST = "lost"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"


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
    sets: Sequence[LicenseSet],
    now: datetime,
) -> None:
    """Take the seats that this run has not dealt with yet, and give what is given instead.

    sets: in force. Needs a locked transaction, which must not be committed where this raises
    SystemRefused: there is no room for what is to be given.
    """
    replaced: list[Removal] = []
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
        replaced += [
            each for each in removals if each.module == module and each.gives and each.user in held
        ]
    if replaced:
        await _give(connection, system, run, replaced, sets, now)


async def _give(
    connection: AsyncConnection,
    system: str,
    run: str,
    replaced: Sequence[Removal],
    sets: Sequence[LicenseSet],
    now: datetime,
) -> None:
    """Give what is given in place of seats that were taken just now."""
    held = await roster.held(connection, system, [each.user for each in replaced])
    gifts = {
        (each.user, module)
        for each in replaced
        for module in each.gives
        if module not in held.get(each.user, frozenset())
    }
    in_use = await roster.in_use(connection, system)
    full = overfull(Counter(module for _, module in gifts), in_use, sets)
    if full:
        raise SystemRefused(_no_room(full, sets))
    await _restore(connection, system, gifts)
    rows = [
        {
            "system": system,
            "run": run,
            "user_id": user,
            "module": module,
            "picked": False,
            "state": SeatState.GIVEN,
            "at": now,
        }
        for user, module in sorted(gifts)
    ]
    await insert_new(connection, seat_log, rows)


def _no_room(full: Sequence[str], sets: Sequence[LicenseSet]) -> str:
    labels = {key: module.label for each in sets for key, module in each.by_key().items()}
    named = ", ".join(shown(labels.get(key, key)) for key in full)
    return (
        f"Not enough seats are free any longer to be given instead: {named}. Let fewer people get "
        "this plan, then try again."
    )


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
    gifts = await _logged(connection, system, run, SeatState.GIVEN)
    if taken:
        found = await _choose(connection, system, taken, gifts, sets)
        given, withdrawn = _seats(found.given), _seats(found.withdrawn)
        for module in sorted({module for _, module in withdrawn}):
            users = frozenset(user for user, each in withdrawn if each == module)
            await _remove(connection, system, module, users)
        await _restore(connection, system, given)
        handed_over = {seat for seat in gifts if seat[0] in found.withdrawn}
        await _mark(connection, system, run, SeatState.GIVEN_BACK, given, now)
        await _mark(connection, system, run, SeatState.LOST, set(taken) - given, now)
        await _mark(connection, system, run, SeatState.WITHDRAWN, handed_over, now)
        await _mark(connection, system, run, SeatState.KEPT, set(gifts) - handed_over, now)
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
    connection: AsyncConnection,
    system: str,
    taken: Collection[Seat],
    gifts: Collection[Seat],
    sets: Sequence[LicenseSet],
) -> Returns:
    """The seats that fit, and what is handed over for them; nothing of users who were deleted."""
    present = await _present(connection, system, {user for user, _ in taken})
    wanted = by_user(seat for seat in taken if seat[0] in present)
    held = await roster.held(connection, system, wanted)
    in_use = await roster.in_use(connection, system)
    return returns(wanted, by_user(gifts), held, in_use, sets)


def _seats(held: Held) -> set[Seat]:
    return {(user, module) for user, modules in held.items() for module in modules}


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
