"""The ``local`` licensed system: the database itself says who holds what."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from licbot.domain.errors import NotAllowed
from licbot.domain.licenses import Customer, LicenseSet, Offer
from licbot.domain.people import Holder, HolderPage, HolderQuery, Person
from licbot.domain.removals import Held, Removal
from licbot.hookspecs import SystemContext
from licbot.ports.system import Examination, Found, Guidance
from licbot_local.examining import examine
from licbot_local.installing import accepted_before, files_in_force, put_in_force, standing
from licbot_local.licensefile import read_unverified
from licbot_local.offers import OfferSource, choose
from licbot_local.registering import register
from licbot_local.rows import locked, record_moment
from licbot_local.seats import give_back_seats, take_seats
from licbot_local.settings import SHOP
from licbot_local.tables import roster


class LocalSystem:
    """A system of record in tables of its own; see ``licbot.ports.system.LicensedSystem``."""

    def __init__(self, context: SystemContext, source: OfferSource) -> None:
        self.name = context.name
        self._shop = str(context.settings.get(SHOP, ""))
        self._database = context.database
        self._clock = context.clock
        self._source = source

    async def installed(self) -> Sequence[LicenseSet]:
        """The licence sets in force, one for each license owner."""
        async with self._database.read() as connection:
            files = await files_in_force(connection, self.name)
        return [each.offer.license for each in files]

    async def in_use(self) -> Mapping[str, int]:
        """Seats in use by module key; deleted users are not counted."""
        async with self._database.read() as connection:
            return await roster.in_use(connection, self.name)

    async def find_offers(self) -> Found:
        """Look for licences that are not in force yet. Raises SystemUnavailable."""
        collected = await self._source.collect()
        digests = [candidate.digest for candidate in collected.candidates]
        async with locked(self._database, self.name) as connection:
            now = self._clock.now()
            stands = await standing(connection, self.name, now)
            seen = await accepted_before(connection, self.name, digests)
            await record_moment(connection, self.name, now)
        return await asyncio.to_thread(choose, collected, stands, seen)

    async def read_offer(self, raw: bytes) -> Offer:
        """Check the bytes of an offer as if they had just come. Raises OfferRefused."""
        async with self._database.read() as connection:
            stands = await standing(connection, self.name, self._clock.now())
        return stands.verify(raw).offer

    async def recall_offer(self, raw: bytes) -> Offer:
        """Read the bytes of an offer that was accepted before, without judging it again."""
        return read_unverified(raw).offer

    async def holders(self, query: HolderQuery) -> HolderPage:
        """One page of the users who hold a module licence."""
        async with self._database.read() as connection:
            return await roster.holders(connection, self.name, query)

    async def least_recent(self, query: HolderQuery, skip: frozenset[str]) -> Sequence[str]:
        """Ids of up to ``query.limit`` holders that match, least recently signed in first."""
        async with self._database.read() as connection:
            return await roster.least_recent(connection, self.name, query, skip)

    async def held_by(self, users: Sequence[str]) -> Held:
        """What each of these users holds; users without a seat are absent."""
        async with self._database.read() as connection:
            return await roster.held(connection, self.name, users)

    async def people(self, users: Sequence[str]) -> Mapping[str, Holder]:
        """The users with these ids; unknown ids are absent."""
        async with self._database.read() as connection:
            return await roster.people(connection, self.name, users)

    async def refresh(self, since: datetime | None = None) -> None:
        """Nothing: the tables are asked anew each time."""

    async def is_administrator(self, person: Person) -> bool:
        """Whether exactly one user has their e-mail address, administers, and may sign in."""
        async with self._database.read() as connection:
            return await roster.is_administrator(connection, self.name, person.email or "")

    async def confirm_administrator(self, person: Person, *, named: bool) -> None:
        """Let administrators through, and those whom the settings name. Raises NotAllowed."""
        if not (named or await self.is_administrator(person)):
            raise NotAllowed

    async def objections(self, offer: Offer, removals: Sequence[Removal]) -> Sequence[str]:
        """Nothing: what counts here is what licbot itself checks."""
        return ()

    async def guidance(self, removals: Sequence[Removal]) -> Guidance | None:
        """Nothing: licbot takes the seats."""
        return None

    async def names(self, language: str) -> Mapping[str, str]:
        """Nothing: licence files have one name for a module."""
        return {}

    async def shop_address(self, owner: str) -> str:
        """Where licences are bought, as the settings say; the same for every owner."""
        return self._shop

    async def change_customer(self, customer: Customer, actor: str = "") -> None:
        """Let a demo version be this customer's from now on. Raises SystemRefused."""
        async with locked(self._database, self.name) as connection:
            files = await files_in_force(connection, self.name)
            sets = [each.offer.license for each in files]
            await register(connection, self.name, customer, sets, self._clock.now())

    async def examine(self) -> Examination:
        """Look at the users and the licences in force."""
        async with self._database.read() as connection:
            return await examine(connection, self.name)

    async def take(self, removals: Sequence[Removal], run: str, actor: str = "") -> None:
        """Take seats, and give what is given instead; doing it again for a run changes nothing.

        Raises SystemRefused where there is no room for that, with nothing changed.
        """
        async with locked(self._database, self.name) as connection:
            files = await files_in_force(connection, self.name)
            sets = [each.offer.license for each in files]
            await take_seats(connection, self.name, run, removals, sets, self._clock.now())

    async def give_back(self, run: str, actor: str = "") -> Sequence[Removal]:
        """Give the seats back that a run took, as far as the installed total allows."""
        async with locked(self._database, self.name) as connection:
            files = await files_in_force(connection, self.name)
            sets = [each.offer.license for each in files]
            now = self._clock.now()
            return await give_back_seats(connection, self.name, run, sets, now)

    async def install(self, offer: Offer, actor: str = "") -> None:
        """Verify an offer's bytes once more and put it in force, in one transaction.

        Raises OfferRefused or SystemRefused, with nothing changed.
        """
        async with locked(self._database, self.name) as connection:
            await put_in_force(connection, self.name, offer.raw, self._clock.now())
