"""Authorization codes, and the proofs that belong to them."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from licbot.testing.superoffice.jwts import encode
from licbot.testing.superoffice.tenant import Tenant

CODE_LIFE = timedelta(minutes=10)
"""How long an authorization code can be used."""
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What somebody agreed to."""

    tenant: Tenant
    user: int
    client: str
    redirect_uri: str
    challenge: str = field(repr=False)
    nonce: str
    ends: datetime


class Codes:
    """The authorization codes that were given and not used yet."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def open(self, tenant: Tenant, user: int, asked: Mapping[str, str]) -> str:
        """A new code for what was asked for."""
        code = secrets.token_urlsafe(24)
        self._grants[code] = Grant(
            tenant=tenant,
            user=user,
            client=asked.get("client_id", ""),
            redirect_uri=asked.get("redirect_uri", ""),
            challenge=asked.get("code_challenge", ""),
            nonce=asked.get("nonce", ""),
            ends=tenant.clock() + CODE_LIFE,
        )
        return code

    def redeem(self, form: Mapping[str, str]) -> Grant | None:
        """What a code was given for; it can be used once, whether or not the rest fits."""
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or grant.tenant.clock() >= grant.ends:
            return None
        right = (
            form.get("client_id") == grant.client
            and form.get("redirect_uri") == grant.redirect_uri
            and proves(grant.challenge, form.get("code_verifier", ""))
        )
        return grant if right else None


def proves(challenge: str, verifier: str) -> bool:
    """Whether a verifier belongs to a challenge (S256); none may be there without the other."""
    if not challenge or not verifier:
        return not challenge and not verifier
    digest = encode(hashlib.sha256(verifier.encode()).digest())
    return bool(_VERIFIER.fullmatch(verifier)) and secrets.compare_digest(digest, challenge)
