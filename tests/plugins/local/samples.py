"""Licence files, tenants and a clock for the tests of the local system."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licbot.domain.licenses import Offer
from licbot.domain.removals import Removal
from licbot.hookspecs import SystemContext
from licbot.ports.database import Database
from licbot.testing import MemoryVault
from licbot_local.folder import FolderSource
from licbot_local.importing import import_tenant
from licbot_local.keys import PinnedKey
from licbot_local.licensefile import Acceptance, issue, read_unverified
from licbot_local.system import LocalSystem
from licbot_local.tenant import check_tenant

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KID = "nordwind-2026"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PINNED = PinnedKey(kid=KID, public=KEY.public_key())


class StoppedClock:
    """A clock that is set by hand."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


def module(name: str, number: int = 10, **changes: Any) -> dict[str, Any]:
    """A module of a payload."""
    return {
        "name": name,
        "description": name.replace("-", " ").title(),
        "tooltip": "",
        "version": "12.0",
        "type": "user",
        "number": number,
        "unrestricted": False,
        "hidden": False,
        "prerequisite": None,
        "extra_flags": 0,
        "extra_info": "",
        "sort_order": 10,
        **changes,
    }


def payload(modules: Sequence[Mapping[str, Any]] | None = None, **meta: Any) -> dict[str, Any]:
    """A payload; keywords change its ``meta``."""
    rows = [module("sales-premium"), module("service", 5)] if modules is None else modules
    return {
        "meta": {
            "version": 1,
            "kid": KID,
            "sequence": 42,
            "issued": "2026-11-24T09:00:00Z",
            "not_before": None,
            **meta,
        },
        "customer": {"company": "Fjordlicht GmbH", "serial": "1234567890"},
        "owner": {"name": "SUPEROFFICE", "description": "SuperOffice AS"},
        "dates": {
            "next_check": "2026-12-24",
            "admin_warning": "2027-02-27",
            "expiry": "2027-03-27",
            "grace": "2027-04-08",
            "maintenance": None,
        },
        "modules": [dict(row) for row in rows],
    }


def signed(value: object | None = None, key: Ed25519PrivateKey = KEY) -> bytes:
    """A licence file of a valid payload."""
    return issue(payload() if value is None else value, key)


def offer(modules: Sequence[Mapping[str, Any]] | None = None, **meta: Any) -> Offer:
    """An offer as the issuer would send it."""
    return read_unverified(signed(payload(modules, **meta))).offer


def acceptance(**changes: Any) -> Acceptance:
    """What a first licence file is checked against."""
    return Acceptance(**{"keys": {KID: PINNED}, "now": NOW, **changes})


def user(name: str, **changes: Any) -> dict[str, Any]:
    """A user of a tenant."""
    return {
        "id": name.lower(),
        "name": name,
        "email": f"{name.lower()}@fjordlicht.example",
    } | changes


def seat(name: str, key: str = "sales-premium") -> dict[str, str]:
    """A seat of a tenant."""
    return {"user": name.lower(), "module": key}


def tenant(
    users: Sequence[Mapping[str, Any]], seats: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """A tenant as JSON has it."""
    return {"users": [dict(each) for each in users], "seats": [dict(each) for each in seats]}


def removal(name: str, key: str = "sales-premium") -> Removal:
    """A planned removal."""
    return Removal(user=name.lower(), module=key, picked=True)


@dataclass(kw_only=True)
class Installation:
    """A local system with its database, its clock and its folder of offers."""

    database: Database
    folder: Path
    name: str = "local"
    clock: StoppedClock = field(default_factory=StoppedClock)

    @property
    def context(self) -> SystemContext:
        return SystemContext(
            name=self.name,
            settings={"offers": "offers"},
            folder=str(self.folder.parent),
            database=self.database,
            clock=self.clock,
            vault=MemoryVault(),
        )

    @property
    def system(self) -> LocalSystem:
        return LocalSystem(self.context, FolderSource(self.folder))

    async def fill(
        self,
        users: Sequence[Mapping[str, Any]] = (),
        seats: Sequence[Mapping[str, str]] = (),
        raw: bytes | None = None,
    ) -> None:
        """Import a tenant with a licence file, by default the sample with number 42."""
        await import_tenant(
            self.context,
            check_tenant(tenant(users, seats)),
            raw=signed() if raw is None else raw,
            trust=[PINNED],
        )

    def leave(self, name: str, raw: bytes) -> None:
        """Put a file into the folder of offers."""
        (self.folder / name).write_bytes(raw)


def as_json(value: object) -> bytes:
    """A value as a file would hold it."""
    return json.dumps(value).encode()
