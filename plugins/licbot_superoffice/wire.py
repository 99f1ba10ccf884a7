"""The web API as the rest of the plugin sees it: a path, bytes there, bytes back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from licbot.domain.errors import SystemRefused, SystemUnavailable

NO_QUERY: Mapping[str, str] = MappingProxyType({})


class SignInLost(SystemRefused):
    """The sign-in to SuperOffice is no longer valid. Whoever it belongs to types
    `/license connect` to sign in anew, then tries again.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What SuperOffice answered. content: the bytes as they came; they may hold secrets."""

    status: int
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """What the content says. Raises SystemUnavailable where it is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise SystemUnavailable(
                "SuperOffice answered with something that licbot can't read. licbot tries again "
                "by itself; if it stays so, the people who run licbot check its address."
            ) from None


class Api(Protocol):
    """Calls to one tenant, with all that happens on the way.

    path: below ``…/api/v1/``, such as ``Agents/License/GetLicenseFromDB``. language: two letters;
    empty for the one of the user. actor: the Slack user whose sign-in is used where there is one;
    otherwise, or where it is empty, the unattended one.

    An expired sign-in is renewed, a tenant that moved is looked up anew, and a busy one is waited
    for. Every other status is an answer, also those that tell of an error. All methods raise
    SystemUnavailable, and SignInLost where the sign-in of the actor came to its end; neither
    holds anything secret.
    """

    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str] = NO_QUERY,
        language: str = "",
        actor: str = "",
    ) -> Answer:
        """Read something."""
        ...

    async def post(
        self,
        path: str,
        content: bytes = b"",
        *,
        language: str = "",
        actor: str = "",
        again: bool = True,
    ) -> Answer:
        """Send JSON, byte for byte as given.

        again: whether it may be sent a second time when the answer was lost. Where it may not,
        SystemUnavailable leaves open whether it was carried out.
        """
        ...

    async def put(self, path: str, content: bytes, *, actor: str = "") -> Answer:
        """Send JSON, byte for byte as given, and never a second time when the answer was lost."""
        ...

    async def page(self) -> str:
        """The address where people administer users in their browser; empty where unknown."""
        ...

    async def about(self) -> Sequence[str]:
        """Where the tenant is, how it is, and who speaks to it, a line each."""
        ...
