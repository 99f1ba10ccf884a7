"""The payload of a licence file, version 1: what the issuer grants."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from licbot.domain.licenses import (
    Customer,
    LicenseDates,
    LicenseSet,
    LicenseType,
    ModuleLicense,
    Owner,
    fold,
)
from licbot_local.strict_json import NotStrict, parse
from licbot_local.values import (
    Count,
    Counter,
    Instant,
    IssuerName,
    ModuleName,
    Name,
    OptionalInstant,
    Strict,
    Text,
    Whole,
)
from licbot_local.wording import problems, shown

VERSION = 1


class PayloadRefused(ValueError):
    """The payload of a licence is not valid; the text says why, in words."""


class Meta(Strict):
    """About the licence file itself."""

    version: int
    kid: IssuerName
    sequence: Counter
    issued: Instant
    not_before: OptionalInstant


class CustomerPart(Strict):
    """To whom the licence is issued."""

    company: Name
    serial: Name


class OwnerPart(Strict):
    """Who issued it."""

    name: IssuerName
    description: Text


class DatesPart(Strict):
    """When what happens; ``null`` means never."""

    next_check: OptionalInstant
    admin_warning: OptionalInstant
    expiry: OptionalInstant
    grace: OptionalInstant
    maintenance: OptionalInstant


class ModulePart(Strict):
    """One module licence."""

    name: ModuleName
    description: Text
    tooltip: Text
    version: Text
    type: Literal["user", "site", "system"]
    number: Count
    unrestricted: bool
    hidden: bool
    prerequisite: Text | None
    extra_flags: Whole
    extra_info: Text
    sort_order: Whole


class Payload(Strict):
    """Everything that is signed. Fields that version 1 does not know are passed over."""

    meta: Meta
    customer: CustomerPart
    owner: OwnerPart
    dates: DatesPart
    modules: list[ModulePart]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        seen: set[str] = set()
        for module in self.modules:
            if fold(module.name) in seen:
                raise PydanticCustomError("twice", f"has the module {shown(module.name)} twice")
            seen.add(fold(module.name))
        return self

    def license_set(self) -> LicenseSet:
        """The licence set that it describes."""
        return LicenseSet(
            owner=Owner(name=self.owner.name, description=self.owner.description),
            customer=Customer(company=self.customer.company, serial=self.customer.serial),
            dates=LicenseDates(**dict(self.dates)),
            modules=_modules(self.modules),
        )


def _modules(parts: Sequence[ModulePart]) -> tuple[ModuleLicense, ...]:
    return tuple(ModuleLicense(**{**dict(part), "type": LicenseType(part.type)}) for part in parts)


def read_payload(raw: bytes) -> Payload:
    """Read a payload from its JSON. Raises PayloadRefused."""
    try:
        return check_payload(parse(raw))
    except NotStrict as error:
        raise PayloadRefused(f"It cannot be read: {error}.") from None


def check_payload(value: object, *, exact: bool = False) -> Payload:
    """Read a payload from the value of its JSON.

    exact: whether fields that version 1 does not know are refused.
    Raises PayloadRefused with all that is wrong.
    """
    version = _version(value)
    if type(version) is not int or version != VERSION:
        raise PayloadRefused(f"meta.version must be {VERSION}, the only one known here.")
    try:
        return Payload.model_validate(value, extra="forbid" if exact else "ignore")
    except ValidationError as error:
        raise PayloadRefused(" ".join(problems(error))) from None


def _version(value: object) -> object:
    meta = value.get("meta") if isinstance(value, dict) else None
    return meta.get("version") if isinstance(meta, dict) else None
