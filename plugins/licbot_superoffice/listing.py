"""Reading who holds what, for the stored list.

The list is asked for page by page: first all users, then for each licence those who hold it. How
many requests that takes depends on how many there are, and on nothing else.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense, Owner
from licbot.domain.people import Holder, HolderKind
from licbot.domain.removals import dependencies
from licbot.hookspecs import SystemContext
from licbot_superoffice.archive import (
    ArchiveRefused,
    Row,
    names_in,
    pages,
    text,
    user_id,
)
from licbot_superoffice.flight import Flight
from licbot_superoffice.licences import entity_of
from licbot_superoffice.requests import open_requests
from licbot_superoffice.roles import administrator_roles, has_role, may_sign_in
from licbot_superoffice.settings import Config
from licbot_superoffice.standings import Standings
from licbot_superoffice.stored import Reading, begin_reading
from licbot_superoffice.suite import NO_PLAN, is_suite, seat_modules
from licbot_superoffice.wire import Api
from licbot_superoffice.words import one_line

log = structlog.get_logger(__name__)

_ARCHIVES = {"InternalUsers": HolderKind.ASSOCIATE, "OtherUsers": HolderKind.OTHER}
_COLUMNS = (
    "associateDbId",
    "assocName",
    "fullName",
    "personEmail",
    "role",
    "canLogin",
    "isActive",
    "assocType",
)
_ID = "associateDbId"
_LONGEST_ADDRESS = 254


class KnownAdministrators(Protocol):
    """Those who are known to administer a tenant from their own sign-in."""

    async def associates(self) -> Collection[str]:
        """Their user ids."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What is known before the users are read.

    roles: of administrators. administrators: users who are known to be. requests: open ones.
    """

    roles: frozenset[str]
    administrators: frozenset[str]
    requests: Mapping[str, int]


class Listing:
    """Reads all users and seats of a tenant into the stored list."""

    def __init__(
        self,
        context: SystemContext,
        config: Config,
        api: Api,
        standings: Standings,
        administrators: KnownAdministrators,
    ) -> None:
        self._context = context
        self._config = config
        self._api = api
        self._standings = standings
        self._administrators = administrators
        self._flight: Flight[None] = Flight()
        self._one_at_a_time = asyncio.Lock()
        self._generation = 0

    async def refresh(self) -> None:
        """Read everything anew. Raises SystemUnavailable, with the list left as it is.

        Whoever asks before the reading has begun shares it; later ones may want to see what has
        been read already, and share the next.
        """
        await self._flight.join(str(self._generation), self._refresh)

    async def _refresh(self) -> None:
        async with self._one_at_a_time:
            self._generation += 1
            await self._read()

    async def _read(self) -> None:
        context = self._context
        sets = [each.in_force for each in await self._standings.fresh() if each.in_force]
        reading = await begin_reading(context.database, context.name, context.clock.now())
        gaps: list[str] = []
        known = await self._learn(gaps)
        for archive, kind in _ARCHIVES.items():
            try:
                await self._read_archive(reading, archive, kind, known, sets)
            except ArchiveRefused as refused:
                if kind is HolderKind.ASSOCIATE:
                    raise
                gaps.append(refused.message)
        await self._derive(reading, sets)
        listed = await reading.end(context.clock.now(), gaps)
        log.info("the list of users was read", system=context.name, users=listed, gaps=len(gaps))

    async def _learn(self, gaps: list[str]) -> _Known:
        requests: Mapping[str, int] = {}
        try:
            requests = await open_requests(self._api)
        except ArchiveRefused as refused:
            gaps.append(refused.message)
        return _Known(
            roles=await administrator_roles(self._api, self._config),
            administrators=frozenset(await self._administrators.associates()),
            requests=requests,
        )

    async def _read_archive(
        self,
        reading: Reading,
        archive: str,
        kind: HolderKind,
        known: _Known,
        sets: Sequence[LicenseSet],
    ) -> None:
        names = await names_in(self._api, archive)
        columns = [each for each in _COLUMNS if each.casefold() in names] or _COLUMNS
        everybody = "all" if "all" in names else ""
        async for page in pages(self._api, archive, columns, order=_ID, entity=everybody):
            await reading.add_users([_user(row, kind, known) for row in page])
        for owner, module in self._listed(sets):
            entity = entity_of(owner, module)
            if entity.casefold() in names:
                async for page in pages(self._api, archive, [_ID], order=_ID, entity=entity):
                    await reading.add_seats(module.key, [str(user_id(row)) for row in page])

    def _listed(self, sets: Sequence[LicenseSet]) -> Sequence[tuple[Owner, ModuleLicense]]:
        """The licences whose holders SuperOffice lists."""
        seats = self._seats_of_all(sets)
        return [
            (each.owner, module)
            for each in sets
            for module in each.modules
            if module.type is LicenseType.USER
            and not module.hidden
            and module.key != NO_PLAN
            and module.key not in seats
        ]

    def _seats_of_all(self, sets: Sequence[LicenseSet]) -> frozenset[str]:
        """Keys of the licences that everybody holds who can log in."""
        if not is_suite(sets, self._config.seats):
            return frozenset()
        return frozenset(module.key for module in seat_modules(sets))

    async def _derive(self, reading: Reading, sets: Sequence[LicenseSet]) -> None:
        """The seats that no list has: they follow from what is known."""
        for module in sorted(self._seats_of_all(sets)):
            await reading.add_seats_of_all(module)
        for plan, members in sorted(dependencies(sets).plans.items()):
            await reading.add_members(plan, members)


def _user(row: Row, kind: HolderKind, known: _Known) -> Holder:
    user = str(user_id(row))
    email = text(row, "personEmail")
    return Holder(
        id=user,
        name=one_line(text(row, "fullName") or text(row, "assocName") or user, 250),
        email=email if len(email) <= _LONGEST_ADDRESS else "",
        kind=kind,
        administrator=has_role(row, known.roles) or user in known.administrators,
        can_login=may_sign_in(row),
        open_requests=known.requests.get(user, 0),
    )
