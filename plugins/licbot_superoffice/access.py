"""How people get into a system, for the steps and the page that let them."""

from dataclasses import dataclass

from licbot_superoffice.calls import Tenant
from licbot_superoffice.grants import Grants
from licbot_superoffice.signin import SignIn
from licbot_superoffice.tickets import SystemUser


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIns:
    """What there is where administrators sign in themselves.

    system_user: speaks for licbot while none of them is signed in, where there is one.
    """

    sign_in: SignIn
    grants: Grants
    tenant: Tenant
    system_user: SystemUser | None = None

    async def is_reached(self) -> bool:
        """Whether licbot can speak to the tenant while nobody acts."""
        if self.system_user and await self.system_user.is_known():
            return True
        return bool(await self.grants.latest())


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """The way into one system.

    customer: the tenant, or the address of an installation. signed_in: ``None`` where people are
    known by their e-mail addresses.
    """

    system: str
    customer: str
    signed_in: SignIns | None = None
