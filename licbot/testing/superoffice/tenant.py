"""One customer's installation: its users, licences and what happened to them."""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from licbot.testing.superoffice.assignments import Assignments
from licbot.testing.superoffice.exact import HandedOut
from licbot.testing.superoffice.failures import Failure, Happening, Plans
from licbot.testing.superoffice.files import license_file
from licbot.testing.superoffice.ledger import Activation, Exchange, Save, Served
from licbot.testing.superoffice.licenses import (
    SEAT,
    SUPEROFFICE,
    SimLicense,
    SimModule,
    key_of,
)
from licbot.testing.superoffice.sessions import Sessions
from licbot.testing.superoffice.users import ADMINISTRATOR, PLAIN, SimUser, UserKind

Clock = Callable[[], datetime]
ALL_RIGHTS = ("admin-all", "admin-lists", "admin-user", "export-selection")
PARTNER = SimUser(
    id=2,
    login="SYSTEM",
    full_name="System User",
    role="System",
    kind=UserKind.SYSTEM,
)
"""Who unattended apps are, in a tenant without a system user of its own."""


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class LicenseServerStatus:
    """What the licence server is made to say, whatever it has."""

    status: str
    message: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A request of Service."""

    id: int
    title: str
    owner: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Fencing:
    """How far a CRM Suite's plan is filled: active projects and the like."""

    active: int = 0
    maximum: int = 0
    message: str = ""


@dataclass(slots=True)
class _Service:
    tickets: dict[int, Ticket] = field(default_factory=dict)
    by_owner: dict[int, list[int]] = field(default_factory=dict)
    last: int = 1000


class Tenant:
    """A tenant, to be filled by tests and looked into afterwards.

    Put licences in force first, then add users. What is done here directly is in no ledger.

    state: as the state API names it; ``Running`` and ``OnlineMaintenance`` have an API.
    host: the numbered host, Online; see ``move``.
    language: in which licences are named to those who ask in none.
    metadata_as: ``json`` or ``xml``, for archives.
    top_limit: the most rows an archive gives at once.
    output: how archives write booleans to those who do not say: ``Display`` or ``Logical``.
    closed: beginnings of paths below ``/api/v1`` that answer 403, such as ``/Agents/License``.
    roles: the function rights of each role.
    serials: company names and serial numbers that ``ChangeSerialNumber`` may change to, and
    the licence that comes with them.
    saves, activations, requests: the ledger. observers: called with every exchange.
    """

    def __init__(
        self,
        customer: str = "Cust12345",
        *,
        company: str = "Nordlicht Handel GmbH",
        serial: str = "1234567890",
        clock: Clock = now,
    ) -> None:
        self.customer = customer
        self.company = company
        self.serial = serial
        self.clock = clock
        self.state = "Running"
        self.host = "online2"
        self.language = "en"
        self.metadata_as = "json"
        self.top_limit = 10_000
        self.output = "Display"
        self.version = "12.0.9700.1"
        self.closed: set[str] = set()
        self.roles: dict[str, tuple[str, ...]] = {
            ADMINISTRATOR: ALL_RIGHTS,
            PLAIN: ("export-selection",),
            "System": ALL_RIGHTS,
            "Anonymous": (),
        }
        self.system_token = f"licbot-{secrets.token_hex(5)}"
        self.fencing = Fencing()
        self.shop_url = "https://shop.example/licences"
        self.serials: dict[tuple[str, str], SimLicense | None] = {}
        self.users: dict[int, SimUser] = {}
        self.assignments = Assignments()
        self.installed: dict[str, SimLicense] = {}
        self.offered: dict[str, SimLicense] = {}
        self.statuses: dict[str, LicenseServerStatus] = {}
        self.handed_out = HandedOut()
        self.sessions = Sessions(customer)
        self.plans = Plans()
        self.saves: list[Save] = []
        self.activations: list[Activation] = []
        self.requests: list[Served] = []
        self.observers: list[Callable[[Exchange], None]] = []
        self._logins: dict[str, int] = {}
        self._ids: dict[str, int] = {}
        self._service = _Service()

    # Users

    def add_user(self, user: SimUser, *modules: str, owner: str = SUPEROFFICE) -> SimUser:
        """Have a user who holds these licences; a plan's members come with it."""
        self.users[user.id] = user
        self._logins[user.login.casefold()] = user.id
        self._logins.setdefault(user.name.casefold(), user.id)
        self.assign(user.id, *modules, owner=owner)
        self._seat(user)
        return user

    def user(self, login: str) -> SimUser | None:
        """The user with a login or short name."""
        found = self._logins.get(login.casefold())
        return self.users.get(found) if found is not None else None

    def change_user(self, user: int | SimUser, **values: Any) -> SimUser:
        """Change what is known of a user: ``change_user(7, role="Administrator")``."""
        changed = replace(self.users[_id(user)], **values)
        self.users[changed.id] = changed
        self._logins[changed.login.casefold()] = changed.id
        return changed

    def set_login(self, user: int | SimUser, can_login: bool) -> None:
        """Switch whether a user can log in; in CRM Suite that is the seat."""
        self._seat(self.change_user(user, can_login=can_login))

    def retire(self, user: int | SimUser) -> None:
        """Make a former employee of a user: they lose every licence."""
        self.assignments.take(_id(user), self.assignments.of(_id(user)))
        self.change_user(user, retired=True)

    def delete(self, user: int | SimUser) -> None:
        """Delete a user: listed no longer, and what they hold is not counted."""
        self.assignments.leave(_id(user))
        self.change_user(user, deleted=True)

    @property
    def partner(self) -> SimUser:
        """Who an unattended app is here: the first system user."""
        own = (each for each in self.users.values() if each.kind is UserKind.SYSTEM)
        return next(own, PARTNER)

    def who(self, user: int) -> SimUser | None:
        """A user who can be signed in."""
        return self.users.get(user) or (PARTNER if user == PARTNER.id else None)

    def rights(self, user: SimUser) -> tuple[str, ...]:
        """The function rights of a user, sorted."""
        return tuple(sorted(self.roles.get(user.role, ())))

    def administers(self, user: SimUser) -> bool:
        """Whether a user is an administrator."""
        return "admin-all" in self.rights(user)

    def role_id(self, role: str) -> int:
        """The number of a role."""
        return list(self.roles).index(role) + 1 if role in self.roles else 0

    # Licences

    def put_in_force(self, license_set: SimLicense) -> None:
        """Have a licence set in force, whatever is in use."""
        self.installed[license_set.key] = self.issued(license_set)

    def offer(self, license_set: SimLicense) -> None:
        """Let the licence server have a licence set for its owner."""
        self.offered[license_set.key] = self.issued(license_set)

    def withdraw(self, owner: str = SUPEROFFICE) -> None:
        """Let the licence server have nothing new for an owner."""
        self.offered.pop(owner.casefold(), None)

    def issued(self, license_set: SimLicense) -> SimLicense:
        """The licence as issued to this tenant, unless it says to whom."""
        company, serial = license_set.company or self.company, license_set.serial or self.serial
        return replace(license_set, company=company, serial=serial)

    def reissued(self, license_set: SimLicense) -> SimLicense:
        """The licence as issued to this tenant, whomever it says."""
        return replace(license_set, company=self.company, serial=self.serial)

    def license_file(self, license_set: SimLicense) -> str:
        """The text of a signed file with a licence, issued to this tenant."""
        return license_file(self.issued(license_set))

    def set_status(
        self, status: str, message: str = "", url: str = "", *, owner: str = SUPEROFFICE
    ) -> None:
        """Let the licence server say a status, whatever it has; empty for the true one."""
        self.statuses.pop(owner.casefold(), None)
        if status:
            said = LicenseServerStatus(status=status, message=message, url=url)
            self.statuses[owner.casefold()] = said

    def module(self, name: str, owner: str = SUPEROFFICE) -> SimModule | None:
        """A licence in force."""
        license_set = self.installed.get(owner.casefold())
        return license_set.find(name) if license_set else None

    def module_id(self, owner: str, name: str) -> int:
        """The number of a licence; it keeps it."""
        return self._ids.setdefault(key_of(owner, name), len(self._ids) + 101)

    def assign(self, user: int | SimUser, *modules: str, owner: str = SUPEROFFICE) -> None:
        """Give a user licences, with the members of a plan, past all rules."""
        names = self.with_members(modules, owner)
        self.assignments.give(_id(user), (key_of(owner, name) for name in names))
        self.follow_seat(_id(user), (), names)

    def unassign(self, user: int | SimUser, *modules: str, owner: str = SUPEROFFICE) -> None:
        """Take licences of a user, with the members of a plan, past all rules."""
        names = self.with_members(modules, owner)
        self.assignments.take(_id(user), (key_of(owner, name) for name in names))
        self.follow_seat(_id(user), names, ())

    def with_members(self, modules: Iterable[str], owner: str) -> list[str]:
        """Licences with those that come with them. Raises KeyError for one not in force."""
        names: dict[str, None] = {}
        for name in modules:
            module = self.module(name, owner)
            if module is None:
                raise KeyError(f"{owner} has no licence {name} in force")
            names.update(dict.fromkeys((module.name, *module.members)))
        return list(names)

    def held_by(self, user: int | SimUser, owner: str = SUPEROFFICE) -> set[str]:
        """The names of an owner's licences that a user holds, hidden ones too."""
        license_set = self.installed.get(owner.casefold())
        modules = license_set.modules if license_set else ()
        mine = self.assignments.of(_id(user))
        return {each.name for each in modules if key_of(owner, each.name) in mine}

    def in_use(self, module: str, owner: str = SUPEROFFICE) -> int:
        """How many users hold a licence; those who left are not counted."""
        return self.assignments.in_use(key_of(owner, module))

    def holders(self, module: str, owner: str = SUPEROFFICE) -> set[int]:
        """The ids of those who hold a licence and have not left."""
        return set(self.assignments.holders(key_of(owner, module)))

    def follow_seat(self, user: int, taken: Collection[str], given: Collection[str]) -> None:
        """Let a user log in, or no longer, as a seat of CRM Suite was given or taken."""
        if SEAT in taken or SEAT in given:
            self.change_user(user, can_login=SEAT in given)

    def activate(self, license_set: SimLicense) -> None:
        """Put a licence in force; what it no longer has is taken of everybody."""
        current = self.installed.get(license_set.key)
        names = {each.name for each in license_set.modules}
        gone = [each.name for each in current.modules if each.name not in names] if current else []
        self.assignments.drop(key_of(license_set.owner, name) for name in gone)
        self.installed[license_set.key] = license_set
        self.company, self.serial = license_set.company, license_set.serial
        if self.offered.get(license_set.key) == license_set:
            del self.offered[license_set.key]

    # Service

    def open_request(self, user: int | SimUser, number: int = 1) -> None:
        """Let a user have more open requests in Service."""
        service = self._service
        for _ in range(number):
            service.last += 1
            title = f"Request {service.last}"
            ticket = Ticket(id=service.last, title=title, owner=_id(user))
            service.tickets[ticket.id] = ticket
            service.by_owner.setdefault(ticket.owner, []).append(ticket.id)

    def close_requests(self, user: int | SimUser) -> None:
        """Close all requests of a user."""
        for ticket in self._service.by_owner.pop(_id(user), []):
            del self._service.tickets[ticket]

    def open_requests(self, user: int | SimUser) -> int:
        """How many open requests a user has."""
        return len(self._service.by_owner.get(_id(user), ()))

    @property
    def tickets(self) -> Iterable[Ticket]:
        """The open requests, oldest first."""
        return self._service.tickets.values()

    # What happens

    def fail(self, where: str, how: Failure, times: int = 1) -> None:
        """Let the next requests go wrong whose path contains a text."""
        self.plans.fail(where, how, times)

    def before(self, where: str, happening: Happening) -> None:
        """Call something once, before the next request whose path contains a text is served."""
        self.plans.before(where, happening)

    def revoke(self, user: int | SimUser) -> None:
        """Take back a user's consent: their tokens work no longer, new ones are not given."""
        self.sessions.revoke(_id(user))

    def expire_tokens(self) -> None:
        """Let all access tokens and tickets have ended; refreshing works still."""
        self.sessions.expire()

    @property
    def has_api(self) -> bool:
        """Whether the API answers in the state that the tenant is in."""
        return self.state in ("Running", "OnlineMaintenance")

    def move(self, host: str) -> None:
        """Move to another numbered host, such as ``online3``."""
        self.host = host

    def _seat(self, user: SimUser) -> None:
        seat = self.module(SEAT)
        if seat is None:
            return
        change = self.assignments.give if user.may_sign_in else self.assignments.take
        change(user.id, (key_of(SUPEROFFICE, each) for each in (SEAT, *seat.members)))


def _id(user: int | SimUser) -> int:
    return user if isinstance(user, int) else user.id
