"""Licences as the stand-in's licence server knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

SUPEROFFICE = "SUPEROFFICE"
"""The owner of SuperOffice's own licences."""
USER_PLAN = 1
"""The extra flag of a user plan."""
TIER = 2
"""The extra flag of the marker of a plan for the whole company."""
SEAT = "suite-user"
"""The module of CRM Suite whose seats are the users who can log in."""
NO_PLAN = "superlicense-no-selection"
"""What stands for no user plan in archives."""


class SimLicenseType(StrEnum):
    """What a licence is for, in the words of the API."""

    SITE = "SiteLicense"
    SATELLITE = "SatelliteLicense"
    USER = "UserLicense"


def key_of(owner: str, module: str) -> str:
    """What archives call a licence of an owner, and what it is found by here."""
    return f"{owner}_{module}".casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class SimModule:
    """One row of a licence.

    extra_flags: 1 for a user plan, 2 for the marker of a company's plan.
    extra_info: `set=user,web` names the hidden licences that a plan brings with it.
    allowed: the kind of user who may have it, in the words of the API.
    descriptions: the description by language (iso2), for those who ask in it.
    """

    name: str
    description: str = ""
    number: int = 1
    license_type: SimLicenseType = SimLicenseType.USER
    tooltip: str = ""
    version: str = "1"
    unrestricted: bool = False
    hidden: bool = False
    prerequisite: str = ""
    extra_flags: int = 0
    extra_info: str = ""
    sort_order: int = 0
    allowed: str = "InternalAssociate"
    descriptions: Mapping[str, str] = field(default_factory=dict)

    def named(self, language: str) -> str:
        """The description in a language, or the one of no language, or the name."""
        return self.descriptions.get(language) or self.description or self.name

    @property
    def is_plan(self) -> bool:
        """Whether it is a user plan: a user has one at most."""
        return self.license_type is SimLicenseType.USER and self.extra_flags == USER_PLAN

    @property
    def is_assignable(self) -> bool:
        """Whether people see it and give it to users; archives list it then."""
        return self.license_type is SimLicenseType.USER and not self.hidden

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the licences that come with it."""
        for part in self.extra_info.split(";"):
            word, _, names = part.partition("=")
            if word.strip().casefold() == "set":
                return tuple(name.strip() for name in names.split(",") if name.strip())
        return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SimLicense:
    """All licences of one owner.

    company, serial: whom it is issued to; empty for whoever the tenant is.
    next_check, admin_warning, expiry, grace, maintenance: its dates; None means never.
    """

    owner: str = SUPEROFFICE
    owner_description: str = "SuperOffice AS"
    company: str = ""
    serial: str = ""
    next_check: date | datetime | None = None
    admin_warning: date | datetime | None = None
    expiry: date | datetime | None = None
    grace: date | datetime | None = None
    maintenance: date | datetime | None = None
    license_url: str = ""
    version: str = "12.0"
    deployment_type: int = 0
    product_type: str = "online"
    product_description: str = "SuperOffice Online"
    extra_flags: int = 0
    extra_info: str = ""
    modules: tuple[SimModule, ...] = ()

    @property
    def key(self) -> str:
        """The owner as it is compared: without case."""
        return self.owner.casefold()

    def find(self, name: str) -> SimModule | None:
        """The module licence of a name, if there is one."""
        wanted = name.casefold()
        return next((each for each in self.modules if each.name.casefold() == wanted), None)

    def with_numbers(self, **numbers: int) -> "SimLicense":
        """The same with other numbers of some licences; write `_` for `-` in their names.

        Raises KeyError where there is no licence of that name.
        """
        wanted = {name.replace("_", "-"): number for name, number in numbers.items()}
        unknown = wanted.keys() - {each.name for each in self.modules}
        if unknown:
            raise KeyError(f"no licence {', '.join(sorted(unknown))}")
        modules = tuple(
            replace(each, number=wanted.get(each.name, each.number)) for each in self.modules
        )
        return replace(self, modules=modules)

    def without(self, *names: str) -> "SimLicense":
        """The same without some of its licences."""
        return replace(self, modules=tuple(m for m in self.modules if m.name not in names))

    def with_modules(self, *modules: SimModule) -> "SimLicense":
        """The same with more licences."""
        return replace(self, modules=(*self.modules, *modules))
