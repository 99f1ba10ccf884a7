"""Lists are asked for as archives, in pages."""

import json
import time
from typing import Any

import httpx
import pytest

from licbot.testing.superoffice import PLAIN, SimModule, SimUser, Tenant, customers
from licbot.testing.superoffice.filters import BadFilter, parse
from tests.testing.superoffice.visiting import PLAIN_USER, OnlineSite, Site, onsite_site

INTERNAL = "/Archive/InternalUsers"


async def rows(house: Site, path: str = INTERNAL, **query: str) -> list[Any]:
    answer = await house.get(path, **query)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["value"]
    return found


def ids(found: list[Any]) -> list[int]:
    return [row["associateDbId"] for row in found]


async def test_who_holds_a_licence_is_an_entity(house: Site, tenant: Tenant) -> None:
    """In lower case, for each licence that people see."""
    found = await rows(
        house,
        _select="associateDbId,fullName,userplan,canLogin,personEmail,role",
        _entities="superoffice_ten-sales",
        _output="Logical",
    )

    assert ids(found) == sorted(tenant.holders("ten-sales"))
    assert found[0] == {
        "PrimaryKey": "101",
        "EntityName": "superoffice_ten-sales",
        "associateDbId": 101,
        "fullName": "Anna Schäfer",
        "userplan": "Sales Premium",
        "canLogin": True,
        "personEmail": "anna.schaefer@nordlicht.example",
        "role": "Administrator",
    }


async def test_entities_are_columns_too(house: Site, tenant: Tenant) -> None:
    """And several of them are a union."""
    found = await rows(
        house,
        _select="associateDbId,superoffice_visible-for",
        _entities="superoffice_ten-service,superoffice_ten-marketing",
        _output="Logical",
    )

    expected = tenant.holders("ten-service") | tenant.holders("ten-marketing")
    assert set(ids(found)) == expected
    holders = {row["associateDbId"] for row in found if row["superoffice_visible-for"]}
    assert holders == tenant.holders("visible-for") & expected


async def test_who_has_no_plan_is_an_entity(house: Site, tenant: Tenant) -> None:
    """It has a name of its own."""
    found = await rows(house, _entities="superoffice_superlicense-no-selection")

    assert ids(found) == [156, 157, 158, 159, 160]


async def test_partners_licences_are_entities(house: Site, tenant: Tenant) -> None:
    """With the owner's name."""
    tenant.put_in_force(customers.partner_license())
    tenant.assign(120, "acme-sync", owner="ACME")

    assert ids(await rows(house, _entities="acme_acme-sync")) == [120]


async def test_former_employees_are_kept_apart(house: Site, tenant: Tenant) -> None:
    """Under their own entity, and under all as inactive; deleted ones are nowhere."""
    tenant.retire(102)
    tenant.delete(103)

    retired = await rows(house, _entities="retired")
    everybody = await rows(house, _select="associateDbId,isActive", _output="Logical")
    nobody = await rows(house, _entities="expired,potential,loggedOnWin")

    assert ids(retired) == [102]
    assert len(everybody) == 59
    assert [row["associateDbId"] for row in everybody if not row["isActive"]] == [102]
    assert nobody == []
    assert 102 not in ids(await rows(house, _entities="superoffice_superlicense-no-selection"))


async def test_machines_are_other_users(house: Site) -> None:
    """All users are both."""
    others = await rows(house, "/Archive/OtherUsers", _select="associateDbId,assocType")

    assert [(row["associateDbId"], row["assocType"]) for row in others] == [
        (50, "SystemAssociate"),
        (51, "AnonymousAssociate"),
    ]
    assert len(await rows(house, "/Archive/AllUsers")) == 62
    assert len(await rows(house, "/User")) == 62


async def test_pages_are_linked(cloud: OnlineSite) -> None:
    """The last one says that there is none after it, though it is full."""
    await cloud.sign_in(PLAIN_USER)
    answer = await cloud.get(INTERNAL, _select="associateDbId", _top="20", _orderBy="fullName desc")
    found, sizes, page = [], [], {}
    for _ in range(3):
        page = answer.json()
        found += ids(page["value"])
        sizes.append(len(page["value"]))
        if page["odata.nextLink"]:
            assert page["odata.nextLink"].startswith(cloud.url(INTERNAL))
            answer = await cloud.http.get(page["odata.nextLink"], headers=cloud.headers)

    assert (sizes, page["odata.nextLink"]) == ([20, 20, 20], None)
    users = cloud.tenant.users
    names = [users[user].full_name.casefold() for user in found]
    assert names == sorted(names, reverse=True)
    assert len(set(found)) == 60


async def test_no_page_is_larger_than_the_server_likes(house: Site, tenant: Tenant) -> None:
    """Whatever is asked for."""
    tenant.top_limit = 20

    page = (await house.get(INTERNAL, _top="1000")).json()

    assert len(page["value"]) == 20
    assert httpx.URL(page["odata.nextLink"]).params["$skip"] == "20"


async def test_a_form_asks_for_the_same(house: Site) -> None:
    """For where an address would be too long."""
    form = {"$select": "associateDbId", "$top": "2", "$skip": "3"}

    answer = await house.http.post(house.url(INTERNAL), data=form, headers=house.headers)

    assert ids(answer.json()["value"]) == [104, 105]
    assert "%24skip=5" in answer.json()["odata.nextLink"]


async def test_open_requests_are_listed(house: Site) -> None:
    """By the number of their owner."""
    found = await rows(
        house,
        "/Archive/UserOpenTickets",
        _select="ticketId,title,ownedBy,ownedBy/associateDbId",
        _filter="ownedBy/associateDbId oneOf (105, 106)",
    )

    assert [(row["ticketId"], row["ownedBy/associateDbId"]) for row in found] == [
        (1001, 105),
        (1002, 105),
    ]
    assert {row["ownedBy"] for row in found} == {"Elif Schäfer"}
    assert len(await rows(house, "/Archive/UserOpenTickets")) == 3


async def test_licences_are_listed(house: Site) -> None:
    """Hidden ones too, by type."""
    found = await rows(
        house,
        "/Archive/ModuleLicense",
        _select="moduleName,moduleDesc,licenseType,licenseNumber,extraFlags,graceTo",
        _entities="userLicense",
    )
    [server] = await rows(house, "/Archive/ModuleLicense", _entities="systemLicense")

    assert {row["moduleName"]: row["licenseNumber"] for row in found}["web"] == 64
    assert server["moduleName"] == "superserver"


async def test_a_row_is_slim_or_full(house: Site) -> None:
    """Slim booleans are icons for who does not want them logical."""
    [slim] = await rows(house, _select="canLogin,fullName", _top="1", _mode="slim")
    [full] = await rows(house, _select="canLogin", _top="1", _mode="full")

    assert slim["canLogin"] == "checked"
    assert full["canLogin"]["RawValue"] is True
    assert full["canLogin"]["DisplayValue"] == "checked"


@pytest.mark.parametrize(
    ("name", "logical"), [("InternalUsers", True), ("OtherUsers", True), ("UserOpenTickets", False)]
)
async def test_an_archive_describes_itself(house: Site, name: str, logical: bool) -> None:
    """Hidden licences are not among it."""
    found = (await house.get(f"/Archive/{name}/$metadata")).json()["value"]

    kinds = {(row["name"], row["type"]) for row in found}
    for kind in ("entity", "column"):
        assert (("superoffice_ten-sales", kind) in kinds) is logical
        assert ("superoffice_user", kind) not in kinds


async def test_an_archive_may_describe_itself_in_xml(house: Site, tenant: Tenant) -> None:
    """As older servers may."""
    tenant.metadata_as = "xml"

    answer = await house.get(f"{INTERNAL}/$metadata")

    assert answer.headers["Content-Type"].startswith("application/xml")
    assert '<Entity Name="superoffice_ten-sales"/>' in answer.text


async def test_archives_are_listed(house: Site) -> None:
    """With their addresses."""
    assert (await house.get("/Archive")).json()["InternalUsers"] == house.url(INTERNAL)


@pytest.mark.parametrize(
    "query",
    [
        {"_select": "nothing"},
        {"_entities": "superoffice_nothing"},
        {"_entities": "superoffice_user"},
        {"_orderBy": "nothing"},
        {"_filter": "nothing eq 1"},
        {"_filter": "fullName eq"},
        {"_top": "many"},
    ],
)
async def test_what_an_archive_does_not_have_is_refused(
    house: Site, unchecked: None, query: dict[str, str]
) -> None:
    """Rather than answered with everybody."""
    assert (await house.get(INTERNAL, **query)).status_code == 400


async def test_an_unknown_archive_is_not_found(house: Site) -> None:
    """Neither is its description."""
    assert (await house.get("/Archive/Nothing")).status_code == 404


async def test_fifty_thousand_users_are_listed_quickly() -> None:
    """A page of five thousand takes well under a second."""
    tenant = Tenant()
    tenant.put_in_force(customers.PLANS_LICENSE)
    for number in range(50_000):
        name = f"Person {number}"
        user = SimUser(id=101 + number, login=f"p{number}", full_name=name, role="Administrator")
        tenant.add_user(user, "ten-sales")
    async with onsite_site(tenant) as house:
        started = time.process_time()
        found = await rows(
            house,
            _select="associateDbId,fullName,personEmail,userplan,canLogin,superoffice_visible-for",
            _entities="superoffice_ten-sales",
            _skip="40000",
            _top="5000",
        )
        spent = time.process_time() - started

    assert ids(found) == list(range(40_101, 45_101))
    assert spent < 1


ROW = {"name": "Anna O'Hara", "number": 7, "flag": True, "ownedBy/id": 3, "none": None}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("name eq 'anna o''hara'", True),
        ("name ne 'Anna'", True),
        ("name is 'Anna'", False),
        ("number gt 6 and number le 7", True),
        ("number lt 7 or flag eq true", True),
        ("number ge 7.5", False),
        ("(number lt 7 or flag eq false) and number eq 7", False),
        ("number oneOf (1, 7)", True),
        ("name begins 'ann'", True),
        ("name contains 'HARA'", True),
        ("name notContains 'x'", True),
        ("startswith(name, 'anna') and endswith(name, 'hara')", True),
        ("substringof('na o', name)", True),
        ("ownedBy/id eq 3", True),
        ("NUMBER eq 7", True),
        ("none gt 1", False),
    ],
)
def test_filters_are_understood(text: str, fits: bool) -> None:
    """As far as they are needed here."""
    assert parse(text, set(ROW))(ROW.__getitem__) is fits


@pytest.mark.parametrize(
    "text",
    [
        "number",
        "7 eq 1",
        "number eq",
        "number eq 7 7",
        "(number eq 7",
        "number like 7",
        "other eq 1",
        "; eq 1",
        "number oneOf 7",
        "number eq name",
        "eq eq eq",
        "startswith(name 'a')",
    ],
)
def test_other_filters_are_refused(text: str) -> None:
    """Rather than ignored."""
    with pytest.raises(BadFilter):
        parse(text, set(ROW))


async def test_an_unrestricted_licence_has_its_own_list(house: Site, tenant: Tenant) -> None:
    """Users show it apart."""
    travel = SimModule(name="travel", unrestricted=True)
    tenant.put_in_force(customers.PLANS_LICENSE.with_modules(travel))
    tenant.add_user(SimUser(id=7, login="t", full_name="T", role=PLAIN), "travel")

    entity = (await house.get("/User/7")).json()

    [link] = entity["LicenseOwners"][0]["UnrestrictedModuleLicenses"]
    assert (link["Name"], link["Assigned"], link["CanAssign"]) == ("travel", True, True)
    assert json.dumps(entity["LicenseOwners"][0]["RestrictedModuleLicenses"]).count("travel") == 0
