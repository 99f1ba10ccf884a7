"""Licensed systems, each filled with the contract's tenant."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert

from licbot.domain.licenses import LicenseSet, Moment
from licbot.domain.people import Holder, Person
from licbot.hookspecs import SystemContext
from licbot.ports.database import Database
from licbot.testing.bench import Bench, Tenant
from licbot.testing.clock import START, FakeClock
from licbot.testing.licenses import offer
from licbot.testing.system import MemorySystem
from licbot.testing.vault import MemoryVault
from licbot_local.folder import FolderSource
from licbot_local.importing import import_tenant
from licbot_local.licensefile import issue
from licbot_local.system import LocalSystem
from licbot_local.tables import seats
from licbot_local.tenant import check_tenant
from tests.plugins.local.samples import KEY, KID, PINNED


class MemoryBench:
    """A system in memory."""

    def __init__(self, tenant: Tenant) -> None:
        self.clock = FakeClock()
        self.system = MemorySystem(self.clock)
        self.system.put_in_force(tenant.installed, 1)
        for user in tenant.users:
            self.system.add(user, *tenant.seats.get(user.id, ()))
        for deleted in tenant.deleted:
            self.system.delete(deleted)

    async def leave(
        self, offered: LicenseSet, sequence: int, not_before: Moment | None = None
    ) -> None:
        self.system.leave(offer(offered, sequence, not_before=not_before))

    async def seat(self, user: str, module: str) -> None:
        self.system.seats.give(user, module)

    async def unseat(self, user: str, module: str) -> None:
        self.system.seats.revoke(user, module)

    async def meet(self, email: str) -> Person:
        return Person(id="U1", name="Somebody", email=email)


class LocalBench:
    """A ``local`` system on a database, with its folder of offers."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.clock = FakeClock()
        self.context = SystemContext(
            name="crm",
            settings={},
            folder=str(folder),
            database=database,
            clock=self.clock,
            vault=MemoryVault(),
        )
        self.system = LocalSystem(self.context, FolderSource(folder))
        self._folder = folder

    async def fill(self, tenant: Tenant) -> Bench:
        users = [_user(user, deleted=user.id in tenant.deleted) for user in tenant.users]
        held = [
            {"user": user, "module": module}
            for user, modules in tenant.seats.items()
            for module in sorted(modules)
        ]
        await import_tenant(
            self.context,
            check_tenant({"users": users, "seats": held}),
            raw=issue(_payload(tenant.installed, 1), KEY),
            trust=[PINNED],
        )
        return self

    async def leave(
        self, offered: LicenseSet, sequence: int, not_before: Moment | None = None
    ) -> None:
        raw = issue(_payload(offered, sequence, not_before), KEY)
        (self._folder / f"{sequence}.lic").write_bytes(raw)

    async def seat(self, user: str, module: str) -> None:
        async with self.context.database.begin() as connection:
            await connection.execute(
                insert(seats).values(
                    system=self.context.name, user_id=user, module=module, active=True
                )
            )

    async def unseat(self, user: str, module: str) -> None:
        async with self.context.database.begin() as connection:
            await connection.execute(
                delete(seats).where(seats.c.user_id == user, seats.c.module == module)
            )

    async def meet(self, email: str) -> Person:
        return Person(id="U1", name="Somebody", email=email)


def _user(user: Holder, *, deleted: bool) -> dict[str, Any]:
    row = asdict(user)
    del row["open_requests"]
    return row | {
        "kind": user.kind.value,
        "last_login": _iso(user.last_login),
        "deleted": deleted,
    }


def _payload(offered: LicenseSet, sequence: int, not_before: Moment | None = None) -> Any:
    return {
        "meta": {
            "version": 1,
            "kid": KID,
            "sequence": sequence,
            "issued": _iso(START),
            "not_before": _iso(not_before),
        },
        "customer": asdict(offered.customer),
        "owner": asdict(offered.owner),
        "dates": {name: _iso(moment) for name, moment in asdict(offered.dates).items()},
        "modules": [{**asdict(module), "type": module.type.value} for module in offered.modules],
    }


def _iso(moment: Moment | None) -> str | None:
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    return moment.isoformat() if isinstance(moment, date) else None
