"""The contract's tenant as a tenant of SuperOffice, and what happens to it from outside."""

from dataclasses import replace

from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense, Moment
from licbot.domain.people import Holder, HolderKind, Person
from licbot.testing import FakeClock
from licbot.testing.bench import Tenant as Filling
from licbot.testing.superoffice import (
    ADMINISTRATOR,
    PLAIN,
    LoginRefused,
    SimLicense,
    SimLicenseType,
    SimModule,
    SimUser,
    Tenant,
    UserKind,
)
from tests.plugins.superoffice.data_support import World

RUNNER = SimUser(
    id=99,
    login="licbot@acme.example",
    full_name="licbot",
    role="System",
    kind=UserKind.SYSTEM,
)
"""As whom licbot signs in onsite."""

_TYPES = {
    LicenseType.SYSTEM: SimLicenseType.SITE,
    LicenseType.SITE: SimLicenseType.SATELLITE,
    LicenseType.USER: SimLicenseType.USER,
}


def filled(filling: Filling, clock: FakeClock) -> Tenant:
    """A tenant with the contract's users, none of whom is deleted yet."""
    customer = filling.installed.customer
    tenant = Tenant("Cust12345", company=customer.company, serial=customer.serial, clock=clock.now)
    tenant.put_in_force(as_license(filling.installed))
    tenant.add_user(RUNNER)
    for user in filling.users:
        held = sorted(filling.seats.get(user.id, ()))
        tenant.add_user(_user(user), *held)
    return tenant


def as_license(offered: LicenseSet) -> SimLicense:
    """A licence set as the issuer has it."""
    return SimLicense(
        owner=offered.owner.name,
        owner_description=offered.owner.description,
        company=offered.customer.company,
        serial=offered.customer.serial,
        modules=tuple(_module(module) for module in offered.modules),
    )


class SuperOfficeBench:
    """A tenant of SuperOffice, filled with the contract's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._highest = 1
        self.system = world.system
        self.clock = world.clock

    async def fill(self, filling: Filling) -> "SuperOfficeBench":
        """Let licbot read who is there, and again once some of them are gone."""
        if self._world.config.is_online:
            await self._sign_in_administrators(filling)
        await self.system.refresh()
        for user in filling.deleted:
            self._world.tenant.delete(int(user))
        await self.system.refresh()
        return self

    async def leave(
        self, offered: LicenseSet, sequence: int, not_before: Moment | None = None
    ) -> None:
        """Let the licence server have a licence, unless it has a newer one."""
        if sequence > self._highest:
            self._highest = sequence
            # A licence that is issued again is another one, whatever it grants.
            license_set = replace(as_license(offered), extra_info=f"issue {sequence}")
            self._world.tenant.offer(license_set)

    async def seat(self, user: str, module: str) -> None:
        """Give somebody a seat in SuperOffice itself."""
        self._world.tenant.assign(int(user), module)
        await self.system.refresh()

    async def unseat(self, user: str, module: str) -> None:
        """Take somebody's seat in SuperOffice itself."""
        self._world.tenant.unassign(int(user), module)
        await self.system.refresh()

    async def meet(self, email: str) -> Person:
        """Someone with this address, signed in to SuperOffice Online where they can."""
        if not self._world.config.is_online:
            return Person(id="U1", name="somebody", email=email or None)
        # Slack's addresses have no spaces around them.
        person = Person(id="U1", name="somebody", email=email.strip() or None)
        await self._sign_in(person)
        return person

    async def _sign_in(self, person: Person) -> None:
        address = (person.email or "").strip().casefold()
        known = [user for user in self._world.tenant.users.values() if user.email == address]
        # Whoever shares an address with another one signs in with a login of their own.
        if len(known) == 1 and address:
            try:
                await self._world.sign_in(person, known[0].id)
            except LoginRefused:
                return

    async def _sign_in_administrators(self, filling: Filling) -> None:
        for user in filling.users:
            if user.administrator:
                await self._sign_in(Person(id=f"U{user.id}", name=user.name, email=user.email))


def _user(user: Holder) -> SimUser:
    return SimUser(
        id=int(user.id),
        login=f"{user.id}@acme.example",
        full_name=user.name,
        email=user.email,
        role=ADMINISTRATOR if user.administrator else PLAIN,
        kind=UserKind.SYSTEM if user.kind is HolderKind.OTHER else UserKind.ASSOCIATE,
        can_login=user.can_login,
        last_login=user.last_login,
    )


def _module(module: ModuleLicense) -> SimModule:
    return SimModule(
        name=module.name,
        description=module.description,
        number=module.number,
        license_type=_TYPES[module.type],
        tooltip=module.tooltip,
        version=module.version,
        unrestricted=module.unrestricted,
        hidden=module.hidden,
        prerequisite=module.prerequisite or "",
        extra_flags=module.extra_flags,
        extra_info=module.extra_info,
        sort_order=module.sort_order,
    )
