"""Where a tenant is, and whether it works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
import structlog

from licbot.domain.errors import SystemUnavailable
from licbot.ports.clock import Clock
from licbot_superoffice.addresses import is_tenants, parsed
from licbot_superoffice.flight import Flight
from licbot_superoffice.settings import Online, Onsite
from licbot_superoffice.transport import Sending, Transport
from licbot_superoffice.wire import read_object
from licbot_superoffice.words import one_line

log = structlog.get_logger(__name__)


class TenantStopped(SystemUnavailable):
    """The tenant does not work and will not by itself. Ask SuperOffice what became of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a tenant is.

    api: what ``/v1/`` follows. page: for people's browsers, may be empty. state, version: as
    SuperOffice calls them.
    """

    api: str
    page: str = ""
    state: str = field(default="", compare=False)
    version: str = field(default="", compare=False)


class Locator(Protocol):
    """Knows where a tenant is."""

    async def place(self) -> Place:
        """Where it is now. Raises SystemUnavailable where it does not work."""
        ...

    def moved(self, place: Place) -> None:
        """Be told that it is no longer there."""
        ...

    async def described(self) -> Sequence[str]:
        """Where it is and how it is, a line each. Raises SystemUnavailable."""
        ...


class FixedPlace:
    """An installation of one's own stays where it is."""

    def __init__(self, site: Onsite, transport: Transport) -> None:
        self._transport = transport
        self._place = Place(api=f"{site.address}/api")

    async def place(self) -> Place:
        """Where it is."""
        return self._place

    def moved(self, place: Place) -> None:
        """Nothing to be done: the settings say where it is."""

    async def described(self) -> Sequence[str]:
        """Its address, with the version where it says one. Raises SystemUnavailable."""
        headers = {"Accept": "application/json"}
        received = await self._transport.send(
            Sending(method="GET", url=self._place.api, headers=headers)
        )
        version = read_object(received.content).get("NetServerVersion")
        said = f", version {one_line(str(version), 40)}" if version else ""
        return [f"SuperOffice of your own at {self._place.api}{said}."]


class OnlineLocator:
    """Asks SuperOffice where a tenant is, and again when that answer is no longer valid."""

    def __init__(self, site: Online, transport: Transport, clock: Clock) -> None:
        self._site = site
        self._transport = transport
        self._clock = clock
        self._known: Place | None = None
        self._until = datetime.min.replace(tzinfo=UTC)
        self._flight: Flight[Place] = Flight()

    async def place(self) -> Place:
        """Where it is now. Raises SystemUnavailable and TenantStopped."""
        if self._known and self._clock.now() < self._until:
            return self._known
        return await self._flight.join("", self._ask)

    def moved(self, place: Place) -> None:
        """Be told that it is no longer there."""
        if place == self._known:
            self._known = None

    async def described(self) -> Sequence[str]:
        """The tenant with its host, its state and its version. Raises SystemUnavailable."""
        place = await self.place()
        host = httpx.URL(place.api).host
        said = f", version {one_line(place.version, 40)}" if place.version else ""
        customer = self._site.customer
        return [f"SuperOffice Online, tenant {customer} at {host}: {place.state}{said}."]

    async def _ask(self) -> Place:
        self._known = None
        state = await self._state()
        words = _STOPPED.get(state.name)
        if words is not None:
            log.warning("the tenant is stopped", state=state.name)
            raise TenantStopped(words.format(customer=self._site.customer))
        if state.name in _PAUSED:
            log.warning("the tenant is being worked on", state=state.name)
            raise SystemUnavailable(_PAUSED[state.name])
        self._until = state.until or self._clock.now() + _UNSAID
        page = self._own(state.endpoint) if state.endpoint else ""
        self._known = Place(
            api=self._own(state.api), page=page, state=state.name, version=state.version
        )
        log.info("the tenant was located", state=state.name, host=httpx.URL(state.api).host)
        return self._known

    async def _state(self) -> "_State":
        url = f"{self._site.login}/api/state/{self._site.customer}"
        headers = {"Accept": "application/json"}
        received = await self._transport.send(Sending(method="GET", url=url, headers=headers))
        if received.status in (400, 404):
            return _State(name="Unknown")
        if received.status != 200:
            log.warning("the tenant's state was refused", status=received.status)
            raise SystemUnavailable(NO_STATE)
        found = read_object(received.content)
        if "State" not in found:
            raise SystemUnavailable(NO_STATE)
        return _read_state(found)

    def _own(self, address: str) -> str:
        url = parsed(address)
        if url is None or not is_tenants(url, httpx.URL(self._site.login)):
            log.warning("the tenant's address is not SuperOffice's", host=url.host if url else "")
            raise SystemUnavailable(FOREIGN)
        return address.rstrip("/")


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    name: str
    endpoint: str = ""
    api: str = ""
    version: str = ""
    until: datetime | None = None


def _read_state(found: Mapping[str, Any]) -> _State:
    name = str(found.get("State"))
    endpoint = str(found.get("Endpoint") or "").rstrip("/")
    return _State(
        name=name if name in _STATES else "Unknown",
        endpoint=endpoint,
        api=str(found.get("Api") or f"{endpoint}/api"),
        version=str(found.get("Version") or ""),
        until=_moment(found.get("ValidUntil")),
    )


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


NO_STATE = (
    "SuperOffice does not say where the tenant is. licbot tries again by itself; if it stays so, "
    "the people who run licbot check `environment` and `login_url` in its settings."
)
FOREIGN = (
    "SuperOffice names an address for the tenant that is not below superoffice.com, so licbot "
    "sends nothing there. Ask SuperOffice about it."
)
_UNSAID = timedelta(minutes=1)
"""How long an answer is relied on that does not say how long it is valid."""

_PAUSED = {
    "OfflineMaintenance": "SuperOffice is being maintained. licbot tries again by itself.",
    "Provisioning": (
        "The SuperOffice tenant is still being set up or maintained. licbot tries again by itself."
    ),
    "MigrationPending": (
        "The SuperOffice tenant is being maintained: it moves to another place. licbot tries again "
        "by itself."
    ),
}
_STOPPED = {
    "Suspended": (
        "The SuperOffice tenant {customer} is suspended, and nothing in it can be reached. Ask "
        "SuperOffice why; an unpaid invoice is a frequent reason."
    ),
    "Deleted": (
        "The SuperOffice tenant {customer} was deleted. If that is right, the people who run "
        "licbot take it out of the settings; otherwise ask SuperOffice at once."
    ),
    "Deleting": (
        "The SuperOffice tenant {customer} is being deleted. If that is not right, ask SuperOffice "
        "at once."
    ),
    "DeleteFailed": (
        "The SuperOffice tenant {customer} was to be deleted, and that failed. Ask SuperOffice "
        "what becomes of it."
    ),
    "ProvisioningFailed": (
        "The SuperOffice tenant {customer} could not be set up. Ask SuperOffice to set it up again."
    ),
    "Unknown": (
        "SuperOffice does not know the tenant {customer}. The people who run licbot check "
        "`customer` and `environment` in its settings."
    ),
}
_STATES = frozenset({"Running", "OnlineMaintenance", *_PAUSED, *_STOPPED})
