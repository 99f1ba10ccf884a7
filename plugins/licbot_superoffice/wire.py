"""The web API as the rest of the plugin sees it: a path, bytes there, bytes back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from licbot.domain.errors import SystemRefused, SystemUnavailable

NO_QUERY: Mapping[str, str] = MappingProxyType({})


class NotLetIn(SystemUnavailable):
    """SuperOffice lets nobody in whom licbot speaks as. The people who run licbot check that its
    app is approved for the tenant, and its user name and password.
    """


class SignInLost(SystemRefused):
    """The sign-in to SuperOffice is no longer valid. Whoever it belongs to types
    `/license connect` to sign in anew, then tries again.
    """


def read_json(content: bytes) -> Any:
    """What somebody else's JSON says. Raises SystemUnavailable where it is none."""
    try:
        return json.loads(content)
    # What is nested too deeply for the reader is no answer either.
    except (ValueError, RecursionError):
        raise SystemUnavailable(UNREADABLE) from None


def read_object(content: bytes) -> Mapping[str, Any]:
    """What somebody else's JSON says; nothing where it is no JSON, or no object."""
    try:
        found = read_json(content)
    except SystemUnavailable:
        return {}
    return found if isinstance(found, dict) else {}


def text_of(value: object) -> str:
    """Somebody else's value where it is a text; nothing where it is none."""
    return value if isinstance(value, str) else ""


def error_words(content: bytes) -> str:
    """What SuperOffice says of an error; nothing where it did not write this itself."""
    found = read_object(content)
    words = found.get("ErrorMessage")
    return words.strip() if found.get("Error") is True and isinstance(words, str) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What SuperOffice answered. content: the bytes as they came; they may hold secrets."""

    status: int
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """What the content says. Raises SystemUnavailable where it is no JSON."""
        return read_json(self.content)


UNREADABLE = (
    "SuperOffice answered with something that licbot can't read. licbot tries again by itself; if "
    "it stays so, the people who run licbot check its address."
)


class Api(Protocol):
    """Calls to one tenant, with all that happens on the way.

    path: below ``…/api/v1/``, such as ``Agents/License/GetLicenseFromDB``. language: two letters;
    empty for the one of the user. actor: the Slack user whose sign-in is used. Where they have
    none, or where it is empty, the unattended one reads. What may not be sent twice changes
    something, and is done with no sign-in but the actor's; where there is no actor, since licbot
    acts by itself, with the system user's and nobody else's.

    What may not be sent twice is sent again all the same where it is sure that it was not carried
    out: where it never left, where the sign-in was refused, where the tenant has moved, and where
    SuperOffice was too busy (429, or 503 with Retry-After).

    An expired sign-in is renewed, a tenant that moved is looked up anew, and a busy one is waited
    for. Every other status is an answer, also those that tell of an error. All methods raise
    SystemUnavailable (NotLetIn, where not even a new sign-in is accepted), and SignInLost where
    the sign-in of the actor came to its end, or where they have none with which to change
    something; none of them holds anything secret.
    """

    def by_whoever_can(self) -> "Api":
        """The same calls, for which the unattended sign-in stands in also where they change."""
        ...

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

        again: whether it may be sent a second time when the answer was lost, or was an error.
        Where it may not, SystemUnavailable leaves open whether it was carried out.
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
