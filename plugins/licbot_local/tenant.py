"""Tenants as JSON: users and their seats, to bring them in and to take them along.

``{"users": [{"id", "name", "email", "kind", "administrator", "can_login", "last_login",
"deleted"}], "seats": [{"user", "module"}]}``; of a user only ``id`` and ``name`` are required.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError

from licbot.domain.errors import LicbotError
from licbot_local.strict_json import NotStrict, parse
from licbot_local.values import ModuleName, Name, OptionalInstant, Strict, Text, as_time
from licbot_local.wording import Path, located_problems

Fault = tuple[Path, str]
"""What is wrong with a tenant file, in words, after the path to its place."""


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


UserId = Annotated[Name, Field(max_length=100)]


class TenantUser(Row):
    """A user. Users are not deleted associates who may sign in where nothing else is said."""

    id: UserId
    name: Annotated[Name, Field(max_length=250)]
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

    user: UserId
    module: ModuleName


class Tenant(Row):
    """All users and seats of a system."""

    users: list[TenantUser]
    seats: list[TenantSeat]


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantFile:
    """A tenant file as it was read, to be held to the licence in force.

    value: the value of its JSON. tenant: what it says, where its form is right.
    malformed: what is wrong with its form.
    """

    value: object
    tenant: Tenant | None = None
    malformed: Sequence[Fault] = ()


def read_tenant(raw: bytes) -> TenantFile:
    """Read a tenant from JSON. Raises TenantRefused where it is none."""
    try:
        return check_tenant(parse(raw))
    except NotStrict as error:
        raise TenantRefused([f"The file cannot be read: {error}."]) from None


def check_tenant(value: object) -> TenantFile:
    """Read a tenant from the value of its JSON, and note what is wrong with its form."""
    try:
        return TenantFile(value=value, tenant=Tenant.model_validate(value))
    except ValidationError as error:
        return TenantFile(value=value, malformed=located_problems(error))
