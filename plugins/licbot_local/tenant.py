"""Tenants as JSON: users and their seats, to bring them in and to take them along.

``{"users": [{"id", "name", "email", "kind", "administrator", "can_login", "last_login",
"deleted"}], "seats": [{"user", "module"}]}``; of a user only ``id`` and ``name`` are required.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError

from licbot.domain.errors import LicbotError
from licbot.domain.licenses import LicenseType, ModuleLicense, fold
from licbot.ports.texts import count
from licbot_local.strict_json import NotStrict, parse
from licbot_local.values import LongName, Name, OptionalInstant, Strict, Text, as_time
from licbot_local.wording import problems, shown


class TenantRefused(LicbotError):
    """This tenant cannot be imported. Nothing was changed.

    problems: everything that is wrong, each with its place.
    """

    def __init__(self, found: Sequence[str]) -> None:
        self.problems = tuple(found)
        super().__init__(
            "\n".join(
                ["This tenant cannot be imported. Nothing was changed. Mend this first:", *found]
            )
        )


class Row(Strict):
    """A row of a tenant file; misspelt fields are refused, not passed over."""

    model_config = ConfigDict(extra="forbid")


class TenantUser(Row):
    """A user. Users are not deleted associates who may sign in where nothing else is said."""

    id: Name
    name: LongName
    email: Annotated[Text, Field(max_length=254)] = ""
    kind: Literal["associate", "other"] = "associate"
    administrator: bool = False
    can_login: bool = True
    last_login: OptionalInstant = None
    deleted: bool = False

    @property
    def last_login_time(self) -> datetime | None:
        """The last sign-in in UTC."""
        return None if self.last_login is None else as_time(self.last_login)


class TenantSeat(Row):
    """A seat."""

    user: Name
    module: Name


class Tenant(Row):
    """All users and seats of a system."""

    users: list[TenantUser]
    seats: list[TenantSeat] = Field(default_factory=list)


def read_tenant(raw: bytes) -> Tenant:
    """Read a tenant from JSON. Raises TenantRefused with all that is wrong."""
    try:
        return check_tenant(parse(raw))
    except NotStrict as error:
        raise TenantRefused([f"The file cannot be read: {error}."]) from None


def check_tenant(value: object) -> Tenant:
    """Read a tenant from the value of its JSON. Raises TenantRefused with all that is wrong."""
    try:
        return Tenant.model_validate(value)
    except ValidationError as error:
        raise TenantRefused(problems(error)) from None


def require_consistent(tenant: Tenant, modules: Mapping[str, ModuleLicense]) -> None:
    """Hold users and seats to each other and to the module licences in force, by key.

    Raises TenantRefused with all that is wrong.
    """
    found = [*_users_twice(tenant), *_bad_seats(tenant, modules), *_too_many(tenant, modules)]
    if found:
        raise TenantRefused(found)


def _users_twice(tenant: Tenant) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, user in enumerate(tenant.users):
        if user.id in seen:
            yield f"users[{number}].id: {shown(user.id)} is users[{seen[user.id]}] already."
        seen.setdefault(user.id, number)


def _bad_seats(tenant: Tenant, modules: Mapping[str, ModuleLicense]) -> Iterator[str]:
    known = {user.id for user in tenant.users}
    keys = {name: fold(name) for name in {seat.module for seat in tenant.seats}}
    wrong = {name: _wrong_module(modules.get(key)) for name, key in keys.items()}
    seen: dict[tuple[str, str], int] = {}
    for number, seat in enumerate(tenant.seats):
        if seat.user not in known:
            yield f"seats[{number}].user: {shown(seat.user)} is not among the users."
        if wrong[seat.module]:
            yield f"seats[{number}].module: {shown(seat.module)} {wrong[seat.module]}."
        first = seen.setdefault((seat.user, keys[seat.module]), number)
        if first != number:
            yield f"seats[{number}]: it is the same seat as seats[{first}]."


def _wrong_module(module: ModuleLicense | None) -> str:
    if module is None:
        return "is not in the licence"
    if module.type is not LicenseType.USER:
        return f"is a {module.type} licence, of which users hold no seats"
    return ""


def _too_many(tenant: Tenant, modules: Mapping[str, ModuleLicense]) -> Iterator[str]:
    counted = {user.id for user in tenant.users if not user.deleted}
    names = Counter(seat.module for seat in tenant.seats if seat.user in counted)
    in_use: Counter[str] = Counter()
    for name, number in names.items():
        in_use[fold(name)] += number
    for key, number in in_use.items():
        module = modules.get(key)
        if module and not module.unrestricted and number > module.number:
            yield (
                f"seats: {count(number, 'seat')} of {shown(module.label)}, "
                f"and the licence grants {module.number:,}."
            )
