"""The scenes of SuperOffice: a stand-in tenant beside licbot, Online or onsite."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from licbot.demo.scenes import Member, Ready
from licbot.testing.superoffice import App, Online, Onsite, SimUser, Tenant, customers, serve

CALLBACK = "/oauth/superoffice"

PERSONAS = (101, 102, 103, 136)
"""Two administrators, a third one, and someone who may lose a licence."""


def _now() -> datetime:
    return datetime.now(UTC)


class _SuperOfficeScene:
    """Sixty people with user plans, and a smaller licence waiting."""

    def __init__(self) -> None:
        self.tenant: Tenant = customers.with_plans(_now)
        self.people: list[SimUser] = [self.tenant.users[number] for number in PERSONAS]
        self.members = [Member(name=each.full_name, email=each.email) for each in self.people]

    def prepare(self) -> None:
        """Nothing: the tenant has its people and licences."""


class OnlineScene(_SuperOfficeScene):
    """A tenant of SuperOffice Online: administrators sign in, and take licences by hand."""

    @asynccontextmanager
    async def open(self, address: str) -> AsyncIterator[Ready]:
        """Run the tenant on a port of its own."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        app = App(
            client_id=secrets.token_hex(16),
            client_secret=secrets.token_hex(16),
            redirect_uris=(address + CALLBACK,),
            public_key=key.public_key(),
        )
        online = Online(self.tenant, app=app)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        async with serve(online.app) as login:
            page = f"{login}/{self.tenant.host}/{self.tenant.customer}/admin"
            yield Ready(
                tables=(
                    "[systems.superoffice]\n"
                    f'customer = "{self.tenant.customer}"\nlogin_url = "{login}"\n'
                    f'client_id = "{app.client_id}"\nredirect_url = "{address}{CALLBACK}"\n'
                    f'admin_page = "{page}"\n'
                ),
                environment={
                    "LICBOT_SYSTEMS_SUPEROFFICE_CLIENT_SECRET": app.client_secret,
                    "LICBOT_SYSTEMS_SUPEROFFICE_SYSTEM_TOKEN": self.tenant.system_token,
                    "LICBOT_SYSTEMS_SUPEROFFICE_PRIVATE_KEY_PEM": pem,
                    "LICBOT_SECRETS_KEYS": Fernet.generate_key().decode(),
                },
                hints=(
                    f"{self.members[0].name} signs in with /license connect. SuperOffice Online "
                    "does not let\nlicbot take licences: the stand-in for its page of users is\n\n"
                    f"    {page}"
                ),
            )


class OnsiteScene(_SuperOfficeScene):
    """An installation of one's own, which lets licbot take licences."""

    @asynccontextmanager
    async def open(self, address: str) -> AsyncIterator[Ready]:
        """Run the installation on a port of its own."""
        admin = self.people[0]
        async with serve(Onsite(self.tenant).app) as host:
            yield Ready(
                tables=(
                    "[systems.superoffice]\n"
                    f'address = "{host}/WebApi"\nusername = "{admin.login}"\n'
                ),
                environment={
                    "LICBOT_SYSTEMS_SUPEROFFICE_PASSWORD": admin.password,
                    "LICBOT_SECRETS_KEYS": Fernet.generate_key().decode(),
                },
                hints=(
                    "licbot takes licences itself here. The stand-in for the page of users is\n\n"
                    f"    {host}/WebApi/admin"
                ),
            )
