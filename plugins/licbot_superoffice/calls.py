"""Calls to a tenant: found where it is, sent as who speaks, and sent anew where that helps."""

from collections.abc import Mapping, Sequence

import httpx
import structlog

from licbot.domain.errors import SystemUnavailable
from licbot_superoffice.credentials import Credential, Credentials, Proof
from licbot_superoffice.tenant import Locator, Place
from licbot_superoffice.transport import Received, Sending, Transport
from licbot_superoffice.wire import NO_QUERY, Answer, error_words
from licbot_superoffice.words import said

log = structlog.get_logger(__name__)

MOVED = (
    "SuperOffice is moving the tenant to another place. licbot tries again by itself in a while."
)
UNDECIDED = (
    "SuperOffice answers that something went wrong on its side, which leaves open whether it did "
    "what was asked for. licbot looks again by itself."
)
_MOST_PROOFS = 3


class Tenant:
    """The API of a tenant, for whoever shows a credential."""

    def __init__(self, transport: Transport, locator: Locator) -> None:
        self._transport = transport
        self._locator = locator

    async def read(self, path: str, credential: Credential) -> Answer:
        """Read something. Raises SystemUnavailable and SignInLost."""
        return await self.call(Sending(method="GET", url=path), credential)

    async def call(self, sending: Sending, credential: Credential) -> Answer:
        """Call a path below ``…/api/v1/``. Raises SystemUnavailable and SignInLost."""
        proof = await credential.proof()
        for _ in range(_MOST_PROOFS):
            received = await self._found(sending, proof)
            if received.status != 401:
                return Answer(status=received.status, content=received.content)
            if proof.fresh:
                break
            proof = await credential.renewed(proof)
        log.warning("superoffice refuses who speaks")
        raise credential.refusal()

    async def page(self) -> str:
        """The tenant's address for browsers; empty where it has none. Raises SystemUnavailable."""
        return (await self._locator.place()).page

    async def described(self) -> Sequence[str]:
        """Where the tenant is and how it is, a line each. Raises SystemUnavailable."""
        return await self._locator.described()

    async def _found(self, sending: Sending, proof: Proof) -> Received:
        """The answer from where the tenant is, also where it has just moved."""
        for _ in range(2):
            place = await self._locator.place()
            received = await self._sent(_addressed(sending, place, proof), place)
            if received.status != 421:
                return received
            log.info("the tenant moved")
            self._locator.moved(place)
        raise SystemUnavailable(MOVED)

    async def _sent(self, sending: Sending, place: Place) -> Received:
        try:
            received = await self._transport.send(sending)
            if received.status < 500 or sending.again:
                return received
            # It may have been done all the same.
            raise SystemUnavailable(f"{UNDECIDED} {said(error_words(received.content))}")
        except SystemUnavailable as error:
            unavailable = error
        # Where the tenant itself is not at work, its state says so in better words.
        self._locator.moved(place)
        await self._locator.place()
        raise unavailable


def _addressed(sending: Sending, place: Place, proof: Proof) -> Sending:
    return Sending(
        method=sending.method,
        url=f"{place.api}/v1/{sending.url}",
        headers={**sending.headers, **proof.headers},
        content=sending.content,
        again=sending.again,
    )


class Calls:
    """Calls by whoever acts; see ``wire.Api``.

    page: where users are administered, if set. by_anyone: see ``by_whoever_can``.
    """

    def __init__(
        self,
        tenant: Tenant,
        credentials: Credentials,
        page: str = "",
        *,
        by_anyone: bool = False,
    ) -> None:
        self._tenant = tenant
        self._credentials = credentials
        self._page = page
        self._by_anyone = by_anyone

    def by_whoever_can(self) -> "Calls":
        """The same calls, for which the unattended sign-in stands in also where they change."""
        return Calls(self._tenant, self._credentials, self._page, by_anyone=True)

    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str] = NO_QUERY,
        language: str = "",
        actor: str = "",
    ) -> Answer:
        """Read something."""
        url = f"{path}?{httpx.QueryParams(query)}" if query else path
        return await self._call(Sending(method="GET", url=url, headers=_headers(language)), actor)

    async def post(
        self,
        path: str,
        content: bytes = b"",
        *,
        language: str = "",
        actor: str = "",
        again: bool = True,
    ) -> Answer:
        """Send JSON, byte for byte as given."""
        headers = {**_headers(language), "Content-Type": "application/json"}
        return await self._call(
            Sending(method="POST", url=path, headers=headers, content=content, again=again), actor
        )

    async def put(self, path: str, content: bytes, *, actor: str = "") -> Answer:
        """Send JSON, byte for byte as given, and never a second time when the answer was lost."""
        headers = {**_headers(""), "Content-Type": "application/json"}
        return await self._call(
            Sending(method="PUT", url=path, headers=headers, content=content, again=False), actor
        )

    async def page(self) -> str:
        """The address where people administer users in their browser; empty where unknown."""
        return self._page or await self._tenant.page()

    async def about(self) -> Sequence[str]:
        """Where the tenant is, how it is, and who speaks to it, a line each."""
        return [*await self._tenant.described(), await self._credentials.described()]

    async def _call(self, sending: Sending, actor: str) -> Answer:
        # Whatever changes something may not be sent twice, and the other way round.
        reads = sending.again or self._by_anyone
        chosen = self._credentials.of if reads else self._credentials.to_change
        return await self._tenant.call(sending, await chosen(actor))


def _headers(language: str) -> Mapping[str, str]:
    accept = {"Accept": "application/json"}
    return {**accept, "Accept-Language": language, "SO-Language": language} if language else accept
