"""SuperOffice's ``ExtendedLicenseInfo``, and the licence sets that it describes.

Names of owners and modules are compared without case. Licences of SuperOffice itself are known by
their module name, those of other owners always by ``owner/module``: two owners may use one name,
and a key must not change when another owner's licence comes along later.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from licbot.domain.errors import SystemUnavailable
from licbot.domain.licenses import (
    Customer,
    LicenseDates,
    LicenseSet,
    LicenseType,
    ModuleLicense,
    Owner,
    fold,
)
from licbot_superoffice.exact import NotJson, digest_of, members, text_of, value_of
from licbot_superoffice.words import clean

SUPEROFFICE = "superoffice"
"""The key of SuperOffice as a license owner."""

USER_PLAN = 1
"""The extra flag of a user plan, of which each user has one."""

NO_COMPANY = "–"
"""What stands for a company that is not named."""

_TYPES: Mapping[str, LicenseType] = {
    "userlicense": LicenseType.USER,
    "satellitelicense": LicenseType.SITE,
}
"""``SiteLicense`` is what the screens call a system licence; so is what is not known yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What SuperOffice says of the licences of one owner.

    offered, current: the set it calls new, and the one it calls current, with their signatures.
    can_be_activated, reason: its own judgement of the new one.
    in_use: seats in use of user licences, by module key.
    """

    offered: LicenseSet | None
    current: LicenseSet | None
    offered_signature: str = field(default="", repr=False)
    current_signature: str = field(default="", repr=False)
    can_be_activated: bool = False
    reason: str = ""
    in_use: Mapping[str, int] = field(default_factory=dict)

    @property
    def in_force(self) -> LicenseSet | None:
        """The set in force, of what comes from SuperOffice's own database."""
        return self.current or self.offered

    def has_in_force(self, offered: LicenseSet, signature: str) -> bool:
        """Whether an offered set with this signature is the one in force."""
        written = self.current_signature if self.current else self.offered_signature
        in_force = self.in_force
        return in_force is not None and written == signature and in_force.same_as(offered)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A licence as SuperOffice handed it out, to be posted back byte for byte.

    raw: the bytes. digest: SHA-256 of what is signed of it; the figures around it change with
    every fetch. standing: what it says; its new set is always there.
    """

    raw: bytes = field(repr=False)
    digest: str
    offered: LicenseSet
    standing: Standing

    @property
    def is_in_force(self) -> bool:
        """Whether SuperOffice calls the same set its current one."""
        current = self.standing.current
        same = self.standing.offered_signature == self.standing.current_signature
        return current is not None and same and current.same_as(self.offered)


def read_all(raw: bytes) -> Sequence[Standing]:
    """What the licences of all owners are. Raises SystemUnavailable where it makes no sense."""
    try:
        found = _ALL.validate_python(value_of(text_of(raw)))
    except (NotJson, ValidationError) as error:
        raise _senseless(error) from None
    return [_standing(each) for each in found]


def read_one(raw: bytes) -> Fetched | None:
    """A licence that was fetched; ``None`` where there is none in it.

    Raises SystemUnavailable where it makes no sense.
    """
    try:
        text = text_of(raw)
        parts = members(text)
        read = _ExtendedInfo.model_validate(value_of(text))
        digest = digest_of(parts.get("New", "null"))
    except (NotJson, ValidationError) as error:
        raise _senseless(error) from None
    standing = _standing(read)
    if standing.offered is None:
        return None
    return Fetched(
        raw=text.encode("utf-8"), digest=digest, offered=standing.offered, standing=standing
    )


def module_key(owner: str, module: str) -> str:
    """The key of a module licence, from the names that SuperOffice uses."""
    return fold(_name(owner, module))


def entity_of(owner: Owner, module: ModuleLicense) -> str:
    """What SuperOffice's lists of users call those who hold a licence."""
    if owner.key == SUPEROFFICE:
        return f"{owner.key}_{module.key}"
    return module.key.replace("/", "_", 1)


def is_user_plan(module: ModuleLicense) -> bool:
    """Whether a module licence is a user plan."""
    return module.type is LicenseType.USER and bool(module.extra_flags & USER_PLAN)


def _text(value: object) -> object:
    return "" if value is None else _clean(value)


def _clean(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _signature(value: object) -> object:
    return "" if value is None else value


def _number(value: object) -> object:
    return 0 if value is None else value


def _truth(value: object) -> object:
    return False if value is None else value


def _list(value: object) -> object:
    return [] if value is None else value


def _day(value: object) -> date | None:
    """Only the date counts, so that no time zone moves it; the year 1 stands for never."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("not a date")
    found = date.fromisoformat(value[:10])
    return None if found.year == 1 else found


_Text = Annotated[str, BeforeValidator(_text)]
_Name = Annotated[str, BeforeValidator(_clean), Field(min_length=1)]
_Signature = Annotated[str, BeforeValidator(_signature)]
_Number = Annotated[int, BeforeValidator(_number)]
_Truth = Annotated[bool, BeforeValidator(_truth)]
_Day = Annotated[date | None, BeforeValidator(_day)]


class _Carrier(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class _Module(_Carrier):
    name: _Name = Field(alias="ModuleName")
    description: _Text = Field("", alias="ModuleDescription")
    tooltip: _Text = Field("", alias="ModuleTooltip")
    version: _Text = Field("", alias="ModuleVersion")
    type: _Text = Field("", alias="LicenseType")
    unrestricted: _Truth = Field(False, alias="Unrestricted")
    number: _Number = Field(0, alias="NumberOfLicenses")
    extra_flags: _Number = Field(0, alias="ExtraFlags")
    extra_info: _Text = Field("", alias="ExtraInfo")
    sort_order: _Number = Field(0, alias="SortOrder")
    hidden: _Truth = Field(False, alias="IsHidden")
    prerequisite: _Text = Field("", alias="PrerequisiteModuleName")


class _Info(_Carrier):
    company: _Text = Field("", alias="CompanyName")
    serial: _Text = Field("", alias="SerialNr")
    owner: _Name = Field(alias="OwnerName")
    owner_description: _Text = Field("", alias="OwnerDescription")
    next_check: _Day = Field(None, alias="NextCheckDate")
    maintenance: _Day = Field(None, alias="MaintenanceDate")
    admin_warning: _Day = Field(None, alias="AdminWarningDate")
    expiry: _Day = Field(None, alias="ExpiryDate")
    grace: _Day = Field(None, alias="GraceDate")
    modules: Annotated[list[_Module], BeforeValidator(_list)] = Field([], alias="ModuleLicenses")
    signature: _Signature = Field("", alias="Signature")


class _Row(_Carrier):
    new: _Module | None = Field(None, alias="New")
    current: _Module | None = Field(None, alias="Current")
    in_use: _Number = Field(0, alias="NumberOfLicensesInUse")


class _ExtendedInfo(_Carrier):
    reason: _Text = Field("", alias="Reason")
    can_be_activated: _Truth = Field(False, alias="CanBeActivated")
    new: _Info | None = Field(None, alias="New")
    current: _Info | None = Field(None, alias="Current")
    rows: Annotated[list[_Row], BeforeValidator(_list)] = Field([], alias="ExtendedModuleLicenses")


_ALL = TypeAdapter(list[_ExtendedInfo])


def _standing(read: _ExtendedInfo) -> Standing:
    return Standing(
        offered=_set(read.new, (row.new for row in read.rows)),
        current=_set(read.current, (row.current for row in read.rows)),
        offered_signature=read.new.signature if read.new else "",
        current_signature=read.current.signature if read.current else "",
        can_be_activated=read.can_be_activated,
        reason=read.reason,
        in_use=_in_use(read),
    )


def _set(info: _Info | None, besides: Iterable[_Module | None]) -> LicenseSet | None:
    """The set with all rows, those too that stand only beside the figures."""
    if info is None:
        return None
    rows: dict[str, _Module] = {}
    for module in [*info.modules, *(each for each in besides if each)]:
        rows.setdefault(fold(module.name), module)
    return LicenseSet(
        owner=Owner(name=info.owner, description=info.owner_description),
        customer=Customer(company=info.company or NO_COMPANY, serial=info.serial),
        dates=LicenseDates(
            next_check=info.next_check,
            admin_warning=info.admin_warning,
            expiry=info.expiry,
            grace=info.grace,
            maintenance=info.maintenance,
        ),
        modules=tuple(_module(info.owner, module, rows) for module in rows.values()),
    )


def _module(owner: str, module: _Module, rows: Mapping[str, _Module]) -> ModuleLicense:
    def referred(name: str) -> str:
        # A partner's licence may build on one of SuperOffice's.
        return _name(owner, name) if fold(name) in rows else name

    return ModuleLicense(
        name=_name(owner, module.name),
        description=module.description,
        type=_type(module),
        number=module.number,
        tooltip=module.tooltip,
        version=module.version,
        unrestricted=module.unrestricted,
        hidden=module.hidden,
        prerequisite=referred(module.prerequisite) if module.prerequisite else None,
        extra_flags=module.extra_flags,
        extra_info=_members_named(module.extra_info, referred),
        sort_order=module.sort_order,
    )


def _members_named(extra_info: str, referred: Callable[[str], str]) -> str:
    """The extra info with the members of a plan called as the licences themselves are."""
    parts = []
    for part in extra_info.split(";"):
        word, sign, names = part.partition("=")
        if fold(word) == "set":
            names = ",".join(referred(name) for name in names.split(","))
        parts.append(f"{word}{sign}{names}")
    return ";".join(parts)


def _type(module: _Module) -> LicenseType:
    return _TYPES.get(fold(module.type), LicenseType.SYSTEM)


def _in_use(read: _ExtendedInfo) -> Mapping[str, int]:
    owner = next((info.owner for info in (read.current, read.new) if info), "")
    counts: dict[str, int] = {}
    for row in read.rows:
        module = row.current or row.new
        if module and row.in_use > 0 and _type(module) is LicenseType.USER:
            counts[module_key(owner, module.name)] = row.in_use
    return counts


def _name(owner: str, module: str) -> str:
    name = module.strip()
    return name if fold(owner) == SUPEROFFICE else f"{owner.strip()}/{name}"


def _senseless(error: NotJson | ValidationError) -> SystemUnavailable:
    """Says where an answer makes no sense, and repeats nothing of it: it may hold keys."""
    if isinstance(error, ValidationError):
        [first, *_] = error.errors(include_url=False, include_input=False, include_context=False)
        place = ".".join(str(part) for part in first["loc"]) or "the whole of it"
        why = f"what stands in {place} is not what it should be"
    else:
        why = str(error)
    return SystemUnavailable(
        f"SuperOffice described its licences in a way that licbot does not understand: {why}. "
        "licbot tries again by itself; if it stays so, tell the people who run licbot."
    )
