"""The archive providers: which entities and columns they have, and their rows."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from licbot.testing.superoffice.licenses import (
    NO_PLAN,
    SUPEROFFICE,
    SimLicense,
    SimLicenseType,
    SimModule,
    key_of,
)
from licbot.testing.superoffice.tenant import Tenant, Ticket
from licbot.testing.superoffice.users import SimUser, UserKind
from licbot.testing.superoffice.writing import moment

Column = Callable[[Any], Any]
Entity = Callable[[Any], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """An archive.

    rows: all rows, in the order of their primary keys, of some entities: none means all.
    entities: whether a row is one of an entity. columns: the value of a column in a row.
    primary: the column with the primary key. default: the columns for who selects none.
    """

    entities: Mapping[str, Entity]
    columns: Mapping[str, Column]
    primary: str
    default: tuple[str, ...]
    rows: Callable[[], Iterable[Any]]


ASSOCIATES = (UserKind.ASSOCIATE,)
OTHERS = (UserKind.SYSTEM, UserKind.ANONYMOUS)


def provider(tenant: Tenant, name: str, language: str) -> Provider | None:
    """An archive by its name."""
    makers: dict[str, Callable[[], Provider]] = {
        "internalusers": lambda: _users(tenant, language, ASSOCIATES),
        "otherusers": lambda: _users(tenant, language, OTHERS),
        "allusers": lambda: _users(tenant, language, (*ASSOCIATES, *OTHERS)),
        "useropentickets": lambda: _tickets(tenant),
        "modulelicense": lambda: _modules(tenant, language),
    }
    maker = makers.get(name.casefold())
    return maker() if maker else None


NAMES = ("AllUsers", "InternalUsers", "ModuleLicense", "OtherUsers", "UserOpenTickets")


def _users(tenant: Tenant, language: str, kinds: Collection[UserKind]) -> Provider:
    holding = _holding(tenant)
    plans = {
        key_of(license_set.owner, module.name): module.named(language)
        for license_set in tenant.installed.values()
        for module in license_set.modules
        if module.is_plan
    }

    def plan(user: SimUser) -> str:
        held = tenant.assignments.of(user.id)
        return next((name for key, name in plans.items() if key in held), "")

    def rows() -> Iterable[SimUser]:
        users = (tenant.users[each] for each in sorted(tenant.users))
        return (user for user in users if user.kind in kinds and not user.deleted)

    no_plan = {key_of(SUPEROFFICE, NO_PLAN): lambda user: not plan(user)}
    states: dict[str, Entity] = {
        "potential": lambda user: False,
        "retired": lambda user: user.retired,
        "expired": lambda user: False,
        "loggedOnWin": lambda user: False,
    }
    current = {name: _of_the_living(test) for name, test in {**holding, **no_plan}.items()}
    return Provider(
        rows=rows,
        entities={"all": lambda user: True, **states, **current},
        columns={**_USER_COLUMNS, "userplan": plan, **states, **current},
        primary="associateDbId",
        default=("associateDbId", "assocName", "fullName"),
    )


def _of_the_living(test: Entity) -> Entity:
    return lambda user: not user.retired and test(user)


def _holding(tenant: Tenant) -> dict[str, Entity]:
    """Who has each licence that people see and give."""
    keys = [
        key_of(license_set.owner, module.name)
        for license_set in tenant.installed.values()
        for module in license_set.modules
        if module.is_assignable
    ]
    return {key: _held(tenant, key) for key in keys}


def _held(tenant: Tenant, key: str) -> Entity:
    return lambda user: tenant.assignments.has(user.id, key)


_USER_COLUMNS: dict[str, Column] = {
    "associateDbId": lambda user: user.id,
    "associateId": lambda user: user.id,
    "assocName": lambda user: user.name,
    "assocType": lambda user: user.kind.value,
    "userName": lambda user: user.login,
    "firstName": lambda user: user.first_name,
    "lastName": lambda user: user.last_name,
    "fullName": lambda user: user.full_name,
    "personId": lambda user: user.person,
    "personEmail": lambda user: user.email,
    "ejUserId": lambda user: user.service,
    "role": lambda user: user.role,
    "usergroup": lambda user: user.group,
    "canLogin": lambda user: user.can_login,
    "isActive": lambda user: user.is_active,
}


def _tickets(tenant: Tenant) -> Provider:
    def name(ticket: Ticket) -> str:
        user = tenant.users.get(ticket.owner)
        return user.full_name if user else ""

    return Provider(
        rows=lambda: tenant.tickets,
        entities={"ticket": lambda ticket: True},
        columns={
            "ticketId": lambda ticket: ticket.id,
            "title": lambda ticket: ticket.title,
            "ownedBy": name,
            "ownedBy/associateDbId": lambda ticket: ticket.owner,
        },
        primary="ticketId",
        default=("ticketId", "title", "ownedBy"),
    )


_ENTITIES = {
    SimLicenseType.SITE: "systemLicense",
    SimLicenseType.SATELLITE: "siteLicense",
    SimLicenseType.USER: "userLicense",
}


def _modules(tenant: Tenant, language: str) -> Provider:
    Pair = tuple[SimLicense, SimModule]
    columns: dict[str, Callable[[Pair], Any]] = {
        "moduleLicenseId": lambda pair: tenant.module_id(pair[0].owner, pair[1].name),
        "moduleName": lambda pair: pair[1].name,
        "moduleDesc": lambda pair: pair[1].named(language),
        "licenseType": lambda pair: pair[1].license_type.value,
        "licenseNumber": lambda pair: pair[1].number,
        "allowedAssocs": lambda pair: pair[1].allowed,
        "extraFlags": lambda pair: pair[1].extra_flags,
        "graceTo": lambda pair: moment(pair[0].grace),
        "maintenanceTo": lambda pair: moment(pair[0].maintenance),
    }
    return Provider(
        rows=lambda: [(each, row) for each in tenant.installed.values() for row in each.modules],
        entities={name: _of_type(kind) for kind, name in _ENTITIES.items()},
        columns=columns,
        primary="moduleLicenseId",
        default=("moduleLicenseId", "moduleName", "licenseNumber"),
    )


def _of_type(kind: SimLicenseType) -> Entity:
    return lambda pair: pair[1].license_type is kind
