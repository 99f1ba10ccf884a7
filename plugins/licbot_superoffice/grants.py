"""The sign-ins of administrators: kept in the vault, renewed once for everybody who waits."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from licbot.domain.errors import SystemUnavailable
from licbot.ports.clock import Clock
from licbot.ports.vault import Vault
from licbot_superoffice.flight import Flight
from licbot_superoffice.identity import Identities, IdentityRefused
from licbot_superoffice.oauth import GrantRefused, TokenEndpoint, Tokens
from licbot_superoffice.wire import SignInLost

log = structlog.get_logger(__name__)

PREFIX = "grant/"
EARLY = timedelta(minutes=2)
"""How long before its end an access token is no longer used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What lets licbot speak as an administrator.

    member: their Slack user id. associate, name, email: who they are in SuperOffice.
    is_administrator: as SuperOffice said last.
    """

    member: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: datetime
    associate: str
    name: str
    email: str
    is_administrator: bool
    signed_in_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewal:
    """A grant as it is now.

    fresh: its access token was obtained just now. administrator: what SuperOffice said with it;
    ``None`` where it said nothing.
    """

    grant: Grant
    fresh: bool = False
    administrator: bool | None = None


class Grants:
    """All grants of a system. They are read from the vault each time: others write there too."""

    def __init__(
        self, vault: Vault, endpoint: TokenEndpoint, identities: Identities, clock: Clock
    ) -> None:
        self._vault = vault
        self._endpoint = endpoint
        self._identities = identities
        self._clock = clock
        self._flight: Flight[Renewal] = Flight()

    async def of(self, member: str) -> Grant | None:
        """The grant of a Slack user."""
        kept = await self._vault.read(f"{PREFIX}{member}")
        return _parsed(kept) if kept else None

    async def latest(self) -> Sequence[Grant]:
        """The grants of administrators; who signed in most recently comes first."""
        names = [name for name in await self._vault.names() if name.startswith(PREFIX)]
        grants = [await self.of(name.removeprefix(PREFIX)) for name in names]
        fit = [grant for grant in grants if grant and grant.is_administrator]
        return sorted(fit, key=lambda grant: grant.signed_in_at, reverse=True)

    async def keep(self, grant: Grant) -> None:
        """Keep a grant, in place of the one its member had."""
        words = {**asdict(grant)}
        for name in ("expires_at", "signed_in_at"):
            words[name] = words[name].isoformat()
        await self._vault.write(f"{PREFIX}{grant.member}", json.dumps(words))

    async def forget(self, member: str) -> None:
        """Forget a grant."""
        await self._vault.forget(f"{PREFIX}{member}")

    async def usable(self, member: str) -> Renewal:
        """The grant of a Slack user with an access token that will serve for a while.

        Raises SignInLost and SystemUnavailable.
        """
        grant = await self.of(member)
        if grant and grant.expires_at - EARLY > self._clock.now():
            return Renewal(grant=grant)
        return await self.renewed(member, grant.access_token if grant else "")

    async def renewed(self, member: str, spent: str) -> Renewal:
        """The grant with another access token than the one that is spent.

        One that was obtained meanwhile will do, here or in another process. Raises SignInLost, and
        the grant is forgotten, where SuperOffice accepts it no more; raises SystemUnavailable.
        """
        return await self._flight.join(member, lambda: self._renew(member, spent))

    async def _renew(self, member: str, spent: str) -> Renewal:
        grant = await self.of(member)
        if grant is None:
            raise SignInLost
        if grant.access_token != spent and grant.expires_at - EARLY > self._clock.now():
            return Renewal(grant=grant)
        try:
            tokens = await self._endpoint.refresh(grant.refresh_token)
        except GrantRefused:
            return await self._lost(grant)
        said = await self._said(grant, tokens)
        current = await self._replaced(grant)
        if current:
            return Renewal(grant=current)
        return await self._updated(grant, tokens, said)

    async def _lost(self, grant: Grant) -> Renewal:
        current = await self._replaced(grant)
        if current:
            return Renewal(grant=current)
        await self.forget(grant.member)
        log.warning("a sign-in was revoked", member=grant.member)
        raise SignInLost

    async def _replaced(self, grant: Grant) -> Grant | None:
        """The grant of a newer sign-in of the same member. Raises SignInLost where it is gone."""
        current = await self.of(grant.member)
        if current is None:
            raise SignInLost
        return current if current.refresh_token != grant.refresh_token else None

    async def _updated(self, grant: Grant, tokens: Tokens, said: bool | None) -> Renewal:
        updated = replace(
            grant,
            access_token=tokens.access_token,
            expires_at=tokens.expires_at,
            refresh_token=tokens.refresh_token or grant.refresh_token,
            is_administrator=grant.is_administrator if said is None else said,
        )
        await self.keep(updated)
        log.info("a sign-in was renewed", member=grant.member)
        return Renewal(grant=updated, fresh=True, administrator=said)

    async def _said(self, grant: Grant, tokens: Tokens) -> bool | None:
        if not tokens.id_token:
            return None
        try:
            identity = await self._identities.verified(tokens.id_token)
        except (IdentityRefused, SystemUnavailable) as error:
            log.warning("the id token of a renewal is not relied on", reason=type(error).__name__)
            return None
        return identity.is_administrator if identity.associate == grant.associate else None


def _parsed(kept: str) -> Grant:
    words = json.loads(kept)
    for name in ("expires_at", "signed_in_at"):
        words[name] = datetime.fromisoformat(words[name])
    return Grant(**words)
