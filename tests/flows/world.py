"""One licensed system with a few users, and the bot's outside made of fakes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from licbot.domain.activation import Activation
from licbot.domain.licenses import LicenseDates, LicenseSet, ModuleLicense, Offer
from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.flows.decide import decide_course
from licbot.flows.find import find_offers
from licbot.flows.look import look
from licbot.flows.pick import pick_holders
from licbot.flows.start import start_activation
from licbot.ports.ports import Policy, Ports
from licbot.ports.store import Card, Job
from licbot.testing import (
    CHANNEL,
    START,
    FakeClock,
    MemoryMessenger,
    MemoryStore,
    MemorySystem,
    PlainAdvice,
    license_set,
    module_license,
    offer,
    ports,
)

DAY = timedelta(days=1)
ADMINISTRATORS = frozenset({"U1", "U2"})
SALES = module_license("sales", 4)
TRAVEL = module_license("travel", 2, prerequisite="sales")
HELD = {
    "ada": ("sales", "travel"),
    "bo": ("sales", "travel"),
    "cleo": ("sales",),
    "dev": ("sales",),
}
DAYS_AGO = {"ada": 1, "bo": 3, "cleo": None, "dev": 2}


def sales(number: int) -> ModuleLicense:
    """The licence ``sales`` with another number."""
    return replace(SALES, number=number)


def travel(number: int) -> ModuleLicense:
    """The licence ``travel`` with another number."""
    return replace(TRAVEL, number=number)


def removal(user: str, module: str = "sales", *, picked: bool = True) -> Removal:
    """A planned removal."""
    return Removal(user=user, module=module, picked=picked)


class World:
    """Four people hold ``sales``, two of them ``travel`` too; everything is in use."""

    def __init__(
        self, *, automatic: bool = False, dates: LicenseDates | None = None, **seats: tuple[str]
    ) -> None:
        self.clock = FakeClock()
        self.system = MemorySystem(self.clock, name="crm")
        self.store = MemoryStore()
        self.messenger = MemoryMessenger()
        self.advice = PlainAdvice()
        self.ports: Ports = ports(
            self.system,
            store=self.store,
            messenger=self.messenger,
            clock=self.clock,
            advice=self.advice,
            policy=Policy(channel=CHANNEL, automatic=automatic, administrators=ADMINISTRATORS),
        )
        self.system.put_in_force(license_set(SALES, TRAVEL, dates=dates))
        for user, modules in (seats or HELD).items():
            days = DAYS_AGO.get(user)
            last = None if days is None else START - days * DAY
            self.system.add(Holder(id=user, name=user.title(), last_login=last), *modules)

    def leave(self, *modules: ModuleLicense, sequence: int = 1, **facts: Any) -> Offer:
        """Let the issuer have an offer; without modules it grants what there is."""
        left = offer(license_set(*(modules or (SALES, TRAVEL))), sequence, **facts)
        self.system.leave(left)
        return left

    async def found(self, *modules: ModuleLicense, sequence: int = 1, **facts: Any) -> str:
        """Leave an offer and find it; returns the activation's id."""
        self.leave(*modules, sequence=sequence, **facts)
        [activation_id] = (await find_offers(self.ports, "crm")).found
        return activation_id

    async def reviewed(self, *modules: ModuleLicense, sequence: int = 1) -> str:
        """Leave an offer, find it and let people review it."""
        activation_id = await self.found(*modules, sequence=sequence)
        await decide_course(self.ports, activation_id, "")
        return activation_id

    async def started(
        self, *modules: ModuleLicense, sequence: int = 1, **picks: tuple[str, ...]
    ) -> str:
        """Review an offer, pick people by licence, and confirm."""
        activation_id = await self.reviewed(*modules, sequence=sequence)
        for module, users in picks.items():
            await pick_holders(self.ports, activation_id, module, "U1", users)
        await self.confirm(activation_id)
        return activation_id

    async def confirm(self, activation_id: str) -> None:
        """Confirm what is to be seen now."""
        digest = (await look(self.ports, activation_id)).digest
        await start_activation(self.ports, activation_id, "U1", confirmed=digest)

    async def activation(self, activation_id: str) -> Activation:
        """The activation as it is kept."""
        async with self.store.read() as uow:
            return await uow.activation(activation_id)

    async def removals(self, activation_id: str) -> list[Removal]:
        """The planned removals as they are kept."""
        async with self.store.read() as uow:
            return list(await uow.removals(activation_id))

    async def events(self, activation_id: str) -> list[str]:
        """The kinds of what happened."""
        async with self.store.read() as uow:
            return [kind for kind, _ in await uow.events(activation_id)]

    async def card(self, activation_id: str) -> Card | None:
        """Where the confirmation message is."""
        async with self.store.read() as uow:
            return await uow.card(activation_id)

    def jobs(self, kind: str) -> list[Job]:
        """The jobs of a kind that were handed over."""
        return [job for job in self.store.jobs if job.kind == kind]

    @property
    def installed(self) -> LicenseSet:
        """The one set in force."""
        [only] = self.system.in_force()
        return only
