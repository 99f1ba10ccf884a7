"""CRM Suite: a seat is a user who can log in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from licbot.domain.changes import compare
from licbot.domain.errors import SystemRefused
from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense, Owner
from licbot.domain.people import HolderQuery
from licbot.testing import FakeClock, license_set, module_license
from licbot.testing.superoffice import SimModule, Tenant, customers
from licbot.testing.superoffice.customers import SUITE_LICENSE
from licbot_superoffice.suite import is_suite, seat_modules
from tests.plugins.superoffice.data_support import World, removal, world

SEAT = "suite-user"
OWN = Owner(name="SuperOffice")


INSTALLED = SUITE_LICENSE.without(SEAT).with_modules(
    SimModule(name=SEAT, description="Core", number=20, extra_info="set=user,web"),
    SimModule(name="user", number=20, hidden=True),
    SimModule(name="web", number=20, hidden=True),
)
SMALLER = INSTALLED.with_numbers(suite_user=15, user=15, web=15)


def own(*modules: ModuleLicense) -> LicenseSet:
    return license_set(*modules, owner=OWN)


CORE = module_license("suite2-core", 1, kind=LicenseType.SYSTEM)
PLAN = module_license("ten-sales", 5, comes_with=("user",))
NO_PLAN = module_license("superlicense-no-selection", 1, comes_with=("user",))


def test_a_suite_is_known_by_its_licences() -> None:
    """No user plan, and something of a suite; the settings have the last word."""
    assert is_suite([own(CORE)], "auto")
    assert is_suite([own(CORE, NO_PLAN)], "auto")
    assert not is_suite([own(CORE, PLAN)], "auto")
    assert not is_suite([own(module_license("sale-cal"))], "auto")
    assert not is_suite([license_set(module_license("suite-thing"))], "auto")
    assert not is_suite([], "auto")
    assert is_suite([own(PLAN)], "login")
    assert not is_suite([own(CORE)], "plans")


def test_the_seats_are_what_people_see_and_what_is_limited() -> None:
    """Of SuperOffice's own; where some are named as the suite's, only those."""
    limited, free = module_license("core-user"), module_license("travel", unrestricted=True)
    hidden = module_license("user", hidden=True)

    without_name = seat_modules([own(CORE, limited, free, hidden), license_set(PLAN)])
    with_name = seat_modules([own(CORE, limited, module_license(SEAT))])

    assert [module.key for module in without_name] == ["core-user"]
    assert [module.key for module in with_name] == [SEAT]


@pytest.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[World]:
    """Twenty-four people, of whom eighteen can log in, onsite."""

    def fill(clock: FakeClock) -> Tenant:
        made = customers.suite(clock.now)
        made.put_in_force(INSTALLED)
        for user in list(made.users):
            made.set_login(user, made.users[user].can_login)
        return made

    async with world(tmp_path, fill) as made:
        yield made


async def test_the_holders_are_those_who_can_log_in(tenant: World) -> None:
    """With the hidden licences that come with a seat."""
    page = await tenant.system.holders(HolderQuery(module=SEAT, limit=50))

    assert page.total == 18
    assert all(holder.can_login for holder in page.holders)
    assert await tenant.system.held_by(["101", "124"]) == {"101": {SEAT, "user", "web"}}
    assert (await tenant.system.in_use())[SEAT] == 18
    names = {each.query.get("$entities") for each in tenant.tenant.requests}
    assert f"superoffice_{SEAT}" not in names


async def test_the_surplus_is_counted_the_same(tenant: World) -> None:
    """Fifteen are coming, and eighteen can log in."""
    offer = await tenant.offer(SMALLER)
    [installed] = await tenant.system.installed()

    changes = compare(installed, offer.license, await tenant.system.in_use())

    assert {c.module.key: c.surplus for c in changes if c.surplus} == {
        SEAT: 3,
        "user": 3,
        "web": 3,
    }


async def test_people_switch_the_login_off_by_hand(tenant: World) -> None:
    """There is no documented field for it, even where users may be saved."""
    planned = [removal("104", SEAT), removal("104", "user", picked=False)]
    for system in (tenant.system, tenant.anew(removal="api")):
        guidance = await system.guidance(planned)
        assert guidance
        assert "switch “Can log in” off, then save" in guidance.tasks["104"]

    with pytest.raises(SystemRefused, match="Dieter Schäfer"):
        await tenant.system.take(planned, "a/1")
    tenant.tenant.set_login(104, False)
    tenant.clock.advance(timedelta(minutes=2))
    await tenant.system.take(planned, "a/1")

    assert set((await tenant.states()).values()) == {"absent"}
    assert "CRM Suite" in " ".join((await tenant.system.examine()).facts)
    assert tenant.asked("currentPrincipal") == 0


async def test_the_whole_course_works_by_hand(tenant: World) -> None:
    """Three logins off, and the smaller licence is put in force."""
    offer = await tenant.offer(SMALLER)
    with pytest.raises(SystemRefused):
        await tenant.system.install(offer)
    planned = [removal(user, SEAT) for user in ("104", "105", "106")]
    for each in planned:
        tenant.tenant.set_login(int(each.user), False)
    tenant.clock.advance(timedelta(minutes=2))

    await tenant.system.take(planned, "a/1")
    await tenant.system.install(offer)

    [installed] = await tenant.system.installed()
    assert installed.same_as(offer.license)
    assert (await tenant.system.in_use())[SEAT] == 15


async def test_the_settings_may_say_that_seats_are_plans(tenant: World) -> None:
    """Then users are asked for by licence, as everywhere."""
    system = tenant.anew(seats="plans")

    await system.refresh()

    assert tenant.asked("Archive/InternalUsers") > 0
    assert (await system.holders(HolderQuery(module=SEAT))).total == 18
    names = {each.query.get("$entities") for each in tenant.tenant.requests}
    assert f"superoffice_{SEAT}" in names
