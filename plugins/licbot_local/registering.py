"""Registering a demo version: from then on only its customer's licences are accepted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.errors import SystemRefused
from licbot.domain.licenses import Customer, LicenseSet
from licbot_local.tables import customers


async def registered(connection: AsyncConnection, system: str) -> Customer | None:
    """The customer whom the demo version was registered for."""
    rows = await connection.execute(select(customers).where(customers.c.system == system))
    row = rows.first()
    return Customer(company=row.company, serial=row.serial) if row else None


async def register(
    connection: AsyncConnection,
    system: str,
    customer: Customer,
    sets: Sequence[LicenseSet],
    now: datetime,
) -> None:
    """Remember a demo version's customer; again, as long as no licence of theirs is in force.

    sets: those in force. Needs a locked transaction. Raises SystemRefused.
    """
    if not sets or not all(each.customer.is_demo for each in sets):
        raise SystemRefused(
            "The installed licence is not a demo version, so it keeps its serial number. A new "
            "serial number comes with a new licence: ask its issuer. Nothing was changed."
        )
    await connection.execute(delete(customers).where(customers.c.system == system))
    row = {"company": customer.company, "serial": customer.serial, "at": now}
    await connection.execute(insert(customers).values(system=system, **row))
