"""Licence files in force: what a new one is checked against, and how it is put in force."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.changes import Change, compare, red
from licbot.domain.errors import OfferRefused, SystemRefused
from licbot.domain.licenses import (
    Customer,
    LicenseSet,
    LicenseType,
    ModuleLicense,
    Offer,
    is_reached,
)
from licbot.ports.texts import count, day
from licbot.roster.statements import among
from licbot_local.keys import KeyRefused, PinnedKey, read_public_key
from licbot_local.licensefile import (
    Acceptance,
    LicenseFile,
    digest_of,
    read_unverified,
    verify,
)
from licbot_local.registering import registered
from licbot_local.rows import latest_moment, record_moment
from licbot_local.seats import drop_seats
from licbot_local.tables import accepted, installed, keys, roster
from licbot_local.wording import shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How licences stand in a system.

    in_force: the licence files in force. digests: of their bytes.
    """

    in_force: Sequence[LicenseFile]
    acceptance: Acceptance

    def find(self, digest: str) -> LicenseFile | None:
        """The licence file in force with these bytes."""
        return next((each for each in self.in_force if each.offer.digest == digest), None)

    def verify(self, raw: bytes, source: str = "") -> LicenseFile:
        """Read a licence file that may be put in force. Raises OfferRefused."""
        if self.find(digest_of(raw)) is not None:
            raise OfferRefused(
                "This licence is in force already, so there is nothing to do. If you expected a "
                "newer one, ask its issuer for it.",
                check=7,
            )
        read = verify(raw, self.acceptance, source)
        self._require_distinct(read.offer.license)
        return read

    def _require_distinct(self, offered: LicenseSet) -> None:
        for other in (each.offer.license for each in self.in_force):
            twice = offered.by_key().keys() & other.by_key().keys()
            if twice and other.owner.key != offered.owner.key:
                raise OfferRefused(
                    f"The module {shown(min(twice))} is in this licence of "
                    f"{shown(offered.owner.label)} and in the installed one of "
                    f"{shown(other.owner.label)}. Ask either issuer to name it differently."
                )


async def standing(connection: AsyncConnection, system: str, now: datetime) -> Standing:
    """How licences stand at this moment."""
    in_force = await files_in_force(connection, system)
    return Standing(
        in_force=in_force,
        acceptance=Acceptance(
            keys=await _pinned(connection, system),
            now=now,
            latest=await latest_moment(connection, system),
            customer=await _expected(connection, system, in_force),
            highest=await _highest(connection, system),
        ),
    )


async def files_in_force(connection: AsyncConnection, system: str) -> Sequence[LicenseFile]:
    """The licence files in force, by their owners. They were verified when they came."""
    rows = await connection.scalars(
        select(installed.c.raw).where(installed.c.system == system).order_by(installed.c.owner)
    )
    return [read_unverified(raw) for raw in rows]


async def modules_in_force(connection: AsyncConnection, system: str) -> Mapping[str, ModuleLicense]:
    """The module licences of all owners, by key."""
    files = await files_in_force(connection, system)
    return {m.key: m for each in files for m in each.offer.license.modules}


async def accepted_before(
    connection: AsyncConnection, system: str, digests: Iterable[str]
) -> frozenset[str]:
    """Those of the digests whose licence files were in force at some time."""
    found = await connection.scalars(
        select(accepted.c.digest).where(
            accepted.c.system == system, accepted.c.digest.in_(among(connection, digests))
        )
    )
    return frozenset(found)


async def pin(connection: AsyncConnection, system: str, key: PinnedKey) -> None:
    """Trust a key. Raises KeyRefused where another one has the same id."""
    known = (await _pinned(connection, system)).get(key.kid)
    if known is None:
        await connection.execute(
            insert(keys).values(
                system=system,
                kid=key.kid,
                pem=key.pem,
                not_before=key.not_before,
                not_after=key.not_after,
            )
        )
    elif known.pem != key.pem:
        raise KeyRefused(
            f"Another key is trusted under the name {shown(key.kid)} already. "
            "Give the new key a name of its own."
        )


async def put_in_force(
    connection: AsyncConnection, system: str, raw: bytes, now: datetime
) -> LicenseFile:
    """Verify a licence file and let it take the place of its owner's former one.

    Once it is in force, doing it again changes nothing. Needs a locked transaction.
    Raises OfferRefused or SystemRefused.
    """
    stands = await standing(connection, system, now)
    known = stands.find(digest_of(raw))
    if known is not None:
        return known
    read = stands.verify(raw)
    offer = read.offer
    _require_reached(offer, now)
    former = _former(stands, offer.license)
    _require_enough(compare(former, offer.license, await roster.in_use(connection, system)))
    await drop_seats(connection, system, _without_seats(former, offer.license))
    await _write(connection, system, read, now)
    await record_moment(connection, system, now)
    return read


async def _pinned(connection: AsyncConnection, system: str) -> Mapping[str, PinnedKey]:
    rows = await connection.execute(select(keys).where(keys.c.system == system))
    return {
        row.kid: PinnedKey(
            kid=row.kid,
            public=read_public_key(row.pem.encode()),
            not_before=row.not_before,
            not_after=row.not_after,
        )
        for row in rows
    }


async def _highest(connection: AsyncConnection, system: str) -> Mapping[tuple[str, str], int]:
    rows = await connection.execute(
        select(accepted.c.owner, accepted.c.kid, func.max(accepted.c.sequence))
        .where(accepted.c.system == system)
        .group_by(accepted.c.owner, accepted.c.kid)
    )
    return {(owner, kid): sequence for owner, kid, sequence in rows}


async def _expected(
    connection: AsyncConnection, system: str, in_force: Sequence[LicenseFile]
) -> Customer | None:
    """Whose licences are accepted: for a demo version, those of whom it was registered for."""
    installed = _customer(each.offer.license for each in in_force)
    if installed is not None and installed.is_demo:
        return await registered(connection, system) or installed
    return installed


def _customer(sets: Iterable[LicenseSet]) -> Customer | None:
    """The installed customer; a real one where some sets are still of a demo version."""
    customers = [each.customer for each in sets]
    return min(customers, key=lambda customer: customer.is_demo, default=None)


def _former(stands: Standing, offered: LicenseSet) -> LicenseSet | None:
    sets = (each.offer.license for each in stands.in_force)
    return next((each for each in sets if each.owner.key == offered.owner.key), None)


def _require_reached(offer: Offer, now: datetime) -> None:
    if offer.not_before is not None and not is_reached(offer.not_before, now):
        raise SystemRefused(
            f"This licence may not be activated before {day(offer.not_before)}. "
            "Activate it then. Nothing was changed."
        )


def _require_enough(changes: Sequence[Change]) -> None:
    short = red(changes)
    if short:
        gaps = "; ".join(
            f"{shown(change.module.label)} has {count(change.in_use, 'seat')} in use and would "
            f"have {change.new_total:,}, which is {change.surplus:,} too few"
            for change in short
        )
        raise SystemRefused(
            f"More seats are in use than this licence grants: {gaps}. "
            "Nothing was changed. Remove the surplus first."
        )


def _without_seats(former: LicenseSet | None, offered: LicenseSet) -> frozenset[str]:
    """Keys of this owner's licences that users can't hold a seat of any longer."""
    held = _for_users(former) if former else frozenset()
    return held - _for_users(offered)


def _for_users(license_set: LicenseSet) -> frozenset[str]:
    return frozenset(m.key for m in license_set.modules if m.type is LicenseType.USER)


async def _write(
    connection: AsyncConnection, system: str, read: LicenseFile, now: datetime
) -> None:
    offer = read.offer
    row = {
        "system": system,
        "owner": offer.license.owner.key,
        "kid": read.kid,
        "sequence": offer.sequence,
        "digest": offer.digest,
        "at": now,
    }
    await connection.execute(
        delete(installed).where(
            installed.c.system == system, installed.c.owner == offer.license.owner.key
        )
    )
    await connection.execute(insert(installed).values(**row, raw=offer.raw))
    await connection.execute(insert(accepted).values(**row))
