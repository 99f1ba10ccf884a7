"""Licences as their issuer writes them: module licences, and the sets they come in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

_USER_PLAN = 1
"""The extra flag of a user plan."""

Moment = date | datetime
"""A day, or an aware UTC time where the issuer was that exact."""


class LicenseType(StrEnum):
    """How a module licence is handed out: to the installation, to a site, or to users."""

    SYSTEM = "system"
    SITE = "site"
    USER = "user"


def fold(name: str) -> str:
    """The form in which names of modules and owners are compared: without case."""
    return name.strip().casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """The company and the serial number a licence is issued to."""

    company: str
    serial: str

    @property
    def is_demo(self) -> bool:
        """Whether the serial number's five digits before the last one are all 0."""
        return len(self.serial) >= 6 and self.serial[-6:-1] == "00000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """The license owner: the issuer of a licence set."""

    name: str
    description: str = ""

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return fold(self.name)

    @property
    def label(self) -> str:
        """What people read."""
        return self.description or self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class LicenseDates:
    """The dates of a licence set; ``None`` means never.

    next_check: when to ask the issuer again.
    admin_warning: from when administrators are warned.
    expiry: the day the licence ends.
    grace: the day on which it stops working.
    maintenance: after this day upgrades are refused.
    """

    next_check: Moment | None = None
    admin_warning: Moment | None = None
    expiry: Moment | None = None
    grace: Moment | None = None
    maintenance: Moment | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ModuleLicense:
    """One row of a licence."""

    name: str
    description: str
    type: LicenseType
    number: int
    tooltip: str = ""
    version: str = ""
    unrestricted: bool = False
    hidden: bool = False
    prerequisite: str | None = None
    extra_flags: int = 0
    extra_info: str = ""
    sort_order: int = 0

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return fold(self.name)

    @property
    def label(self) -> str:
        """What people read."""
        return self.description or self.name

    @property
    def plan_members(self) -> frozenset[str]:
        """Keys of the licences named by ``set=``; empty where this is no user plan."""
        for part in self.extra_info.split(";"):
            word, _, names = part.partition("=")
            if fold(word) == "set":
                return frozenset(fold(name) for name in names.split(",") if fold(name))
        return frozenset()

    @property
    def is_plan(self) -> bool:
        """Whether this is a user plan: one can be given to a user instead of another one."""
        marked = bool(self.extra_flags & _USER_PLAN) or bool(self.plan_members)
        return self.type is LicenseType.USER and marked


def called(module: ModuleLicense, names: Mapping[str, str]) -> ModuleLicense:
    """The module licence as people read it; names: by module key, those that are known."""
    name = names.get(module.key)
    return replace(module, description=name) if name else module


@dataclass(frozen=True, kw_only=True, slots=True)
class LicenseSet:
    """All module licences of one owner, with customer and dates."""

    owner: Owner
    customer: Customer
    dates: LicenseDates
    modules: tuple[ModuleLicense, ...]

    def by_key(self) -> Mapping[str, ModuleLicense]:
        """The module licences by the key of their name."""
        return {module.key: module for module in self.modules}

    def same_as(self, other: "LicenseSet") -> bool:
        """Whether both grant the same, whatever the order of their rows.

        When to ask the issuer again is left out: systems set that themselves.
        """
        return (
            self.owner.key == other.owner.key
            and self.customer == other.customer
            and replace(self.dates, next_check=None) == replace(other.dates, next_check=None)
            and _rows(self.modules) == _rows(other.modules)
        )


def _rows(modules: Iterable[ModuleLicense]) -> list[ModuleLicense]:
    return sorted(modules, key=lambda module: module.key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A licence set that is available and not yet active.

    raw: the offer byte for byte as it came; it is signed.
    digest: SHA-256 of ``raw``, in hexadecimal.
    sequence: the issuer's counter; a higher one supersedes a lower one.
    issued: ``None`` where the issuer does not say.
    not_before: the moment from which it may be activated.
    source: where it was found, for people.
    """

    raw: bytes
    digest: str
    license: LicenseSet
    sequence: int
    issued: datetime | None
    not_before: Moment | None = None
    source: str = ""


def is_past(moment: Moment | None, now: datetime) -> bool:
    """Whether a moment is over; a day is over when the next one (UTC) has begun."""
    if moment is None:
        return False
    if isinstance(moment, datetime):
        return now > moment
    return now.date() > moment


def is_reached(moment: Moment | None, now: datetime) -> bool:
    """Whether a moment has come; a day comes when it begins (UTC). ``None`` never comes."""
    if moment is None:
        return False
    if isinstance(moment, datetime):
        return now >= moment
    return now.date() >= moment


def days_left(moment: Moment, now: datetime) -> int:
    """Whole days from today (UTC) to the day of a moment; negative once it is past."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return (day - now.date()).days
