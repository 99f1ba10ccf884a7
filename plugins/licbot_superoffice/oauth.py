"""SuperOffice's end of a sign-in: codes and refresh tokens become access tokens."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog

from licbot.domain.errors import SystemUnavailable
from licbot.ports.clock import Clock
from licbot_superoffice.settings import Online
from licbot_superoffice.transport import Sending, Transport
from licbot_superoffice.wire import read_object, text_of

log = structlog.get_logger(__name__)


class GrantRefused(Exception):
    """SuperOffice does not, or no longer, accept this code or refresh token."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """What a sign-in brought. refresh_token, id_token: empty where none came."""

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)


class TokenEndpoint:
    """Where people sign in, and where tokens come from."""

    def __init__(self, site: Online, transport: Transport, clock: Clock) -> None:
        self._site = site
        self._transport = transport
        self._clock = clock

    def sign_in_address(self, *, state: str, verifier: str, nonce: str) -> str:
        """Where a person signs in with their browser."""
        words = {
            "client_id": self._site.client_id,
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": self._site.redirect_url,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            "acr_values": f"tenant:{self._site.customer}",
        }
        return f"{self._site.login}/login/common/oauth/authorize?{urlencode(words)}"

    async def exchange(self, code: str, verifier: str) -> Tokens:
        """Turn the code that somebody brought back into tokens.

        Raises GrantRefused and SystemUnavailable. A code serves once, so it is not sent again.
        """
        return await self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._site.redirect_url,
                "code_verifier": verifier,
            },
            again=False,
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a sign-in. Raises GrantRefused and SystemUnavailable."""
        return await self._ask(
            {"grant_type": "refresh_token", "refresh_token": refresh_token}, again=True
        )

    async def _ask(self, words: Mapping[str, str], *, again: bool) -> Tokens:
        client = {"client_id": self._site.client_id, "client_secret": self._site.client_secret}
        received = await self._transport.send(
            Sending(
                method="POST",
                url=f"{self._site.login}/login/common/oauth/tokens",
                headers={
                    "Accept": "application/json",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                content=urlencode({**client, **words}).encode(),
                again=again,
            )
        )
        found = read_object(received.content)
        if received.status != 200:
            self._refuse(received.status, found.get("error"))
        return self._tokens(found)

    def _refuse(self, status: int, error: object) -> None:
        known = str(error) if error in _ERRORS else "another"
        log.warning("tokens were refused", status=status, error=known)
        if error == "invalid_grant":
            raise GrantRefused
        raise SystemUnavailable(WRONG_CLIENT if known in _CLIENT else NO_TOKENS)

    def _tokens(self, found: Mapping[str, Any]) -> Tokens:
        access, seconds = found.get("access_token"), str(found.get("expires_in", ""))
        if not isinstance(access, str) or not access:
            raise SystemUnavailable(NO_TOKENS)
        length = int(seconds) if seconds.isdecimal() and len(seconds) < 9 else _SECONDS
        return Tokens(
            access_token=access,
            expires_at=self._clock.now() + timedelta(seconds=length),
            refresh_token=text_of(found.get("refresh_token")),
            id_token=text_of(found.get("id_token")),
        )


def challenge(verifier: str) -> str:
    """What is shown of a verifier before it is (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


_SECONDS = 3600
"""How long an access token serves where that is not said."""

_CLIENT = frozenset({"invalid_client", "unauthorized_client"})
_ERRORS = frozenset({"invalid_grant", "invalid_request", "unsupported_grant_type", *_CLIENT})

WRONG_CLIENT = (
    "SuperOffice does not accept licbot's app. The people who run licbot check `client_id`, "
    "`client_secret` and `environment` in its settings."
)
NO_TOKENS = (
    "SuperOffice did not let licbot sign in. licbot tries again by itself; if it stays so, the "
    "people who run licbot check the app's registration."
)
