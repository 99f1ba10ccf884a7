"""Two tenants that are ready to use."""

from datetime import date, datetime, timedelta

from licbot.testing.superoffice.licenses import (
    SEAT,
    TIER,
    USER_PLAN,
    SimLicense,
    SimLicenseType,
    SimModule,
)
from licbot.testing.superoffice.tenant import Clock, Fencing, Tenant, now
from licbot.testing.superoffice.users import ADMINISTRATOR, SimUser, UserKind

PARTNER_OWNER = "ACME"
_FIRST = (
    "Anna",
    "Bernd",
    "Clara",
    "Dieter",
    "Elif",
    "Frank",
    "Greta",
    "Hannes",
    "Ingrid",
    "Jürgen",
    "Katja",
    "Lars",
    "Mareike",
    "Niklas",
    "Özlem",
    "Peter",
    "Renate",
    "Stefan",
    "Ulrike",
    "Volker",
)
_LAST = ("Schäfer", "Müller", "Weiß")
_PLANS = ("ten-sales", "ten-service", "ten-marketing")


def _plan(name: str, number: int, order: int, **words: str) -> SimModule:
    return SimModule(
        name=name,
        description=words["en"],
        descriptions=words,
        number=number,
        extra_flags=USER_PLAN,
        extra_info="set=user,web",
        sort_order=order,
        tooltip=f"{words['en']}: with web access",
    )


def _member(name: str, number: int, order: int) -> SimModule:
    return SimModule(
        name=name, description=name.capitalize(), number=number, hidden=True, sort_order=order
    )


PLANS_LICENSE = SimLicense(
    next_check=date(2026, 12, 1),
    admin_warning=date(2027, 2, 27),
    expiry=date(2027, 3, 27),
    grace=date(2027, 4, 8),
    license_url="https://licence.example/",
    modules=(
        SimModule(
            name="superserver",
            description="SuperOffice Server",
            license_type=SimLicenseType.SITE,
            sort_order=1,
            descriptions={"de": "SuperOffice-Server", "en": "SuperOffice Server"},
        ),
        _plan("ten-sales", 40, 10, en="Sales Premium", de="Vertrieb Premium"),
        _plan("ten-service", 12, 11, en="Service Premium", de="Service Premium"),
        _plan("ten-marketing", 12, 12, en="Marketing Premium", de="Marketing Premium"),
        SimModule(
            name="visible-for",
            description="Confidential activities",
            descriptions={"en": "Confidential activities", "de": "Vertrauliche Aktivitäten"},
            number=20,
            prerequisite="user",
            sort_order=20,
        ),
        _member("user", 64, 30),
        _member("web", 64, 31),
    ),
)
"""What is in force in ``with_plans``."""
SMALLER_PLANS_LICENSE = PLANS_LICENSE.with_numbers(ten_sales=32, user=56, web=56)
"""What the licence server has for ``with_plans``."""
SUITE_LICENSE = SimLicense(
    next_check=date(2026, 12, 1),
    expiry=date(2027, 3, 27),
    product_type="suite",
    product_description="SuperOffice CRM Suite",
    modules=(
        SimModule(
            name="suite2-core",
            description="Core",
            license_type=SimLicenseType.SITE,
            extra_flags=TIER,
            sort_order=1,
        ),
        SimModule(name=SEAT, description="Core", number=20, sort_order=10),
    ),
)
"""What is in force in ``suite``."""
SMALLER_SUITE_LICENSE = SUITE_LICENSE.with_numbers(suite_user=15)
"""What the licence server has for ``suite``."""


def with_plans(clock: Clock = now, customer: str = "Cust12345") -> Tenant:
    """Sixty people with user plans, and a smaller licence waiting.

    36 of 40 have Sales Premium (32 are coming), 10 of 12 Service Premium, 9 of 12 Marketing
    Premium; the first three people administer. Two of Sales have open requests in Service.
    """
    tenant = Tenant(customer, company="Nordlicht Handel GmbH", serial="1234567890", clock=clock)
    tenant.put_in_force(PLANS_LICENSE)
    for number in range(60):
        user = _person(number, "nordlicht.example", clock())
        tenant.add_user(user, *_held(number))
    _add_machines(tenant)
    tenant.open_request(105, 2)
    tenant.open_request(112, 1)
    tenant.offer(SMALLER_PLANS_LICENSE)
    return tenant


def suite(clock: Clock = now, customer: str = "Cust67890") -> Tenant:
    """Twenty-four people in a CRM Suite with 20 seats, 18 in use, and 15 seats waiting."""
    tenant = Tenant(customer, company="Elbe Werkzeuge AG", serial="1234567893", clock=clock)
    tenant.put_in_force(SUITE_LICENSE)
    for number in range(24):
        tenant.add_user(_person(number, "elbe.example", clock(), can_login=number < 18))
    tenant.fencing = Fencing(active=97, maximum=100, message="97 of 100 active projects")
    tenant.offer(SMALLER_SUITE_LICENSE)
    return tenant


def partner_license(**numbers: int) -> SimLicense:
    """A licence of a partner, with licences for users."""
    modules = (
        SimModule(name="acme-sync", description="Acme Sync", number=10, sort_order=1),
        SimModule(
            name="acme-server",
            description="Acme Server",
            license_type=SimLicenseType.SITE,
            sort_order=2,
        ),
    )
    license_set = SimLicense(owner=PARTNER_OWNER, owner_description="Acme AG", modules=modules)
    return license_set.with_numbers(**numbers)


def _person(number: int, domain: str, today: datetime, *, can_login: bool = True) -> SimUser:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST)]
    login = _ascii(f"{first}.{last}@{domain}")
    seen = today - timedelta(days=(number * 37) % 400, hours=number)
    return SimUser(
        id=101 + number,
        login=login,
        full_name=f"{first} {last}",
        email=login,
        initials=f"{_ascii(first)[:2]}{_ascii(last)[:2]}{number}".upper(),
        role=ADMINISTRATOR if number < 3 else "User level 0",
        group=("Vertrieb", "Service", "Marketing")[number % 3],
        can_login=can_login,
        last_login=None if number % 11 == 10 else seen.replace(microsecond=0),
    )


def _held(number: int) -> tuple[str, ...]:
    if number >= 55:
        return ()
    plan = _PLANS[(number >= 36) + (number >= 46)]
    return (plan, "visible-for") if number % 5 == 0 else (plan,)


def _add_machines(tenant: Tenant) -> None:
    tenant.add_user(
        SimUser(
            id=50,
            login="SYSTEM",
            full_name="System User",
            role="System",
            kind=UserKind.SYSTEM,
        )
    )
    tenant.add_user(
        SimUser(
            id=51,
            login="ANONYMOUS",
            full_name="Anonymous User",
            role="Anonymous",
            kind=UserKind.ANONYMOUS,
            can_login=False,
        )
    )


def _ascii(text: str) -> str:
    table = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ö": "Oe"})
    return text.translate(table).casefold()
