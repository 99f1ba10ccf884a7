"""Planned removals in the database."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping, case, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.removals import Removal
from licbot.ports.store import PlanCounts
from licbot.store.statements import chunks
from licbot.store.tables import REMOVAL


async def read_removals(
    connection: AsyncConnection, activation_id: str, after: tuple[str, str], limit: int | None
) -> Sequence[Removal]:
    """The planned removals in the order of user and module, from after a (user, module)."""
    columns = REMOVAL.c
    query = (
        select(
            columns.user,
            columns.module,
            columns.picked,
            columns.done,
            columns.instead,
            columns.gives,
        )
        .where(
            columns.activation == activation_id,
            tuple_(columns.user, columns.module) > after,
        )
        .order_by(columns.user, columns.module)
        .limit(limit)
    )
    return [_removal(row) for row in (await connection.execute(query)).mappings()]


async def replace_removals(
    connection: AsyncConnection,
    activation_id: str,
    users: Sequence[str],
    removals: Sequence[Removal],
) -> None:
    """Replace the planned removals of these users."""
    for some in chunks(users):
        await connection.execute(
            delete(REMOVAL).where(REMOVAL.c.activation == activation_id, REMOVAL.c.user.in_(some))
        )
    if removals:
        rows = [_row(activation_id, removal) for removal in removals]
        await connection.execute(REMOVAL.insert(), rows)


async def count_plan(connection: AsyncConnection, activation_id: str) -> PlanCounts:
    """What the planned removals come to."""
    mine = REMOVAL.c.activation == activation_id
    open_user = case((REMOVAL.c.done, None), else_=REMOVAL.c.user)
    counted = (func.count(), func.count(open_user))
    kinds = (REMOVAL.c.module, REMOVAL.c.instead, REMOVAL.c.gives)
    seats = select(REMOVAL.c.module, *counted).where(mine).group_by(REMOVAL.c.module)
    swaps = select(*kinds, *counted).where(mine, REMOVAL.c.instead != "").group_by(*kinds)
    users = select(func.count(REMOVAL.c.user.distinct()), func.count(open_user.distinct()))
    people, to_do = (await connection.execute(users.where(mine))).one()
    return _counts(
        (await connection.execute(seats)).all(),
        (await connection.execute(swaps)).all(),
        people=people,
        to_do=to_do,
    )


def _counts(
    seats: Iterable[Sequence[Any]], swaps: Iterable[Sequence[Any]], *, people: int, to_do: int
) -> PlanCounts:
    """seats: by module key, how many are taken and how many of them are still to be. swaps: by
    what is taken, what is given instead and all that is given with it, likewise.
    """
    lost: dict[str, int] = {}
    given: Counter[str] = Counter()
    freed: Counter[str] = Counter()
    reassigned: Counter[tuple[str, str]] = Counter()
    for module, count, open_count in seats:
        lost[module] = count
        freed[module] = open_count
    for module, instead, gives, count, open_count in swaps:
        reassigned[module, instead] += count
        given.update(dict.fromkeys(json.loads(gives), open_count))
    freed.subtract(given)
    return PlanCounts(
        lost=lost,
        given={module: count for module, count in given.items() if count},
        freed={module: count for module, count in freed.items() if count},
        reassigned=dict(reassigned),
        people=people,
        to_do=to_do,
    )


def _row(activation_id: str, removal: Removal) -> dict[str, Any]:
    # Not by asdict: it takes most of the time where thousands lose a seat.
    return {
        "activation": activation_id,
        "user": removal.user,
        "module": removal.module,
        "picked": removal.picked,
        "done": removal.done,
        "instead": removal.instead,
        "gives": json.dumps(removal.gives),
    }


def _removal(row: RowMapping) -> Removal:
    return Removal(**{**row, "gives": tuple(json.loads(row["gives"]))})
