"""SuperOffice tenants for the stories: a stand-in for one, with licbot in front of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from licbot.domain.errors import SystemUnavailable
from licbot.domain.people import HolderQuery
from licbot.sandbox.person import Person
from licbot.testing.superoffice import App, Online, Onsite, SimUser, Tenant, customers, serve
from tests.openapi import OpenApi, Watch
from tests.scenarios.world import Member, MovingClock, World, listening, world

ANNA, BERND, CLARA, FRANK = 101, 102, 103, 106
"""Three administrators, and someone with Sales Premium."""
CLIENT_ID, CLIENT_SECRET = "a1b2c3-client", "the-client-secret-of-the-stories"
CALLBACK = "/oauth/superoffice"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True, kw_only=True)
class Place:
    """A tenant with licbot in front of it. online: where it is one of SuperOffice Online."""

    here: World
    tenant: Tenant
    online: Online | None

    @property
    def anna(self) -> Person:
        """The first administrator."""
        return self.here.person("anna")

    async def is_listed(self) -> None:
        """Wait until licbot has read who holds what."""
        system = self.here.licbot.ports.systems["superoffice"]
        async with asyncio.timeout(30.0):
            while True:
                try:
                    await system.holders(HolderQuery(module="ten-sales"))
                    return
                except SystemUnavailable:
                    await asyncio.sleep(0)

    async def sign_in(self, person: Person, user: int = ANNA) -> httpx.Response:
        """Sign in to SuperOffice, as a person does with the button that licbot shows them."""
        assert self.online is not None
        said = await self.here.answer(person, "/license connect")
        address = said.button("Sign in to SuperOffice").element["url"]
        back = await self.online.approve(address, user)
        async with httpx.AsyncClient() as browser:
            return await browser.get(back)


@contextmanager
def checked(tenant: Tenant) -> Iterator[None]:
    """Hold all that is asked and answered to the OpenAPI files, where they are at hand."""
    api = OpenApi.load()
    if api is None:
        yield
        return
    watch = Watch(api)
    tenant.observers.append(watch)
    yield
    assert watch.problems == []


def member(user: SimUser) -> Member:
    """A user of the tenant, in the workspace."""
    return Member(name=user.full_name, email=user.email)


def people(tenant: Tenant, numbers: Sequence[int] = (ANNA, BERND, FRANK)) -> list[Member]:
    """Users of the tenant who are in the workspace."""
    return [member(tenant.users[number]) for number in numbers]


@asynccontextmanager
async def onsite(
    folder: Path, tenant: Tenant | None = None, clock: MovingClock | None = None, **facts: Any
) -> AsyncIterator[Place]:
    """An installation of one's own, which lets licbot take seats."""
    clock = clock or MovingClock()
    tenant = tenant or customers.with_plans(clock.now)
    user = tenant.users[ANNA]
    async with serve(Onsite(tenant).app) as address:
        systems = (
            f'[systems.superoffice]\naddress = "{address}/WebApi"\nusername = "{user.login}"\n'
        )
        secrets = {
            "LICBOT_SYSTEMS_SUPEROFFICE_PASSWORD": user.password,
            "LICBOT_SECRETS_KEYS": Fernet.generate_key().decode(),
        }
        with checked(tenant):
            async with world(
                folder,
                people=people(tenant),
                clock=clock,
                systems=systems,
                secrets=secrets,
                **facts,
            ) as here:
                yield Place(here=here, tenant=tenant, online=None)


@asynccontextmanager
async def online(
    folder: Path,
    tenant: Tenant | None = None,
    clock: MovingClock | None = None,
    *,
    admin_page: bool = False,
    beside: str = "",
    **facts: Any,
) -> AsyncIterator[Place]:
    """A tenant of SuperOffice Online, whose administrators sign in.

    admin_page: whether the settings name the stand-in for the page of users. beside: the tables
    of other systems.
    """
    clock = clock or MovingClock()
    tenant = tenant or customers.with_plans(clock.now)
    port = listening()
    callback = f"http://127.0.0.1:{port.getsockname()[1]}{CALLBACK}"
    app = App(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uris=(callback,),
        public_key=KEY.public_key(),
    )
    deployed = Online(tenant, app=app)
    async with serve(deployed.app) as login:
        systems = (
            f'[systems.superoffice]\ncustomer = "{tenant.customer}"\nlogin_url = "{login}"\n'
            f'client_id = "{CLIENT_ID}"\nredirect_url = "{callback}"\n'
        )
        if admin_page:
            page = f"{login}/{tenant.host}/{tenant.customer}/admin"
            systems += f'admin_page = "{page}"\n'
        systems += beside
        secrets = {
            "LICBOT_SYSTEMS_SUPEROFFICE_CLIENT_SECRET": CLIENT_SECRET,
            "LICBOT_SYSTEMS_SUPEROFFICE_SYSTEM_TOKEN": tenant.system_token,
            "LICBOT_SYSTEMS_SUPEROFFICE_PRIVATE_KEY_PEM": PEM,
            "LICBOT_SECRETS_KEYS": Fernet.generate_key().decode(),
        }
        with checked(tenant):
            async with world(
                folder,
                people=people(tenant),
                clock=clock,
                systems=systems,
                secrets=secrets,
                port=port,
                **facts,
            ) as here:
                yield Place(here=here, tenant=tenant, online=deployed)
