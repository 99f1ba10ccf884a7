"""Tenants brought into the database, and taken out again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.errors import SystemRefused
from licbot.domain.licenses import ModuleLicense, fold
from licbot.hookspecs import SystemContext
from licbot_local.installing import modules_in_force, pin, put_in_force
from licbot_local.keys import PinnedKey
from licbot_local.rows import locked
from licbot_local.tables import seat_log, seats, users
from licbot_local.tenant import Tenant, TenantSeat, TenantUser, require_consistent, tenant_json
from licbot_local.users import email_key, search_text, searchable

_CHUNK = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import brought in."""

    users: int
    seats: int
    modules: int


async def import_tenant(
    context: SystemContext,
    tenant: Tenant,
    *,
    raw: bytes | None = None,
    trust: Sequence[PinnedKey] = (),
) -> Imported:
    """Replace all users and seats of a system, in one transaction.

    raw: a licence file to put in force with them. trust: keys to pin before it is verified.
    Raises TenantRefused, OfferRefused, SystemRefused or KeyRefused, with nothing changed.
    """
    async with locked(context.database, context.name) as connection:
        now = context.clock.now()
        for key in trust:
            await pin(connection, context.name, key)
        await _clear(connection, context.name)
        if raw is not None:
            await put_in_force(connection, context.name, raw, now)
        modules = await modules_in_force(connection, context.name)
        if not modules:
            raise SystemRefused(
                "No licence is installed here yet. Import the tenant together with its licence "
                "file: --license FILE --trust KID=KEY.pem"
            )
        require_consistent(tenant, modules)
        await _fill(connection, context.name, tenant)
        return Imported(users=len(tenant.users), seats=len(tenant.seats), modules=len(modules))


async def export_tenant(context: SystemContext) -> dict[str, object]:
    """All users and seats of a system as the JSON value that can be imported again."""
    async with context.database.read() as connection:
        modules = await modules_in_force(connection, context.name)
        people = await _users(connection, context.name)
        held = await _seats(connection, context.name, modules)
    return tenant_json(people, held)


async def _clear(connection: AsyncConnection, system: str) -> None:
    # What runs took from former users must not come back to those who now have their ids.
    for table in (seat_log, seats, users):
        await connection.execute(delete(table).where(table.c.system == system))


async def _fill(connection: AsyncConnection, system: str, tenant: Tenant) -> None:
    rows = (_user_row(system, user) for user in tenant.users)
    while chunk := list(islice(rows, _CHUNK)):
        await connection.execute(insert(users), chunk)
    held = _seat_rows(system, tenant)
    while chunk := list(islice(held, _CHUNK)):
        await connection.execute(insert(seats), chunk)


def _user_row(system: str, user: TenantUser) -> dict[str, Any]:
    return {
        **user.model_dump(),
        "system": system,
        "name_key": searchable(user.name),
        "email_key": email_key(user.email),
        "search": search_text(user.name, user.email),
        "last_login": user.last_login_time,
    }


def _seat_rows(system: str, tenant: Tenant) -> Iterator[dict[str, Any]]:
    deleted = {user.id for user in tenant.users if user.deleted}
    for seat in tenant.seats:
        yield {
            "system": system,
            "module": fold(seat.module),
            "user_id": seat.user,
            "active": seat.user not in deleted,
        }


async def _users(connection: AsyncConnection, system: str) -> list[TenantUser]:
    fields = [users.c[name] for name in TenantUser.model_fields]
    rows = await connection.execute(select(*fields).where(users.c.system == system))
    return [TenantUser.model_construct(**row) for row in rows.mappings()]


async def _seats(
    connection: AsyncConnection, system: str, modules: Mapping[str, ModuleLicense]
) -> list[TenantSeat]:
    rows = await connection.execute(
        select(seats.c.user_id, seats.c.module).where(seats.c.system == system)
    )
    return [
        TenantSeat.model_construct(user=user, module=modules[key].name if key in modules else key)
        for user, key in rows
    ]
