"""Who speaks, as the tenant sees them."""

from dataclasses import dataclass

from licbot.domain.errors import SystemUnavailable
from licbot_superoffice.calls import Tenant
from licbot_superoffice.credentials import Credential


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """A user of SuperOffice. rights: their function rights, in small letters."""

    associate: str
    name: str
    email: str
    rights: frozenset[str]

    def has(self, right: str) -> bool:
        """Whether they have a function right."""
        return right.casefold() in self.rights


async def ask_principal(tenant: Tenant, credential: Credential) -> Principal:
    """Ask the tenant who shows this credential. Raises SystemUnavailable and SignInLost."""
    answer = await tenant.read("User/currentPrincipal", credential)
    found = answer.json() if answer.status == 200 else None
    if not isinstance(found, dict):
        raise SystemUnavailable(NOBODY_KNOWN)
    rights = found.get("FunctionRights") or []
    return Principal(
        associate=str(found.get("AssociateId", "")),
        name=str(found.get("FullName") or found.get("Associate") or ""),
        email=str(found.get("EMailAddress") or ""),
        rights=frozenset(str(right).casefold() for right in rights if isinstance(right, str)),
    )


NOBODY_KNOWN = (
    "SuperOffice does not say who is signed in. Try again in a few minutes; if it stays so, ask "
    "the people who run licbot."
)
