"""Signing in: begun in Slack, finished in the browser by the same person, once."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert, select, update

from licbot.domain.errors import LicbotError, SystemUnavailable
from licbot.domain.people import Person
from licbot.ports.clock import Clock
from licbot.ports.database import Database
from licbot.ports.vault import Vault
from licbot.roster.users import email_key
from licbot_superoffice.calls import Tenant
from licbot_superoffice.credentials import Bearer
from licbot_superoffice.grants import Grant, Grants
from licbot_superoffice.identity import Identities, Identity, IdentityRefused
from licbot_superoffice.oauth import GrantRefused, TokenEndpoint, Tokens
from licbot_superoffice.principal import Principal, ask_principal
from licbot_superoffice.tables import signins
from licbot_superoffice.tickets import SystemUser

log = structlog.get_logger(__name__)

VALID = timedelta(minutes=10)
"""How long a sign-in may take, from the button to the way back."""

PREFIX = "signin/"


class SignInRefused(LicbotError):
    """This sign-in does not count. Type `/license connect` in Slack to begin a new one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A sign-in that was begun. member: the Slack user it is for."""

    member: str
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)


class SignIn:
    """Sign-ins of one system."""

    def __init__(
        self,
        *,
        system: str,
        customer: str,
        right: str,
        database: Database,
        vault: Vault,
        clock: Clock,
        endpoint: TokenEndpoint,
        identities: Identities,
        tenant: Tenant,
        grants: Grants,
        system_user: SystemUser | None = None,
    ) -> None:
        self._system = system
        self._customer = customer
        self._right = right
        self._database = database
        self._vault = vault
        self._clock = clock
        self._endpoint = endpoint
        self._identities = identities
        self._tenant = tenant
        self._grants = grants
        self._system_user = system_user

    async def begin(self, member: str) -> str:
        """The address where a Slack user signs in, within ten minutes and once."""
        await self._sweep()
        state, verifier, nonce = (secrets.token_urlsafe(size) for size in (32, 64, 32))
        await self._vault.write(
            f"{PREFIX}{_hash(state)}", json.dumps({"verifier": verifier, "nonce": nonce})
        )
        row = {
            "state_hash": _hash(state),
            "system": self._system,
            "member": member,
            "expires_at": self._clock.now() + VALID,
            "used": False,
        }
        async with self._database.begin() as connection:
            await connection.execute(insert(signins).values(row))
        log.info("a sign-in was begun", system=self._system, member=member)
        return self._endpoint.sign_in_address(state=state, verifier=verifier, nonce=nonce)

    async def claim(self, state: str) -> Begun | None:
        """The sign-in that a browser comes back from, the first time and in time."""
        key = _hash(state)
        unused = (
            signins.c.state_hash == key,
            signins.c.system == self._system,
            signins.c.expires_at > self._clock.now(),
            signins.c.used.is_(False),
        )
        # Anybody can open the page with a made-up state: they get no turn at writing.
        async with self._database.read() as connection:
            member = await connection.scalar(select(signins.c.member).where(*unused))
        if member is None or not await self._take(key):
            return None
        kept = await self._vault.read(f"{PREFIX}{key}")
        await self._vault.forget(f"{PREFIX}{key}")
        return Begun(member=member, **json.loads(kept)) if kept else None

    async def _take(self, key: str) -> bool:
        """Use a sign-in up, and whether nobody was faster."""
        unused = (signins.c.state_hash == key, signins.c.used.is_(False))
        async with self._database.begin() as connection:
            taken = await connection.execute(update(signins).where(*unused).values(used=True))
        return bool(taken.rowcount)

    async def finish(self, begun: Begun, code: str, person: Person) -> Grant:
        """Make a grant of the code that the browser of this person brought back.

        It is kept where they are an administrator of SuperOffice, and so is what the sign-in tells
        of the app's system user. Raises SignInRefused and SystemUnavailable.
        """
        tokens = await self._exchanged(begun, code)
        identity = await self._identified(begun, tokens)
        principal = await ask_principal(self._tenant, Bearer(tokens.access_token))
        _require_same(person, identity, principal)
        tokens = await self._decided(tokens, identity, principal)
        grant = self._grant(begun.member, tokens, identity, principal, self._clock.now())
        if grant.is_administrator:
            await self._grants.keep(grant)
            if self._system_user:
                await self._system_user.learn(identity.system_token)
        log.info(
            "somebody signed in",
            system=self._system,
            member=begun.member,
            administrator=grant.is_administrator,
        )
        return grant

    async def _exchanged(self, begun: Begun, code: str) -> Tokens:
        try:
            tokens = await self._endpoint.exchange(code, begun.verifier)
        except GrantRefused:
            raise SignInRefused from None
        if not tokens.refresh_token or not tokens.id_token:
            log.warning("a sign-in brought too little", system=self._system)
            raise SystemUnavailable(TOO_LITTLE)
        return tokens

    async def _identified(self, begun: Begun, tokens: Tokens) -> Identity:
        try:
            identity = await self._identities.verified(tokens.id_token)
        except IdentityRefused as error:
            log.warning("an id token was refused", system=self._system, reason=str(error))
            raise SignInRefused(FORGED) from None
        # Where it is not said, state and verifier bind the token to this sign-in all the same.
        nonce = begun.nonce if identity.nonce is None else identity.nonce
        if not secrets.compare_digest(nonce.encode(), begun.nonce.encode()):
            log.warning("an id token was refused", system=self._system, reason="nonce")
            raise SignInRefused(FORGED)
        if identity.tenant.casefold() != self._customer.casefold():
            raise SignInRefused(OTHER_TENANT.format(customer=self._customer))
        return identity

    async def _decided(self, tokens: Tokens, identity: Identity, principal: Principal) -> Tokens:
        """The tokens to keep, where it can be told later whether they are an administrator.

        The sign-in says so by itself; later a renewal does, or else their rights. Where those do
        not, one renewal is tried, since otherwise everything after the sign-in would be refused.
        """
        if not identity.is_administrator or principal.has(self._right):
            return tokens
        try:
            renewed = await self._endpoint.refresh(tokens.refresh_token)
        except GrantRefused:
            raise SignInRefused from None
        if await self._grants.said(identity.associate, renewed) is None:
            log.warning("the right of administrators is another", system=self._system)
            raise SignInRefused(OTHER_RIGHT.format(right=self._right))
        return replace(renewed, refresh_token=renewed.refresh_token or tokens.refresh_token)

    def _grant(
        self,
        member: str,
        tokens: Tokens,
        identity: Identity,
        principal: Principal,
        now: datetime,
    ) -> Grant:
        said = identity.is_administrator
        return Grant(
            member=member,
            refresh_token=tokens.refresh_token,
            access_token=tokens.access_token,
            expires_at=tokens.expires_at,
            associate=identity.associate or principal.associate,
            name=principal.name,
            email=principal.email or min(identity.emails, default=""),
            is_administrator=principal.has(self._right) if said is None else said,
            signed_in_at=now,
        )

    async def _sweep(self) -> None:
        """Forget sign-ins that nobody can finish any more."""
        over = (signins.c.system == self._system, signins.c.expires_at <= self._clock.now())
        async with self._database.begin() as connection:
            rows = await connection.scalars(select(signins.c.state_hash).where(*over))
            keys = rows.all()
            if keys:
                await connection.execute(delete(signins).where(*over))
        for key in keys:
            await self._vault.forget(f"{PREFIX}{key}")


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _require_same(person: Person, identity: Identity, principal: Principal) -> None:
    """Whoever opened the page is who began in Slack: a link can be passed on to somebody else.

    What SuperOffice attests goes before the address of the user, which colleagues may change.
    """
    theirs = identity.emails or {email_key(principal.email)}
    own = email_key(person.email or "")
    if not own:
        raise SignInRefused(NO_EMAIL)
    if own not in theirs:
        raise SignInRefused(OTHER_PERSON)


FORGED = (
    "What SuperOffice's answer says of who signed in does not hold, so nothing was kept. Type "
    "`/license connect` in Slack to begin anew; if it stays so, ask the people who run licbot."
)
OTHER_TENANT = (
    "You signed in to another SuperOffice tenant than {customer}, the one that licbot looks after. "
    "Sign out of SuperOffice in this browser, then type `/license connect` in Slack and sign in "
    "to {customer}."
)
OTHER_PERSON = (
    "You signed in to SuperOffice as somebody whose e-mail address is not the one of the Slack "
    "account that began this. Nothing was kept. If somebody sent you the link, ask them why: it is "
    "for them alone. Otherwise sign out of SuperOffice in this browser, type `/license connect` in "
    "Slack, and sign in as yourself; if your addresses differ, have one of them changed."
)
OTHER_RIGHT = (
    "SuperOffice says that you are an administrator, but you do not have the function right "
    "{right}, by which licbot would know it from now on. Nothing was kept. That right may have "
    "another name in this tenant: the people who run licbot set `administrator_right` in its "
    "settings to the one that administrators have, then you sign in again."
)
NO_EMAIL = (
    "Slack knows no verified e-mail address of the account that began this, so licbot cannot tell "
    "that it is yours. Nothing was kept. Add your address in Slack, or ask an administrator who "
    "has one."
)
TOO_LITTLE = (
    "SuperOffice's answer to the sign-in holds too little to keep it. The people who run licbot "
    "check that the app is registered for the authorization code flow."
)
