"""Users are saved as SuperOffice saves them, onsite."""

from collections.abc import Callable
from typing import Any

import pytest

from licbot.testing.superoffice import PLAIN, Tenant, customers
from tests.testing.superoffice.visiting import PLAIN_USER, Site, basic, onsite_site

FREE = 160
"""Somebody without a plan."""
OPEN_REQUESTS = "The user has open requests in Service. The licence cannot be removed."


async def user(house: Site, number: int) -> Any:
    return (await house.get(f"/User/{number}")).json()


def flip(entity: Any, **wanted: bool) -> Any:
    """Tick licences, or no longer; write ``_`` for ``-``."""
    for link in entity["LicenseOwners"][0]["RestrictedModuleLicenses"]:
        link["Assigned"] = wanted.get(link["Name"].replace("-", "_"), link["Assigned"])
    return entity


def assigned(entity: Any) -> list[str]:
    links = entity["LicenseOwners"][0]["RestrictedModuleLicenses"]
    return [link["Name"] for link in links if link["Assigned"]]


def changes(tenant: Tenant) -> list[tuple[int, str, bool]]:
    return [(save.user, save.module, save.after) for save in tenant.saves]


async def test_a_plan_takes_along_what_came_with_it(house: Site, tenant: Tenant) -> None:
    """The ledger has each licence once, and who did it."""
    entity = flip(await user(house, 102), ten_sales=False)

    saved = await house.put("/User/102", entity)

    assert (saved.status_code, assigned(saved.json())) == (200, [])
    assert changes(tenant) == [(102, name, False) for name in ("ten-sales", "user", "web")]
    assert {save.by for save in tenant.saves} == {tenant.users[101].login}
    assert (tenant.in_use("ten-sales"), tenant.in_use("web")) == (35, 54)


async def test_a_plan_brings_along_what_comes_with_it(house: Site, tenant: Tenant) -> None:
    """The members need not be ticked."""
    saved = await house.put(f"/User/{FREE}", flip(await user(house, FREE), ten_service=True))

    assert assigned(saved.json()) == ["ten-service", "user", "web"]
    assert tenant.held_by(FREE) == {"ten-service", "user", "web"}


async def test_a_plan_is_exchanged_in_one_step(house: Site, tenant: Tenant) -> None:
    """What both plans bring is not touched."""
    entity = flip(await user(house, 102), ten_sales=False, ten_service=True)

    saved = await house.put("/User/102", entity)

    assert assigned(saved.json()) == ["ten-service", "user", "web"]
    assert changes(tenant) == [(102, "ten-sales", False), (102, "ten-service", True)]


async def test_saving_what_is_so_already_changes_nothing(house: Site, tenant: Tenant) -> None:
    """It is no error either."""
    saved = await house.put("/User/102", await user(house, 102))

    assert (saved.status_code, tenant.saves) == (200, [])
    url = house.url("/User/Validate")
    foreseen = await house.http.post(url, json=saved.json(), headers=house.headers)
    assert foreseen.json() == {}


async def test_a_member_stays_with_its_plan(house: Site, tenant: Tenant) -> None:
    """It cannot be taken alone."""
    await house.put("/User/102", flip(await user(house, 102), web=False))

    assert tenant.saves == []
    assert "web" in tenant.held_by(102)


def _two_plans(tenant: Tenant) -> dict[str, bool]:
    return {"ten_sales": True, "ten_service": True}


def _no_free_one(tenant: Tenant) -> dict[str, bool]:
    tenant.put_in_force(customers.PLANS_LICENSE.with_numbers(ten_sales=36))
    return {"ten_sales": True}


def _no_free_member(tenant: Tenant) -> dict[str, bool]:
    tenant.put_in_force(customers.PLANS_LICENSE.with_numbers(web=55))
    return {"ten_sales": True}


def _prerequisite(tenant: Tenant) -> dict[str, bool]:
    return {"visible_for": True}


def _former_employee(tenant: Tenant) -> dict[str, bool]:
    tenant.retire(FREE)
    return {"ten_sales": True}


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        (_two_plans, "one user plan only"),
        (_no_free_one, "no free licence 'Sales Premium': 36 of 36"),
        (_no_free_member, "no free licence 'Web'"),
        (_prerequisite, "needs the licence user"),
        (_former_employee, "former employee"),
    ],
)
async def test_what_is_against_the_rules_is_refused(
    house: Site, tenant: Tenant, arrange: Callable[[Tenant], dict[str, bool]], words: str
) -> None:
    """With an error by REST, with a message by the agent, and nothing is changed."""
    wanted = arrange(tenant)
    entity = flip(await user(house, FREE), **wanted)

    refused = await house.put(f"/User/{FREE}", entity)
    said = await house.agent("User/SaveUser", **entity)
    foreseen = await house.http.post(
        house.url("/User/Validate"), json=entity, headers=house.headers
    )

    assert refused.status_code == 400
    error = refused.json()
    assert (error["Error"], error["ErrorType"]) == (True, "SoException")
    assert words in error["ErrorMessage"]
    assert (said.status_code, said.json()["Message"]) == (200, error["ErrorMessage"])
    assert foreseen.json() == {"LicenseOwners": error["ErrorMessage"]}
    assert tenant.saves == []
    assert tenant.held_by(FREE) == set()


async def test_a_licence_stays_with_whom_has_open_requests(house: Site, tenant: Tenant) -> None:
    """Until they are closed; something more may be given."""
    given = await house.put("/User/105", flip(await user(house, 105), visible_for=True))
    assert given.status_code == 200
    entity = flip(await user(house, 105), ten_sales=False)

    refused = await house.put("/User/105", entity)
    tenant.close_requests(105)
    saved = await house.put("/User/105", entity)

    assert (refused.status_code, refused.json()["ErrorMessage"]) == (400, OPEN_REQUESTS)
    assert saved.status_code == 200


async def test_what_nobody_documents_must_come_back(house: Site, tenant: Tenant) -> None:
    """A client that keeps only what it knows does harm."""
    entity = flip(await user(house, 102), ten_sales=False)
    without = {name: value for name, value in entity.items() if name != "Traits"}

    for body in (without, {**entity, "ChangeStamp": "another"}, {**entity, "AssociateId": 103}):
        assert (await house.put("/User/102", body)).status_code == 400

    assert tenant.saves == []


async def test_the_agent_saves_too(house: Site, tenant: Tenant) -> None:
    """It answers null for an unknown user."""
    got = await house.http.post(
        house.url("/Agents/User/GetUser"), params={"userId": "102"}, headers=house.headers
    )
    assert got.json() == await user(house, 102)

    saved = await house.agent("User/SaveUser", **flip(got.json(), ten_sales=False))
    nobody = await house.agent("User/SaveUser", **{**got.json(), "AssociateId": 999})
    unknown = await house.http.post(
        house.url("/Agents/User/GetUser"), params={"userId": "999"}, headers=house.headers
    )

    assert assigned(saved.json()) == []
    assert (nobody.json(), unknown.json()) == (None, None)


async def test_only_administrators_save(house: Site, tenant: Tenant) -> None:
    """Others may look."""
    plain = tenant.users[PLAIN_USER]
    house.headers = basic(plain.login, plain.password)
    entity = flip(await user(house, 102), ten_sales=False)

    assert (await house.put("/User/102", entity)).status_code == 403
    assert tenant.saves == []


async def test_users_are_shown_with_what_is_known(house: Site, tenant: Tenant) -> None:
    """By id and by login; unknown ones are not found, deleted ones are marked."""
    entity = await user(house, 102)
    by_login = await house.get(f"/User/{tenant.users[102].login}")
    tenant.delete(103)

    assert by_login.json() == entity
    assert entity["Role"]["Value"] == "Administrator"
    assert entity["Person"]["FullName"] == "Bernd Schäfer"
    assert entity["Lastlogin"] == "2026-10-18T08:00:00"
    assert (await user(house, 111))["Lastlogin"] == "0001-01-01T00:00:00"
    assert (await user(house, 103))["Deleted"] is True
    assert (await house.get("/User/999")).status_code == 404
    assert (await house.get("/User/nobody@x.example")).status_code == 404
    selected = (await house.get("/User/102", _select="Name,LicenseOwners")).json()
    assert (selected["Name"], selected["Person"]) == (entity["Name"], None)


async def test_the_other_methods_of_the_user_agent(house: Site, tenant: Tenant) -> None:
    """Taking all licences, and making a former employee of somebody."""
    roles = await house.agent("User/FindRolesWithFunctionalRight", FunctionalRightName="admin-all")
    removed = await house.agent("User/RemoveLicenses", AssociateId=102)
    busy = await house.agent("User/RemoveLicenses", AssociateId=105)
    retired = await house.agent("User/MakeRetired", AssociateId=103, Retired=True)
    deleted = await house.http.delete(house.url("/User/104"), headers=house.headers)

    assert [role["Name"] for role in roles.json()] == ["Administrator", "System"]
    assert [each.status_code for each in (removed, retired, deleted)] == [204] * 3
    assert busy.status_code == 400
    assert (tenant.held_by(102), tenant.held_by(103)) == (set(), set())
    assert (tenant.users[103].retired, tenant.users[104].deleted) == (True, True)
    assert tenant.in_use("ten-sales") == 33
    await house.agent("User/MakeRetired", AssociateId=103, Retired=False)
    assert (tenant.users[103].retired, tenant.held_by(103)) == (False, set())


async def test_in_crm_suite_a_seat_is_being_able_to_log_in() -> None:
    """Taking it shuts them out, giving it back lets them in."""
    tenant = customers.suite()
    async with onsite_site(tenant) as house:
        assert tenant.in_use("suite-user") == 18

        await house.put("/User/110", flip(await user(house, 110), suite_user=False))
        assert (tenant.in_use("suite-user"), tenant.users[110].can_login) == (17, False)

        await house.put("/User/110", flip(await user(house, 110), suite_user=True))
        assert (tenant.in_use("suite-user"), tenant.users[110].can_login) == (18, True)

    tenant.set_login(110, False)
    assert tenant.held_by(110) == set()
    tenant.assign(110, "suite-user")
    assert tenant.users[110].can_login is True


def test_those_who_left_are_not_counted(tenant: Tenant) -> None:
    """Deleted ones keep their rows, former employees lose them."""
    tenant.delete(102)
    tenant.retire(103)

    assert tenant.in_use("ten-sales") == 34
    assert (tenant.held_by(102), tenant.held_by(103)) == ({"ten-sales", "user", "web"}, set())
    assert 102 not in tenant.holders("ten-sales")
    tenant.assign(102, "visible-for")
    assert tenant.in_use("visible-for") == 11


def test_users_can_be_changed_in_the_tenant(tenant: Tenant) -> None:
    """They are found by their new login too."""
    tenant.change_user(102, login="new@x.example", role=PLAIN)

    found = tenant.user("NEW@x.example")

    assert found is not None
    assert (found.id, tenant.administers(found)) == (102, False)
