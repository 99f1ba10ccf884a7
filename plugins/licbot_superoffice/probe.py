"""Whether a tenant lets licbot take seats: tried without changing anything, and remembered.

SuperOffice Online closes user management to apps, and nothing says so but a refusal. A user that
can be read with licences, and that passes the check before saving, could be saved.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta

from licbot.domain.errors import SystemRefused, SystemUnavailable
from licbot.hookspecs import SystemContext
from licbot_superoffice.answers import failure
from licbot_superoffice.facts import Fact, read_fact, write_fact
from licbot_superoffice.flight import Flight
from licbot_superoffice.settings import Config
from licbot_superoffice.transport import TROUBLED
from licbot_superoffice.wire import Answer, Api, NotLetIn
from licbot_superoffice.words import said

AGE = timedelta(days=1)
"""How long what was found is relied on."""

_FACT = "removal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ability:
    """Whether licbot can take seats.

    why: in words. at: when it was tried; ``None`` where the settings say it.
    """

    can: bool
    why: str
    at: datetime | None = None


class Probe:
    """Finds out whether a tenant lets licbot take seats, unless the settings say so."""

    def __init__(self, context: SystemContext, config: Config, api: Api) -> None:
        self._context = context
        self._config = config
        self._api = api
        self._flight: Flight[Ability] = Flight()

    async def ability(self) -> Ability:
        """What is known, tried anew once a day. Raises SystemUnavailable where nothing is."""
        if self._config.removal != "auto":
            return _by_settings(self._config)
        known = await self._known()
        if known and known.at and self._context.clock.now() - known.at < AGE:
            return known
        try:
            return await self.look()
        except (SystemUnavailable, SystemRefused):
            if known is None:
                raise
            return known

    async def look(self) -> Ability:
        """Try it now, whatever is known. Raises SystemUnavailable, SystemRefused."""
        if self._config.removal != "auto":
            return _by_settings(self._config)
        return await self._flight.join("", self._try)

    async def _try(self) -> Ability:
        why_not = await _why_not(self._api)
        now = self._context.clock.now()
        found = Ability(can=not why_not, why=why_not or "SuperOffice lets users be saved.", at=now)
        value = {"can": found.can, "why": found.why}
        async with self._context.database.begin() as connection:
            await write_fact(connection, self._context.name, _FACT, value, now)
        return found

    async def _known(self) -> Ability | None:
        async with self._context.database.read() as connection:
            fact: Fact | None = await read_fact(connection, self._context.name, _FACT)
        return Ability(can=fact.value["can"], why=fact.value["why"], at=fact.at) if fact else None


def _by_settings(config: Config) -> Ability:
    can = config.removal == "api"
    return Ability(can=can, why=f'The settings say `removal = "{config.removal}"`.')


async def _why_not(api: Api) -> str:
    """What keeps licbot from taking seats, as far as can be seen; empty where nothing."""
    principal = await api.get("User/currentPrincipal")
    if principal.status >= 500:
        raise SystemUnavailable(TROUBLED)
    words = failure(principal, ["AssociateId"])
    if words is not None:
        return f"SuperOffice does not say who licbot is signed in as. {said(words)}"
    user = await _let_in(api.get(f"User/{principal.json()['AssociateId']}"))
    words = failure(user, ["LicenseOwners"])
    if words is not None:
        return f"SuperOffice does not let users be read. {said(words)}"
    check = await _let_in(api.post("User/Validate", user.content))
    words = _against_saving(check)
    if words is not None:
        return f"SuperOffice does not let users be saved. {said(words)}"
    return ""


async def _let_in(call: Awaitable[Answer]) -> Answer:
    """The answer of a call right after SuperOffice said who licbot is signed in as.

    It knows them, so a sign-in that is refused here is a way to say that this is closed.
    """
    try:
        return await call
    except NotLetIn:
        return Answer(status=401, content=b"")


def _against_saving(check: Answer) -> str | None:
    """What it says where it does not even check; faults of the user's fields are none of saving."""
    if 200 <= check.status < 300:
        value = check.json()
        if isinstance(value, dict) and "MessageDetail" not in value:
            return None
    return failure(check) or ""
