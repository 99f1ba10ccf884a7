"""A SuperOffice tenant as a licensed system."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from licbot.domain.errors import SystemUnavailable
from licbot.domain.licenses import Customer, LicenseSet, Offer
from licbot.domain.people import Holder, HolderPage, HolderQuery, Person
from licbot.domain.removals import Held, Removal
from licbot.hookspecs import SystemContext
from licbot.ports.system import Examination, Found, Guidance
from licbot_superoffice.agent import LicenseAgent
from licbot_superoffice.desk import Desk
from licbot_superoffice.envelope import unpack
from licbot_superoffice.examining import Examiner
from licbot_superoffice.guide import PRODUCT, tasks
from licbot_superoffice.guided import ByHand
from licbot_superoffice.listing import KnownAdministrators, Listing
from licbot_superoffice.names import NamesByLanguage
from licbot_superoffice.offers import Offers
from licbot_superoffice.probe import Probe
from licbot_superoffice.requests import objecting
from licbot_superoffice.returning import give_back_seats
from licbot_superoffice.settings import Config
from licbot_superoffice.standings import Standings
from licbot_superoffice.stored import list_state, refusal
from licbot_superoffice.suite import is_suite, seat_modules
from licbot_superoffice.tables import roster
from licbot_superoffice.taking import take_seats
from licbot_superoffice.wire import Api
from licbot_superoffice.words import web_address

_NOT_READ_YET = "licbot is still reading the list of users from SuperOffice. Try again in a minute."


class Administrators(KnownAdministrators, Protocol):
    """Who administers the tenant."""

    async def is_administrator(self, person: Person) -> bool:
        """Whether this person does, as far as is known."""
        ...

    async def confirm(self, person: Person) -> None:
        """Ask SuperOffice now. Raises NotAllowed."""
        ...


class SuperOfficeSystem:
    """See ``licbot.ports.system.LicensedSystem``. What is in force, offered and used is asked for;
    who holds what stands in a stored list.

    administrators: as they were given.
    """

    def __init__(
        self, context: SystemContext, config: Config, api: Api, administrators: Administrators
    ) -> None:
        agent = LicenseAgent(api)
        self.name = context.name
        self.administrators = administrators
        self._context = context
        self._config = config
        self._api = api
        self._agent = agent
        self._standings = Standings(agent, context.clock)
        self._names = NamesByLanguage(agent, context.clock)
        self._offers = Offers(context, agent, self._standings)
        self._probe = Probe(context, config, api)
        self._listing = Listing(context, config, api, self._standings, administrators)
        self._by_hand = ByHand(context, self._listing)
        self._examiner = Examiner(context, config, api, self._standings, self._probe)

    async def installed(self) -> Sequence[LicenseSet]:
        """The licence sets in force, one for each license owner."""
        standings = await self._standings.recent()
        return [each.in_force for each in standings if each.in_force]

    async def in_use(self) -> Mapping[str, int]:
        """Seats in use by module key, as SuperOffice counts them."""
        standings = await self._standings.recent()
        return {key: number for each in standings for key, number in each.in_use.items()}

    async def find_offers(self) -> Found:
        """Ask the issuers for licences that are not active yet."""
        return await self._offers.find()

    async def read_offer(self, raw: bytes) -> Offer:
        """Have an offer or a licence file judged by SuperOffice now. Raises OfferRefused."""
        return await self._offers.read(raw)

    async def recall_offer(self, raw: bytes) -> Offer:
        """Read the bytes of an offer that was accepted before."""
        return unpack(raw).offer()

    async def holders(self, query: HolderQuery) -> HolderPage:
        """One page of the users who hold a module licence, from the stored list."""
        async with self._context.database.read() as connection:
            state = await list_state(connection, self.name)
            if state is None:
                raise SystemUnavailable(await refusal(connection, self.name) or _NOT_READ_YET)
            page = await roster.holders(connection, self.name, query)
        return replace(page, as_of=state.as_of)

    async def least_recent(self, query: HolderQuery, skip: frozenset[str]) -> Sequence[str]:
        """Nobody, since SuperOffice does not list when users last signed in."""
        async with self._context.database.read() as connection:
            return await roster.least_recent(connection, self.name, query, skip)

    async def held_by(self, users: Sequence[str]) -> Held:
        """What each of these users holds, from the stored list."""
        async with self._context.database.read() as connection:
            return await roster.held(connection, self.name, users)

    async def people(self, users: Sequence[str]) -> Mapping[str, Holder]:
        """The users with these ids, from the stored list; deleted ones too."""
        async with self._context.database.read() as connection:
            return await roster.people(connection, self.name, users)

    async def refresh(self, since: datetime | None = None) -> None:
        """Read all users and their seats anew, unless that began since then.

        Raises SystemUnavailable.
        """
        await self._listing.refresh(since)

    async def is_administrator(self, person: Person) -> bool:
        """Whether this person administers SuperOffice, as far as is known."""
        return await self.administrators.is_administrator(person)

    async def confirm_administrator(self, person: Person, *, named: bool) -> None:
        """Ask SuperOffice whether this person administers it, whatever the settings say.

        Raises NotAllowed.
        """
        await self.administrators.confirm(person)

    async def objections(self, offer: Offer, removals: Sequence[Removal]) -> Sequence[str]:
        """Open requests of those who are to lose a seat, as they stand in the stored list; else
        what SuperOffice has against it.
        """
        if not removals:
            return tuple(await self._offers.objections(offer))
        people = await self.people([removal.user for removal in removals])
        return tuple(objecting(removals, people))

    async def guidance(self, removals: Sequence[Removal]) -> Guidance | None:
        """What people are to do by hand; ``None`` where SuperOffice lets licbot take seats."""
        if await self._takes_seats():
            return None
        sets = await self.installed()
        seats = await self._seats()
        return Guidance(
            product=PRODUCT,
            page=web_address(await self._api.page()) if removals else "",
            tasks=tasks(removals, sets, seats),
        )

    async def names(self, language: str) -> Mapping[str, str]:
        """What the module licences are called in a language, by module key."""
        return await self._names.names(language)

    async def shop_address(self, owner: str) -> str:
        """Where licences of an owner are bought; empty where there is no safe address."""
        names = {each.owner.key: each.owner.name for each in await self.installed()}
        address = web_address(await self._agent.shop_url(names[owner])) if owner in names else ""
        return address if address.startswith("https://") else ""

    async def change_customer(self, customer: Customer, actor: str = "") -> None:
        """Ask SuperOffice for the licence of another company and serial number.

        Raises SystemRefused and SystemUnavailable; the latter leaves open whether it is in force.
        """
        try:
            await self._agent.change_customer(customer, actor)
        finally:
            self._forget()

    async def examine(self) -> Examination:
        """Look how the tenant is reached and what it lets licbot do."""
        return await self._examiner.examine()

    async def take(self, removals: Sequence[Removal], run: str, actor: str = "") -> None:
        """Take seats, or make sure that people have. Raises SystemRefused, SystemUnavailable."""
        if not await self._takes_seats():
            await self._by_hand.make_sure(removals, run, await self.installed())
            return
        try:
            await take_seats(await self._desk(run, actor), removals)
        finally:
            self._standings.forget()

    async def give_back(self, run: str, actor: str = "") -> Sequence[Removal]:
        """Give the seats back that licbot itself took, as far as there is room.

        Returns those that could not be given back.
        """
        try:
            # It must go on, and only undoes what was begun: any sign-in will do for it, the newest
            # administrator's too.
            desk = replace(await self._desk(run, actor), api=self._api.by_whoever_can())
            return await give_back_seats(desk)
        finally:
            self._standings.forget()

    async def install(self, offer: Offer, actor: str = "") -> None:
        """Put an offer in force, with the sign-in of the actor where there is one.

        Raises OfferRefused, SystemRefused, and SystemUnavailable, which leaves open whether it is.
        """
        try:
            await self._offers.install(offer, actor)
        finally:
            self._forget()

    def _forget(self) -> None:
        self._standings.forget()
        self._names.forget()

    async def _desk(self, run: str, actor: str) -> Desk:
        return Desk(
            context=self._context,
            api=self._api,
            run=run,
            actor=actor,
            sets=await self.installed(),
        )

    async def _takes_seats(self) -> bool:
        if is_suite(await self.installed(), self._config.seats):
            return False
        return (await self._probe.ability()).can

    async def _seats(self) -> frozenset[str]:
        """Keys of the licences that everybody holds who can log in."""
        sets = await self.installed()
        if not is_suite(sets, self._config.seats):
            return frozenset()
        return frozenset(module.key for module in seat_modules(sets))
