"""Who signed in, as SuperOffice attests it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
import structlog

from licbot.domain.errors import SystemUnavailable
from licbot.ports.clock import Clock
from licbot.roster.users import email_key
from licbot_superoffice.settings import Online
from licbot_superoffice.transport import Sending, Transport
from licbot_superoffice.wire import read_object

log = structlog.get_logger(__name__)

_SCHEME = "http://schemes.superoffice.net/identity/"
_CLOCKS_APART = timedelta(minutes=2)


class IdentityRefused(Exception):
    """An id token does not hold; the message says why, for operators, and nothing of the token."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What an id token attests.

    tenant: the customer id. nonce: of the sign-in that the token is for; ``None`` where it is not
    said. emails: addresses by which they are known, as addresses are compared. is_administrator:
    ``None`` where it is not said. system_token: of the app's system user, which administrators get
    to see; empty for others.
    """

    tenant: str
    associate: str
    nonce: str | None = field(default=None, repr=False)
    emails: frozenset[str] = frozenset()
    is_administrator: bool | None = None
    system_token: str = field(default="", repr=False)


class Identities:
    """Verifies id tokens against the keys that SuperOffice publishes."""

    def __init__(self, site: Online, transport: Transport, clock: Clock) -> None:
        self._site = site
        self._transport = transport
        self._clock = clock
        self._keys: Mapping[str, jwt.PyJWK] = {}

    async def verified(self, id_token: str) -> Identity:
        """Who an id token is about. Raises IdentityRefused and SystemUnavailable."""
        key = await self._key(id_token)
        try:
            claims = jwt.decode(
                id_token,
                key,
                algorithms=["RS256"],
                issuer=self._site.login,
                audience=self._site.client_id,
                # The time is told by licbot's own clock, below.
                options={
                    "require": ["exp", "iss", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.InvalidTokenError, RecursionError) as error:
            raise IdentityRefused(type(error).__name__) from None
        self._check_time(claims)
        return _identity(claims)

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        apart = _CLOCKS_APART.total_seconds()
        try:
            expired = float(claims["exp"]) + apart <= now
            early = float(claims.get("nbf", 0)) - apart > now
        except (TypeError, ValueError):
            raise IdentityRefused("no time") from None
        if expired or early:
            raise IdentityRefused("expired" if expired else "not valid yet")

    async def _key(self, id_token: str) -> jwt.PyJWK:
        try:
            kid = jwt.get_unverified_header(id_token).get("kid")
        except (jwt.InvalidTokenError, RecursionError):
            raise IdentityRefused("no token") from None
        if not isinstance(kid, str):
            raise IdentityRefused("no key")
        if kid not in self._keys:
            # Keys change now and then; a made-up id costs one request.
            self._keys = await self._published()
        if kid not in self._keys:
            raise IdentityRefused("unknown key")
        return self._keys[kid]

    async def _published(self) -> Mapping[str, jwt.PyJWK]:
        url = f"{self._site.login}/login/.well-known/jwks"
        headers = {"Accept": "application/json"}
        received = await self._transport.send(Sending(method="GET", url=url, headers=headers))
        try:
            if received.status != 200:
                raise ValueError
            keys = jwt.PyJWKSet.from_dict(dict(read_object(received.content))).keys
        except (ValueError, TypeError, AttributeError, jwt.PyJWTError):
            log.warning("the keys of superoffice cannot be read", status=received.status)
            raise SystemUnavailable(NO_KEYS) from None
        return {key.key_id: key for key in keys if key.key_id and key.key_type == "RSA"}


def _identity(claims: Mapping[str, Any]) -> Identity:
    def claim(name: str) -> str:
        return str(claims.get(_SCHEME + name, "")).strip()

    emails = (claim("email"), claim("upn"))
    said = {"true": True, "false": False}
    return Identity(
        tenant=claim("ctx"),
        associate=claim("associateid"),
        nonce=None if claims.get("nonce") is None else str(claims["nonce"]),
        emails=frozenset(email_key(email) for email in emails if "@" in email),
        is_administrator=said.get(claim("is_administrator").lower()),
        system_token=claim("system_token"),
    )


NO_KEYS = (
    "SuperOffice does not give the keys by which a sign-in is checked. Try again in a few minutes; "
    "if it stays so, ask the people who run licbot."
)
