"""licbot's own count of offers: SuperOffice does not number its licences.

A licence that is offered again keeps its number, whatever figures stand around it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.errors import Conflict
from licbot.ports.database import Database
from licbot.roster.statements import insert_new
from licbot_superoffice.tables import offers

_TRIES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """The number of an offer among those of its owner, from 1, and when it was first found."""

    number: int
    found: datetime


async def count_offer(
    database: Database, system: str, owner: str, digest: str, now: datetime
) -> Count:
    """The count of an offer; the next number where it is new. owner: the key of its name.

    Raises Conflict where others were quicker again and again.
    """
    async with database.begin() as connection:
        for _ in range(_TRIES):
            known = await _known(connection, system, owner, digest)
            if known is not None:
                return known
            row = {
                "system": system,
                "owner": owner,
                "digest": digest,
                "number": await _highest(connection, system, owner) + 1,
                "found_at": now,
            }
            await insert_new(connection, offers, [row])
    raise Conflict


async def _known(connection: AsyncConnection, system: str, owner: str, digest: str) -> Count | None:
    rows = await connection.execute(
        select(offers.c.number, offers.c.found_at).where(
            offers.c.system == system, offers.c.owner == owner, offers.c.digest == digest
        )
    )
    row = rows.first()
    return Count(number=row.number, found=row.found_at) if row else None


async def _highest(connection: AsyncConnection, system: str, owner: str) -> int:
    highest = await connection.scalar(
        select(func.max(offers.c.number)).where(offers.c.system == system, offers.c.owner == owner)
    )
    return highest or 0
