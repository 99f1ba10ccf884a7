"""What the tests of the domain draw: small worlds in which everything meets everything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from licbot.domain.changes import Change
from licbot.domain.licenses import (
    Customer,
    LicenseDates,
    LicenseSet,
    LicenseType,
    ModuleLicense,
    Moment,
    Offer,
    Owner,
    fold,
)
from licbot.domain.removals import Dependencies, Held, Removal

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEYS = ("sales", "service", "user", "web", "travel", "expander")
USERS = ("ada", "bo", "cleo", "dev", "eli")
PEOPLE = ("U1", "U2", "U3")
OWNER = Owner(name="SUPEROFFICE", description="SuperOffice AS")
CUSTOMER = Customer(company="Fjordlicht GmbH", serial="1234567890")

keys = st.sampled_from(KEYS)
key_sets = st.frozensets(keys)
users = st.sampled_from(USERS)
user_sets = st.frozensets(users)
days: st.SearchStrategy[date] = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))
times: st.SearchStrategy[datetime] = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2035, 12, 31),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
moments: st.SearchStrategy[Moment] = st.one_of(days, times)


def spelled(name: str) -> st.SearchStrategy[str]:
    """A name as somebody writes it: in any case, with blanks around it."""
    return st.sampled_from((name, name.upper(), name.title(), name.swapcase(), f" {name} "))


def module(
    name: str,
    number: int = 5,
    *,
    type: LicenseType = LicenseType.USER,  # noqa: A002 - the field's own name
    unrestricted: bool = False,
    hidden: bool = False,
    prerequisite: str | None = None,
    extra_info: str = "",
    sort_order: int = 0,
    description: str = "",
) -> ModuleLicense:
    """A module licence of which only the telling parts are said."""
    return ModuleLicense(
        name=name,
        description=description,
        type=type,
        number=number,
        unrestricted=unrestricted,
        hidden=hidden,
        prerequisite=prerequisite,
        extra_flags=1 if extra_info else 0,
        extra_info=extra_info,
        sort_order=sort_order,
    )


def license_set(*modules: ModuleLicense) -> LicenseSet:
    """A licence set of SuperOffice's for the one customer."""
    return LicenseSet(owner=OWNER, customer=CUSTOMER, dates=LicenseDates(), modules=modules)


def offer_of(offered: LicenseSet, *, sequence: int = 1) -> Offer:
    """An offer whose bytes are named after its place in the sequence."""
    return Offer(
        raw=f"offer {sequence}".encode(),
        digest=f"{sequence:064x}",
        license=offered,
        sequence=sequence,
        issued=NOW,
    )


@st.composite
def module_licenses(draw: st.DrawFn, name: str) -> ModuleLicense:
    """A module licence of any kind, tied to others of the same small world."""
    members = sorted(draw(key_sets))
    return ModuleLicense(
        name=draw(spelled(name)),
        description=draw(st.sampled_from(("", name.title()))),
        type=draw(st.sampled_from((LicenseType.USER, LicenseType.USER, *LicenseType))),
        number=draw(st.integers(min_value=1, max_value=5)),
        unrestricted=draw(st.sampled_from((False, False, False, True))),
        hidden=draw(st.booleans()),
        prerequisite=draw(st.none() | keys.flatmap(spelled)),
        extra_info=draw(st.sampled_from(("", f"set={','.join(members)}"))),
        sort_order=draw(st.integers(min_value=0, max_value=3)),
    )


@st.composite
def license_sets(draw: st.DrawFn) -> LicenseSet:
    """A licence set with some of the names."""
    names = draw(st.lists(keys, unique=True))
    return license_set(*[draw(module_licenses(name)) for name in names])


@st.composite
def holdings(draw: st.DrawFn) -> Held:
    """Who holds what, users without a seat among them."""
    return {user: draw(key_sets) for user in sorted(draw(user_sets))}


@st.composite
def dependencies_of_keys(draw: st.DrawFn) -> Dependencies:
    """Any dependencies at all, circles and plans that contain plans among them."""
    graph = st.dictionaries(keys, key_sets)
    return Dependencies(dependents=draw(graph), plans=draw(graph))


removals: st.SearchStrategy[Removal] = st.builds(
    Removal, user=users, module=keys, picked=st.booleans()
)
removal_lists = st.lists(removals, unique_by=lambda removal: (removal.user, removal.module))
policies = st.dictionaries(
    st.sampled_from(("automatic", "approvals")), st.sampled_from(("no", "yes"))
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A change with any numbers, those a comparison would not bring about among them."""
    number = st.integers(min_value=0, max_value=60)
    return Change(
        module=draw(keys.flatmap(module_licenses)),
        in_use=draw(number),
        total=draw(number),
        new_total=draw(number),
        planned=draw(number),
        altered=draw(st.booleans()),
        restricted=draw(st.booleans()),
    )


def in_use(held: Held) -> dict[str, int]:
    """Seats in use by module key."""
    counts: dict[str, int] = {}
    for modules in held.values():
        for key in modules:
            counts[key] = counts.get(key, 0) + 1
    return counts


def without(held: Held, removed: Iterable[Removal]) -> Held:
    """What users hold once seats are taken."""
    gone = {(removal.user, removal.module) for removal in removed}
    return {
        user: frozenset(key for key in modules if (user, key) not in gone)
        for user, modules in held.items()
    }


@dataclass(frozen=True, kw_only=True)
class Overfull:
    """A module licence with more seats than an offer grants."""

    key: str
    seats: int
    granted: int


def overfull(offered: LicenseSet, installed: LicenseSet | None, held: Held) -> list[Overfull]:
    """Where an offer would leave too many seats: counted anew, without the domain's arithmetic."""
    granted: dict[str, int | None] = {}
    for license_set_ in (installed, offered):
        for row in license_set_.modules if license_set_ else ():
            limit = None if row.unrestricted else row.number
            granted[fold(row.name)] = limit if license_set_ is offered else 0
    return [
        Overfull(key=key, seats=seats, granted=limit)
        for key, limit in granted.items()
        if limit is not None and (seats := _seats(held, key)) > limit
    ]


def _seats(held: Mapping[str, frozenset[str]], key: str) -> int:
    return sum(1 for modules in held.values() if key in modules)
