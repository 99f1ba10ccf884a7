"""Reading who holds what, for the stored list.

The list is asked for page by page: first all users, then for each licence those who hold it. How
many requests that takes depends on how many there are, and on nothing else.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from licbot.domain.licenses import LicenseSet
from licbot.domain.people import Holder, HolderKind
from licbot.domain.removals import dependencies
from licbot.hookspecs import SystemContext
from licbot.ports.texts import count
from licbot_superoffice.archive import (
    ArchiveFailed,
    ArchiveRefused,
    Row,
    names_in,
    pages,
    text,
    user_id,
)
from licbot_superoffice.flight import Flight
from licbot_superoffice.licences import entity_of
from licbot_superoffice.requests import OpenRequests, open_requests
from licbot_superoffice.roles import (
    administrator_roles,
    has_role,
    is_unclear,
    may_sign_in,
)
from licbot_superoffice.settings import Config
from licbot_superoffice.shortfall import Named, shortfall, visible
from licbot_superoffice.standings import Standings
from licbot_superoffice.stored import Reading, begin_reading, list_state, note_refusal
from licbot_superoffice.suite import is_suite, seat_modules
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
_RETIRED = "retired"
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


@dataclass(kw_only=True, slots=True)
class _Notes:
    """What is noticed while a list is read.

    gaps: what SuperOffice does not tell, in words. entities: licences that it has a list of.
    unclear: associates of whom it is not clear whether they can log in.
    """

    gaps: list[str] = field(default_factory=list)
    entities: set[str] = field(default_factory=set)
    unclear: int = 0


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

    async def refresh(self, since: datetime | None = None) -> None:
        """Read everything anew. Raises SystemUnavailable, with the list left as it is.

        Whoever asks before the reading has begun shares it; later ones may want to see what has
        been read already, and share the next. since: whoever names a moment is content with a
        complete reading that began then or later.
        """
        if since is not None:
            # One that is under way may be it.
            async with self._one_at_a_time:
                if await self._has_read_since(since):
                    return
        await self._flight.join(str(self._generation), self._refresh)

    async def _refresh(self) -> None:
        async with self._one_at_a_time:
            self._generation += 1
            try:
                await self._read()
            except (ArchiveRefused, ArchiveFailed) as refused:
                context = self._context
                now = context.clock.now()
                await note_refusal(context.database, context.name, refused.message, now)
                raise

    async def _has_read_since(self, moment: datetime) -> bool:
        async with self._context.database.read() as connection:
            state = await list_state(connection, self._context.name)
        return state is not None and state.began is not None and state.began >= moment

    async def _read(self) -> None:
        context = self._context
        reading = await begin_reading(context.database, context.name, context.clock.now())
        sets = [each.in_force for each in await self._standings.fresh() if each.in_force]
        notes = _Notes()
        known = await self._learn(notes)
        for archive, kind in _ARCHIVES.items():
            try:
                await self._read_archive(reading, archive, kind, known, sets, notes)
            except ArchiveRefused as refused:
                if kind is HolderKind.ASSOCIATE:
                    raise
                notes.gaps.append(refused.message)
        await self._derive(reading, sets)
        listed = await self._end(reading, sets, notes)
        gaps = len(notes.gaps)
        log.info("the list of users was read", system=context.name, users=listed, gaps=gaps)

    async def _end(self, reading: Reading, sets: Sequence[LicenseSet], notes: _Notes) -> int:
        if notes.unclear:
            people = count(notes.unclear, "user")
            notes.gaps.append(f"SuperOffice does not say clearly whether {people} can log in.")
        in_use = {k: n for each in await self._standings.recent() for k, n in each.in_use.items()}
        unlisted = {
            module.key
            for owner, module in self._listed(sets)
            if entity_of(owner, module).casefold() not in notes.entities
        }
        missing = shortfall(sets, in_use, await reading.holders(), unlisted)
        notes.gaps += missing.gaps
        return await reading.end(self._context.clock.now(), notes.gaps, missing.problems)

    async def _learn(self, notes: _Notes) -> _Known:
        requests = OpenRequests(owned={})
        try:
            requests = await open_requests(self._api)
        except (ArchiveRefused, ArchiveFailed) as refused:
            notes.gaps.append(refused.message)
        notes.gaps += requests.gaps
        return _Known(
            roles=await administrator_roles(self._api, self._config),
            administrators=frozenset(await self._administrators.associates()),
            requests=requests.owned,
        )

    async def _read_archive(
        self,
        reading: Reading,
        archive: str,
        kind: HolderKind,
        known: _Known,
        sets: Sequence[LicenseSet],
        notes: _Notes,
    ) -> None:
        names = await names_in(self._api, archive)
        retired = await self._retired(archive, names, notes)
        columns = [each for each in _COLUMNS if each.casefold() in names] or _COLUMNS
        everybody = "all" if "all" in names else ""
        async for page in pages(self._api, archive, columns, order=_ID, entity=everybody):
            await reading.add_users([_user(row, kind, known, retired) for row in page])
            if kind is HolderKind.ASSOCIATE:
                notes.unclear += sum(is_unclear(row) for row in page)
        for owner, module in self._listed(sets):
            entity = entity_of(owner, module)
            if entity.casefold() in names:
                notes.entities.add(entity.casefold())
                async for page in pages(self._api, archive, [_ID], order=_ID, entity=entity):
                    ids = {str(user_id(row)) for row in page}
                    await reading.add_seats(module.key, ids - retired)

    async def _retired(self, archive: str, names: Collection[str], notes: _Notes) -> frozenset[str]:
        """Former employees: they may be listed with a licence, and hold none that counts."""
        found: set[str] = set()
        if _RETIRED in names:
            try:
                async for page in pages(self._api, archive, [_ID], order=_ID, entity=_RETIRED):
                    found.update(str(user_id(row)) for row in page)
            except ArchiveRefused as refused:
                notes.gaps.append(refused.message)
        return frozenset(found)

    def _listed(self, sets: Sequence[LicenseSet]) -> Sequence[Named]:
        """The licences whose holders SuperOffice lists."""
        seats = self._seats_of_all(sets)
        return [(owner, module) for owner, module in visible(sets) if module.key not in seats]

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


def _user(row: Row, kind: HolderKind, known: _Known, retired: Collection[str]) -> Holder:
    user = str(user_id(row))
    email = text(row, "personEmail")
    administers = has_role(row, known.roles) or user in known.administrators
    return Holder(
        id=user,
        name=one_line(text(row, "fullName") or text(row, "assocName") or user, 250),
        email=email if len(email) <= _LONGEST_ADDRESS else "",
        kind=kind,
        administrator=administers and not is_unclear(row),
        can_login=may_sign_in(row) and user not in retired,
        open_requests=known.requests.get(user, 0),
    )
