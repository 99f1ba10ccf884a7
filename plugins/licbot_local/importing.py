"""Tenants brought into the database, and taken out again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Insert, delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.errors import SystemRefused
from licbot.domain.licenses import ModuleLicense, fold
from licbot.domain.people import Holder, HolderKind
from licbot.hookspecs import SystemContext
from licbot.roster.statements import among
from licbot.roster.users import user_row
from licbot_local.consistency import require_consistent
from licbot_local.installing import modules_in_force, pin, put_in_force
from licbot_local.keys import PinnedKey
from licbot_local.rows import locked
from licbot_local.tables import roster, seat_log, seats, users
from licbot_local.tenant import Tenant, TenantFile, TenantUser

_CHUNK = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import brought in."""

    users: int
    seats: int
    modules: int


async def import_tenant(
    context: SystemContext,
    file: TenantFile,
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
        if not modules and not file.malformed:
            raise SystemRefused(
                "No licence is installed here yet. Import the tenant together with its licence "
                "file: --license FILE --trust KID=KEY.pem"
            )
        tenant = require_consistent(file, modules)
        await _fill(connection, context.name, tenant)
        return Imported(users=len(tenant.users), seats=len(tenant.seats), modules=len(modules))


async def export_tenant(context: SystemContext) -> bytes:
    """All users and seats of a system as JSON, always in the same order, to import again."""
    async with context.database.read() as connection:
        modules = await modules_in_force(connection, context.name)
        people = await _users(connection, context.name)
        held = await _seats(connection, context.name, modules)
    return f'{{"users": {_rows(people)}, "seats": {_rows(held)}}}\n'.encode()


async def _clear(connection: AsyncConnection, system: str) -> None:
    # What runs took from former users must not come back to those who now have their ids.
    for table in (seat_log, seats, users):
        await connection.execute(delete(table).where(table.c.system == system))


async def _fill(connection: AsyncConnection, system: str, tenant: Tenant) -> None:
    rows = (_user_row(system, user) for user in sorted(tenant.users, key=lambda user: user.id))
    while chunk := list(islice(rows, _CHUNK)):
        await connection.execute(insert(users), chunk)
    holders: dict[str, list[str]] = {}
    for seat in tenant.seats:
        holders.setdefault(seat.module, []).append(seat.user)
    for module, ids in holders.items():
        await connection.execute(_seats_for(connection, system, fold(module), ids))
    await roster.analyse(connection)


def _seats_for(connection: AsyncConnection, system: str, module: str, ids: Sequence[str]) -> Insert:
    """Seats of one module for many users, in one statement."""
    rows = select(users.c.system, literal(module), users.c.id, users.c.deleted.is_(False))
    return insert(seats).from_select(
        ["system", "module", "user_id", "active"],
        rows.where(users.c.system == system, users.c.id.in_(among(connection, ids))),
    )


def _user_row(system: str, user: TenantUser) -> dict[str, Any]:
    stored = Holder(
        id=user.id,
        name=user.name,
        email=user.email,
        kind=HolderKind(user.kind),
        administrator=user.administrator,
        can_login=user.can_login,
        last_login=user.last_login_time,
    )
    return user_row(system, stored, deleted=user.deleted)


async def _users(connection: AsyncConnection, system: str) -> list[dict[str, object]]:
    fields = [users.c[name] for name in TenantUser.model_fields]
    rows = await connection.execute(select(*fields).where(users.c.system == system))
    # Databases differ in how they order text.
    ordered = sorted(rows.mappings(), key=lambda row: row["id"])
    return [{**row, "last_login": _iso(row["last_login"])} for row in ordered]


async def _seats(
    connection: AsyncConnection, system: str, modules: Mapping[str, ModuleLicense]
) -> list[dict[str, object]]:
    rows = await connection.execute(
        select(seats.c.user_id, seats.c.module).where(seats.c.system == system)
    )
    names = {key: module.name for key, module in modules.items()}
    ordered = sorted((user, key) for user, key in rows)
    return [{"user": user, "module": names.get(key, key)} for user, key in ordered]


def _iso(time: datetime | None) -> str | None:
    return time.isoformat().replace("+00:00", "Z") if time else None


def _rows(rows: Sequence[dict[str, object]]) -> str:
    """A JSON list with a row on each line."""
    lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n  {lines}\n]" if lines else "[]"
