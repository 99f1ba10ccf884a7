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
_LOST = ""
"""What is kept in place of a grant that SuperOffice accepts no more."""

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
        """Keep a grant of a new sign-in, in place of the one its member had."""
        await self._vault.write(f"{PREFIX}{grant.member}", _worded(grant))

    async def note(self, grant: Grant, administrator: bool) -> None:
        """Keep what SuperOffice said of whoever signed in with this grant.

        Nothing of a newer sign-in is changed. Raises SignInLost where they signed out.
        """
        current = await self.of(grant.member)
        while current and current.signed_in_at == grant.signed_in_at:
            if await self._exchanged(current, replace(current, is_administrator=administrator)):
                return
            current = await self.of(grant.member)
        if current is None:
            raise SignInLost

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
        return await self._updated(grant, tokens, await self.said(grant.associate, tokens))

    async def _lost(self, grant: Grant) -> Renewal:
        while (current := await self.of(grant.member)) is not None:
            if not _is_same(current, grant):
                return Renewal(grant=current)
            if await self._exchanged(current, None):
                log.warning("a sign-in was revoked", member=grant.member)
                break
        raise SignInLost

    async def _updated(self, grant: Grant, tokens: Tokens, said: bool | None) -> Renewal:
        """Keep what a renewal brought, unless they signed out or in anew while it was under way."""
        while (current := await self.of(grant.member)) is not None:
            if not _is_same(current, grant):
                return Renewal(grant=current)
            updated = replace(
                current,
                access_token=tokens.access_token,
                expires_at=tokens.expires_at,
                refresh_token=tokens.refresh_token or current.refresh_token,
                is_administrator=current.is_administrator if said is None else said,
            )
            if await self._exchanged(current, updated):
                log.info("a sign-in was renewed", member=grant.member)
                return Renewal(grant=updated, fresh=True, administrator=said)
        raise SignInLost

    async def _exchanged(self, current: Grant, changed: Grant | None) -> bool:
        """Keep a grant in place of the one that is kept now; whether that is still the one.

        The place of a grant that is lost stays, empty: nothing may come between looking at it and
        deleting it.
        """
        name = f"{PREFIX}{current.member}"
        kept = await self._vault.read(name)
        if not kept or _parsed(kept) != current:
            return False
        return await self._vault.replace(name, kept, _worded(changed) if changed else _LOST)

    async def said(self, associate: str, tokens: Tokens) -> bool | None:
        """What new tokens say of whether an associate is an administrator; ``None``: nothing."""
        if not tokens.id_token:
            return None
        try:
            identity = await self._identities.verified(tokens.id_token)
        except (IdentityRefused, SystemUnavailable) as error:
            log.warning("the id token of a renewal is not relied on", reason=type(error).__name__)
            return None
        return identity.is_administrator if identity.associate == associate else None


def _is_same(current: Grant, grant: Grant) -> bool:
    """Whether a grant is of the same sign-in, and was not renewed by another process since."""
    return (current.signed_in_at, current.refresh_token) == (
        grant.signed_in_at,
        grant.refresh_token,
    )


def _worded(grant: Grant) -> str:
    words = asdict(grant)
    for name in ("expires_at", "signed_in_at"):
        words[name] = words[name].isoformat()
    return json.dumps(words)


def _parsed(kept: str) -> Grant:
    words = json.loads(kept)
    for name in ("expires_at", "signed_in_at"):
        words[name] = datetime.fromisoformat(words[name])
    return Grant(**words)
