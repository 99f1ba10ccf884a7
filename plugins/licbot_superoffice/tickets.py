"""Tickets of the app's system user: how licbot speaks while nobody is signed in."""

import json

import jwt
import structlog

from licbot.domain.errors import LicbotError, SystemUnavailable
from licbot.ports.clock import Clock
from licbot.ports.vault import Vault
from licbot_superoffice.credentials import NOT_LET_IN, Proof
from licbot_superoffice.flight import Flight
from licbot_superoffice.keys import load, sign
from licbot_superoffice.settings import Online
from licbot_superoffice.transport import Received, Sending, Transport
from licbot_superoffice.wire import NotLetIn, read_object

log = structlog.get_logger(__name__)

TICKET = "ticket"
"""The name of the ticket in the vault."""

LEARNT = "system_token"
"""The name in the vault of the token that came with a sign-in."""

_CLAIM = "http://schemes.superoffice.net/identity/ticket"


class SystemUser:
    """The system user: its ticket serves until it is refused, and is kept over a restart.

    Its token is the one of the settings, or the one that an administrator's sign-in brought.
    """

    def __init__(self, site: Online, transport: Transport, vault: Vault, clock: Clock) -> None:
        self._site = site
        self._transport = transport
        self._vault = vault
        self._clock = clock
        self._key = load(site.private_key)
        self._token = site.system_token
        self._ticket = ""
        self._flight: Flight[Proof] = Flight()

    async def is_known(self) -> bool:
        """Whether there is a token, so that it can speak."""
        self._token = self._token or await self._vault.read(LEARNT) or ""
        return bool(self._token)

    async def learn(self, token: str) -> None:
        """Keep the token that a sign-in brought, where the settings have none."""
        if token and not self._site.system_token:
            await self._vault.write(LEARNT, token)
            self._token = token

    async def proof(self) -> Proof:
        """The ticket as it is known. Raises SystemUnavailable."""
        if self._ticket:
            return self._proof(self._ticket)
        return await self._flight.join("", lambda: self._renew(""))

    async def renewed(self, spent: Proof) -> Proof:
        """Another ticket: one that was obtained meanwhile, or a new one. Raises SystemUnavailable.

        Everyone whose ticket is refused waits for the same one.
        """
        if self._ticket and self._ticket != spent.token:
            return self._proof(self._ticket)
        return await self._flight.join("", lambda: self._renew(spent.token))

    def refusal(self) -> LicbotError:
        """That SuperOffice does not let the app in."""
        return NotLetIn(NOT_LET_IN)

    async def _renew(self, spent: str) -> Proof:
        kept = await self._vault.read(TICKET)
        if kept and kept not in (spent, self._ticket):
            self._ticket = kept
            return self._proof(kept)
        self._ticket = await self._obtain()
        await self._vault.write(TICKET, self._ticket)
        log.info("a ticket of the system user was obtained")
        return self._proof(self._ticket, fresh=True)

    def _proof(self, ticket: str, *, fresh: bool = False) -> Proof:
        headers = {
            "Authorization": f"SOTicket {ticket}",
            "SO-AppToken": self._site.client_secret,
        }
        return Proof(headers=headers, token=ticket, fresh=fresh)

    async def _obtain(self) -> str:
        received = await self._transport.send(
            Sending(
                method="POST",
                url=f"{self._site.login}/Login/api/PartnerSystemUser/Authenticate",
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                content=json.dumps(self._request()).encode(),
            )
        )
        ticket = _ticket_in(received)
        if ticket is None:
            log.warning("the system user was refused", status=received.status)
            raise SystemUnavailable(REFUSED)
        return ticket

    def _request(self) -> dict[str, str]:
        signed = f"{self._token}.{self._clock.now():%Y%m%d%H%M}"
        return {
            "SignedSystemToken": f"{signed}.{sign(self._key, signed)}",
            "ApplicationToken": self._site.client_secret,
            "ContextIdentifier": self._site.customer,
            "ReturnTokenType": "JWT",
        }


def _ticket_in(received: Received) -> str | None:
    try:
        answer = read_object(received.content)
        successful = received.status == 200 and answer["IsSuccessful"] is True
        # It came from SuperOffice itself, over TLS, and is shown to nobody else: there is nothing
        # that its signature would add.
        claims = jwt.decode(answer["Token"], options={"verify_signature": False})
        ticket = claims[_CLAIM]
    except (ValueError, TypeError, KeyError, RecursionError, jwt.InvalidTokenError):
        return None
    return ticket if successful and isinstance(ticket, str) and ticket else None


REFUSED = (
    "SuperOffice refuses licbot's system user. The people who run licbot check `system_token`, "
    "`private_key` and `client_secret` in its settings, and that the clock of its computer is "
    "right."
)
