"""What licbot shows of itself with a call, and how that is renewed."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from licbot.domain.errors import LicbotError
from licbot_superoffice.settings import Onsite
from licbot_superoffice.wire import NotLetIn


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a call is sent with.

    token: what is renewed when it is refused. holder: the Slack user whose sign-in it is, if any.
    fresh: it was obtained just now; where it is refused, another one would be too.
    """

    headers: Mapping[str, str] = field(repr=False)
    token: str = field(default="", repr=False)
    holder: str = ""
    fresh: bool = False


class Credential(Protocol):
    """Somebody's way to prove who they are."""

    async def proof(self) -> Proof:
        """What to show. Raises SystemUnavailable and SignInLost."""
        ...

    async def renewed(self, spent: Proof) -> Proof:
        """What to show in place of what was refused. Raises SystemUnavailable and SignInLost."""
        ...

    def refusal(self) -> LicbotError:
        """What to raise where even what was obtained just now is refused."""
        ...


class Credentials(Protocol):
    """Chooses who speaks."""

    async def of(self, actor: str) -> Credential:
        """The sign-in of a Slack user where there is one; otherwise the unattended one."""
        ...

    async def to_change(self, actor: str) -> Credential:
        """The sign-in of a Slack user, and no other person's; licbot's own where that is empty.

        Raises SignInLost where they have none.
        """
        ...

    async def described(self) -> str:
        """Who speaks unattended, in words. Raises SystemUnavailable where nobody does."""
        ...


class Basic:
    """A user name and a password, for everybody."""

    def __init__(self, site: Onsite) -> None:
        self._username = site.username
        pair = f"{site.username}:{site.password}".encode()
        self._proof = Proof(
            headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"}, fresh=True
        )

    async def of(self, actor: str) -> Credential:
        """The same for all."""
        return self

    async def to_change(self, actor: str) -> Credential:
        """The same for all."""
        return self

    async def described(self) -> str:
        """The user's name."""
        return f"licbot signs in as the user {self._username}."

    async def proof(self) -> Proof:
        """User name and password."""
        return self._proof

    async def renewed(self, spent: Proof) -> Proof:
        """The same: there is no other."""
        return self._proof

    def refusal(self) -> LicbotError:
        """That they are wrong."""
        return NotLetIn(NOT_SIGNED_IN)


class Bearer:
    """An access token that was obtained just now and is kept nowhere yet."""

    def __init__(self, access_token: str) -> None:
        self._proof = Proof(headers=bearer(access_token), token=access_token, fresh=True)

    async def proof(self) -> Proof:
        """The token."""
        return self._proof

    async def renewed(self, spent: Proof) -> Proof:
        """The same: there is no other."""
        return self._proof

    def refusal(self) -> LicbotError:
        """That SuperOffice does not let the app in."""
        return NotLetIn(NOT_LET_IN)


def bearer(access_token: str) -> Mapping[str, str]:
    """The headers that show an access token."""
    return {"Authorization": f"Bearer {access_token}"}


NOT_SIGNED_IN = (
    "SuperOffice does not accept licbot's user name and password. The people who run licbot check "
    "`username` and `password` in its settings."
)
NOT_LET_IN = (
    "SuperOffice does not let licbot in, although it signed in just now. The people who run licbot "
    "check that the app is approved for this tenant, and that the tenant may use the web services."
)
