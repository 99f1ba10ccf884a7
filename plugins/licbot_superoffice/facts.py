"""What was found out about a tenant, kept with the moment it was found out."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.roster.statements import upsert
from licbot_superoffice.tables import facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Something that was found out. value: as it was kept. at: when."""

    value: Any
    at: datetime


async def read_fact(connection: AsyncConnection, system: str, name: str) -> Fact | None:
    """What was last found out under a name."""
    rows = await connection.execute(
        select(facts.c.value, facts.c.at).where(facts.c.system == system, facts.c.name == name)
    )
    row = rows.first()
    return Fact(value=json.loads(row.value), at=row.at) if row else None


async def write_fact(
    connection: AsyncConnection, system: str, name: str, value: object, at: datetime
) -> None:
    """Keep what was found out, in place of what had this name."""
    row = {"system": system, "name": name, "value": json.dumps(value), "at": at}
    await upsert(connection, facts, [row])
