"""What a licensed system is filled with for the contract, and what happens to it from outside."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from licbot.domain.licenses import LicenseSet, Moment, Offer, Owner
from licbot.domain.people import (
    Holder,
    HolderKind,
    Person,
)
from licbot.domain.removals import Removal
from licbot.ports.system import LicensedSystem
from licbot.testing.clock import START, FakeClock
from licbot.testing.licenses import license_set, module_license

DAY = timedelta(days=1)

ADA, BO, CLEO, DEV, ELI, FAY, GUS = (str(number) for number in range(11, 18))
"""Ids of users that systems take which number theirs."""

ISSUER = Owner(name="SUPEROFFICE", description="SuperOffice AS")
"""A license owner that systems take who know one by name."""

SALES = module_license("sales", 5)
TRAVEL = module_license("travel", 2, prerequisite="sales")
SUPPORT = module_license("support", 1, unrestricted=True)
INSTALLED = license_set(SALES, TRAVEL, SUPPORT, owner=ISSUER)
SMALLER = license_set(replace(SALES, number=3), TRAVEL, SUPPORT, owner=ISSUER)

USERS = (
    Holder(id=ADA, name="Ada Berg", email="ada@acme.example", last_login=START - 9 * DAY),
    Holder(id=BO, name="Bo Lund", email="bo@acme.example", administrator=True, last_login=START),
    Holder(id=CLEO, name="cleo mailer", kind=HolderKind.OTHER),
    Holder(
        id=DEV,
        name="Dev Rao",
        email="dev@acme.example",
        administrator=True,
        can_login=False,
        last_login=START - 5 * DAY,
    ),
    Holder(id=ELI, name="Eli Gone", email="eli@acme.example", administrator=True),
    Holder(id=FAY, name="Fay One", email="both@acme.example", administrator=True),
    Holder(id=GUS, name="Gus Two", email="both@acme.example", administrator=True),
)
SEATS = {
    ADA: frozenset({"sales", "travel"}),
    BO: frozenset({"sales", "travel", "support"}),
    CLEO: frozenset({"sales"}),
    DEV: frozenset({"sales"}),
    ELI: frozenset({"sales"}),
}


PLANS = license_set(
    module_license("premium", 2, comes_with=("user", "web")),
    module_license("basic", 2, comes_with=("user", "mail")),
    module_license("user", 9, hidden=True),
    module_license("web", 2, hidden=True),
    module_license("mail", 9, hidden=True),
    owner=ISSUER,
)
SWAP = (
    Removal(user=ADA, module="premium", picked=True, instead="basic", gives=("basic", "mail")),
    Removal(user=ADA, module="web", picked=False),
)
"""Ada gets Basic instead of Premium."""


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """What a system is filled with before a test: users, what they hold, and the set in force.

    deleted: the users who were deleted; they still hold seats, which do not count.
    """

    installed: LicenseSet = INSTALLED
    users: tuple[Holder, ...] = USERS
    seats: Mapping[str, frozenset[str]] = field(default_factory=lambda: SEATS)
    deleted: frozenset[str] = frozenset({ELI})


PLANS_TENANT = Tenant(
    installed=PLANS,
    seats={
        ADA: frozenset({"premium", "user", "web"}),
        BO: frozenset({"premium", "user", "web"}),
        DEV: frozenset({"basic", "user", "mail"}),
    },
    deleted=frozenset(),
)
"""All Premium is in use, and one seat of Basic is free."""


class Bench(Protocol):
    """A system under test, with what happens to it from outside."""

    @property
    def system(self) -> LicensedSystem:
        """The system."""
        ...

    @property
    def clock(self) -> FakeClock:
        """The system's own clock."""
        ...

    async def leave(
        self, offered: LicenseSet, sequence: int, not_before: Moment | None = None
    ) -> None:
        """Let the issuer have an offer; the set in force at first has the sequence 1."""
        ...

    async def seat(self, user: str, module: str) -> None:
        """Give somebody a seat in the system itself, past licbot, which learns of it."""
        ...

    async def unseat(self, user: str, module: str) -> None:
        """Take somebody's seat in the system itself, past licbot, which learns of it."""
        ...

    async def meet(self, email: str) -> Person:
        """Someone in Slack with this address, known to the system in whatever way it asks for."""
        ...


Arrange = Callable[[Tenant], Awaitable[Bench]]
"""Makes a bench with a system that holds a tenant."""


def removal(user: str, module: str = "sales") -> Removal:
    """A planned removal."""
    return Removal(user=user, module=module, picked=True)


async def found(bench: Bench) -> Offer:
    """The one offer that the system finds."""
    [only] = (await bench.system.find_offers()).offers
    return only


async def sales_left(bench: Bench, sequence: int = 2) -> Offer:
    """An offer of a smaller licence, found."""
    await bench.leave(SMALLER, sequence)
    return await found(bench)
