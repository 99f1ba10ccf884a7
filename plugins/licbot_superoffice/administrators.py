"""Who administers SuperOffice: as far as is known, and as SuperOffice says now."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from licbot.domain.errors import LicbotError, NotAllowed
from licbot.domain.people import Person
from licbot.ports.clock import Clock
from licbot_superoffice.access import Access, SignIns
from licbot_superoffice.flight import Flight
from licbot_superoffice.grants import Grant
from licbot_superoffice.principal import ask_principal
from licbot_superoffice.speakers import OwnGrant
from licbot_superoffice.wire import SignInLost

log = structlog.get_logger(__name__)

ByEmail = Callable[[str], Awaitable[bool]]
"""Whether the user with this e-mail address administers SuperOffice."""

FRESH = timedelta(minutes=5)
"""For how long what SuperOffice said of an administrator is relied on."""

SPARED = timedelta(seconds=30)
"""For how long SuperOffice is not asked again after it did not answer."""

QUICK_SECONDS = 1.5
"""How long a person in Slack waits for it; after that, what was known before has to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    until: datetime
    sign_in: datetime
    administrator: bool


class Administrators:
    """Tells administrators of SuperOffice from others.

    Online a sign-in of their own tells; on a server of one's own their e-mail address, as far as
    Slack verified it. by_email: what is known of the user with an address, without asking;
    ask_by_email: what the installation says of them now.
    right: the function right that makes an administrator, where SuperOffice does not say so itself.
    """

    def __init__(
        self,
        *,
        access: Access,
        clock: Clock,
        right: str,
        by_email: ByEmail,
        ask_by_email: ByEmail,
        quick_seconds: float = QUICK_SECONDS,
    ) -> None:
        self.access = access
        self._clock = clock
        self._right = right
        self._by_email = by_email
        self._ask_by_email = ask_by_email
        self._quick_seconds = quick_seconds
        self._looks: dict[str, _Look] = {}
        self._flight: Flight[bool | None] = Flight()

    async def is_administrator(self, person: Person) -> bool:
        """Whether this person administers SuperOffice, as far as is known.

        Every request of anybody asks this: where SuperOffice does not answer, or not soon, what
        was known before is the answer.
        """
        signed_in = self.access.signed_in
        if signed_in:
            return bool(await self._known(signed_in, person.id))
        return bool(person.email) and await self._by_email(person.email or "")

    async def confirm(self, person: Person) -> None:
        """Ask SuperOffice now whether this person administers it.

        Raises NotAllowed with what they can do, and SystemUnavailable.
        """
        signed_in = self.access.signed_in
        if signed_in is None:
            await self._confirm_by_email(person)
            return
        try:
            found = await self._flight.join(person.id, lambda: self._ask(signed_in, person.id))
        except SignInLost:
            found = None
        if found is None:
            raise NotAllowed(SIGN_IN)
        if not found:
            raise NotAllowed(NO_ADMINISTRATOR.format(right=self._right))

    async def associates(self) -> Collection[str]:
        """The ids of associates whose sign-in says that they administer SuperOffice."""
        signed_in = self.access.signed_in
        grants = await signed_in.grants.latest() if signed_in else []
        return frozenset(grant.associate for grant in grants)

    async def _confirm_by_email(self, person: Person) -> None:
        if not person.email:
            raise NotAllowed(NO_EMAIL)
        if not await self._ask_by_email(person.email):
            raise NotAllowed(NO_ADMINISTRATOR_HERE)

    async def _known(self, signed_in: SignIns, member: str) -> bool | None:
        """What is known of somebody who signed in; nothing of anybody else."""
        try:
            grant = await signed_in.grants.of(member)
        except LicbotError as error:
            log.warning("a sign-in cannot be read", reason=type(error).__name__)
            return None
        if grant is None:
            return None
        look = self._looks.get(member)
        if look and look.sign_in == grant.signed_in_at and self._clock.now() < look.until:
            return look.administrator
        return await self._looked(signed_in, grant)

    async def _looked(self, signed_in: SignIns, grant: Grant) -> bool | None:
        member = grant.member
        try:
            async with asyncio.timeout(self._quick_seconds):
                return await self._flight.join(member, lambda: self._ask(signed_in, member))
        except SignInLost:
            return None
        except (LicbotError, TimeoutError) as error:
            log.warning("an administrator was not looked at", reason=type(error).__name__)
            self._remember(grant, grant.is_administrator, SPARED)
            return grant.is_administrator

    def _remember(self, grant: Grant, administrator: bool, length: timedelta) -> None:
        self._looks[grant.member] = _Look(
            until=self._clock.now() + length,
            sign_in=grant.signed_in_at,
            administrator=administrator,
        )

    async def _ask(self, signed_in: SignIns, member: str) -> bool | None:
        """What SuperOffice says of somebody now; nothing where they are not signed in."""
        grant = await signed_in.grants.of(member)
        if grant is None:
            return None
        renewal = await signed_in.grants.renewed(member, grant.access_token)
        found = renewal.administrator
        if found is None:
            own = OwnGrant(signed_in.grants, member)
            found = (await ask_principal(signed_in.tenant, own)).has(self._right)
            await signed_in.grants.note(renewal.grant, found)
        self._remember(renewal.grant, found, FRESH)
        return found


SIGN_IN = (
    "You are not signed in to SuperOffice, which has to confirm that you are an administrator: "
    "type `/license connect`, then try again."
)
NO_ADMINISTRATOR = (
    "You are not an administrator in SuperOffice (the function right {right}), so nothing was "
    "changed. Ask one of them. If you are one, that right may have another name in this tenant: "
    "the people who run licbot check `administrator_right` in its settings."
)
NO_ADMINISTRATOR_HERE = (
    "No administrator of SuperOffice has your e-mail address of Slack, so nothing was changed. Ask "
    "one of them, or have the address of your user in SuperOffice corrected."
)
NO_EMAIL = (
    "Slack knows no e-mail address of yours by which SuperOffice could know you, so nothing was "
    "changed. Ask an administrator who has one."
)
