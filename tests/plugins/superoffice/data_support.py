"""A tenant on the loopback, and the system that licbot makes of it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import stamina
from sqlalchemy import select

from licbot.domain.licenses import Offer
from licbot.domain.people import Person
from licbot.domain.removals import Removal
from licbot.hookspecs import SystemContext
from licbot.store.database import SqlDatabase
from licbot.testing import FakeClock
from licbot.testing.superoffice import (
    USER_PLAN,
    App,
    Online,
    Onsite,
    SimLicense,
    SimLicenseType,
    SimModule,
    SimUser,
    Tenant,
    serve,
)
from licbot.testing.vault import MemoryVault
from licbot_superoffice.assembly import Line, administrators, open_line
from licbot_superoffice.roles import ask_administrator
from licbot_superoffice.settings import Config, check, read
from licbot_superoffice.stored import is_listed_administrator
from licbot_superoffice.system import SuperOfficeSystem
from licbot_superoffice.tables import runs
from licbot_superoffice.transport import Transport
from tests.openapi import OpenApi, Watch
from tests.plugins.superoffice.auth_support import (
    CLIENT,
    CLIENT_SECRET,
    REDIRECT,
    a_database,
    online_settings,
    pem,
    private_key,
    wire,
)

SYSTEM = "crm"
PASSWORD = "open sesame"
ADDRESS = "https://crm.example.com/WebApi"

PLANS = SimLicense(
    modules=(
        SimModule(
            name="server",
            description="SuperOffice Server",
            license_type=SimLicenseType.SITE,
            sort_order=1,
        ),
        SimModule(
            name="sales",
            description="Sales Premium",
            descriptions={"en": "Sales Premium", "de": "Vertrieb Premium"},
            number=4,
            extra_flags=USER_PLAN,
            extra_info="set=user,web",
            sort_order=2,
        ),
        SimModule(
            name="service",
            description="Service Premium",
            number=4,
            extra_flags=USER_PLAN,
            extra_info="set=user",
            sort_order=3,
        ),
        SimModule(
            name="visible-for",
            description="Confidential activities",
            number=3,
            prerequisite="user",
            sort_order=4,
        ),
        SimModule(name="travel", description="Travel", number=1, unrestricted=True, sort_order=5),
        SimModule(name="user", description="User", number=8, hidden=True, sort_order=6),
        SimModule(name="web", description="Web", number=6, hidden=True, sort_order=7),
    )
)
"""Two plans with hidden licences, one licence besides, and one without a limit."""

SMALLER = PLANS.with_numbers(sales=2)

ADA, BO, CLEO, DEV = "11", "12", "13", "14"


def small_tenant(clock: FakeClock) -> Tenant:
    """Four people, of whom Bo administers: three have Sales, one Service; nothing is offered."""
    tenant = Tenant("Cust12345", company="Nordlicht GmbH", serial="1234567890", clock=clock.now)
    tenant.put_in_force(PLANS)
    for user, name, held in (
        (11, "Ada Berg", ("sales", "visible-for")),
        (12, "Bo Lund", ("sales", "travel")),
        (13, "Cleo Rao", ("sales",)),
        (14, "Dev Holm", ("service",)),
    ):
        login = f"{name.split()[0].casefold()}@nordlicht.example"
        role = "Administrator" if user == 12 else "User level 0"
        tenant.add_user(
            SimUser(id=user, login=login, full_name=name, email=login, role=role), *held
        )
    return tenant


@dataclass(kw_only=True)
class World:
    """A tenant, and licbot's system of it. config, context, line: what that is made of."""

    clock: FakeClock
    tenant: Tenant
    deployment: Online | Onsite
    context: SystemContext
    config: Config
    line: Line
    system: SuperOfficeSystem

    @property
    def database(self) -> SqlDatabase:
        """The database of licbot."""
        assert isinstance(self.context.database, SqlDatabase)
        return self.context.database

    def anew(self, **settings: Any) -> SuperOfficeSystem:
        """The system as another process has it; with other settings where they are given."""
        return make_system(self.context, replace(self.config, **settings), self.line)

    def asked(self, part: str, method: str = "") -> int:
        """How often the tenant was asked for a path that contains a text."""
        return sum(
            part in served.path and method in ("", served.method) for served in self.tenant.requests
        )

    def asked_for(self) -> Mapping[str, int]:
        """How often the tenant was asked, by path below the API."""
        return Counter(served.below for served in self.tenant.requests)

    async def sign_in(self, person: Person, user: int) -> None:
        """Let somebody in Slack sign in to SuperOffice Online as a user."""
        signed_in = self.line.access.signed_in
        assert signed_in
        assert isinstance(self.deployment, Online)
        address = await signed_in.sign_in.begin(person.id)
        back = dict(parse_qsl(urlsplit(await self.deployment.approve(address, user)).query))
        begun = await signed_in.sign_in.claim(back["state"])
        assert begun
        await signed_in.sign_in.finish(begun, back["code"], person)

    async def offer(self, offered: SimLicense = SMALLER) -> Offer:
        """An offer that licbot has found."""
        self.tenant.offer(offered)
        [found] = (await self.system.find_offers()).offers
        return found

    async def states(self, run: str = "a/1") -> dict[tuple[str, str], str]:
        """What a run did with each seat."""
        async with self.database.read() as connection:
            rows = await connection.execute(
                select(runs.c.user_id, runs.c.module, runs.c.state).where(runs.c.run == run)
            )
            return {(user, module): state for user, module, state in rows}


def removal(user: str, module: str = "sales", *, picked: bool = True) -> Removal:
    """A planned removal."""
    return Removal(user=user, module=module, picked=picked)


def make_system(context: SystemContext, config: Config, line: Line) -> SuperOfficeSystem:
    """licbot's system of a tenant, as the plugin makes it."""
    known = partial(is_listed_administrator, context.database, context.name)
    asked = partial(ask_administrator, line.api, config)
    who = administrators(context, config, line.access, known, asked)
    return SuperOfficeSystem(context, config, line.api, who)


@asynccontextmanager
async def world(
    folder: Path,
    fill: Callable[[FakeClock], Tenant] = small_tenant,
    *,
    online: bool = False,
    read_list: bool = True,
    **more: str,
) -> AsyncIterator[World]:
    """A tenant on the loopback, onsite unless said otherwise, and licbot's system of it.

    read_list: whether the list of users is read. more: settings.
    """
    clock = FakeClock()
    tenant = fill(clock)
    deployment = _online(tenant) if online else Onsite(tenant)
    async with serve(deployment.app) as address, a_database(folder) as database:
        settings = _settings(tenant, address, online) | more
        made = _world(settings, database, clock, tenant, deployment)
        described = openapi()
        watch = Watch(described) if described else None
        tenant.observers += [watch] if watch else []
        with stamina.set_testing(True, attempts=2):
            if read_list:
                await made.system.refresh()
                tenant.requests.clear()
            yield made
        assert watch is None or watch.problems == []


@cache
def openapi() -> OpenApi | None:
    """SuperOffice's description of its API, where it is at hand; all exchanges are held to it."""
    return OpenApi.load()


@asynccontextmanager
async def scripted(
    folder: Path, handler: Callable[[httpx.Request], httpx.Response], **more: str
) -> AsyncIterator[World]:
    """A system whose tenant answers as a test says; nothing is read at first."""
    clock = FakeClock()
    tenant = small_tenant(clock)
    settings = {"address": ADDRESS, "username": "bo", "password": PASSWORD, **more}
    async with a_database(folder) as database:
        network = wire(handler)
        made = _world(settings, database, clock, tenant, Onsite(tenant), network)
        with stamina.set_testing(True, attempts=2):
            yield made


def _world(
    settings: Mapping[str, str],
    database: SqlDatabase,
    clock: FakeClock,
    tenant: Tenant,
    deployment: Online | Onsite,
    network: httpx.AsyncBaseTransport | None = None,
) -> World:
    assert check(settings, ".") == []
    config = read(settings, ".")
    context = SystemContext(
        name=SYSTEM,
        settings=settings,
        folder=".",
        database=database,
        clock=clock,
        vault=MemoryVault(),
    )
    line = open_line(context, config, Transport(clock, network=network, pause=_no_pause))
    return World(
        clock=clock,
        tenant=tenant,
        deployment=deployment,
        context=context,
        config=config,
        line=line,
        system=make_system(context, config, line),
    )


def _online(tenant: Tenant) -> Online:
    app = App(
        client_id=CLIENT,
        client_secret=CLIENT_SECRET,
        redirect_uris=(REDIRECT,),
        public_key=private_key().public_key(),
    )
    return Online(tenant, app=app)


def _settings(tenant: Tenant, address: str, online: bool) -> dict[str, str]:
    if online:
        return online_settings(
            login_url=address,
            customer=tenant.customer,
            system_token=tenant.system_token,
            private_key_pem=pem(),
        )
    administrator = next(user for user in tenant.users.values() if tenant.administers(user))
    return {
        "address": f"{address}/WebApi",
        "username": administrator.login,
        "password": PASSWORD,
    }


async def _no_pause(_seconds: float) -> None:
    pass
