"""Licences are shown, checked and put in force, and only as they were handed out."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from licbot.testing.superoffice import (
    ADMINISTRATOR,
    Fencing,
    SimLicense,
    SimLicenseType,
    SimModule,
    SimUser,
    Tenant,
    customers,
)
from tests.testing.superoffice.visiting import Site, onsite_site

OWNER = {"OwnerName": "SuperOffice"}
RELEASED = (101, 102, 103, 104)
"""Four of Sales without open requests: as many as the smaller licence has less."""


async def offered(house: Site) -> str:
    return (await house.agent("License/GetLicenseFromLicenseServer", **OWNER)).text


async def activate(house: Site, offer: str) -> Any:
    return (await house.send("ActivateLicenseInfo", f'{{"NewLicense": {offer}}}')).json()


def make_room(tenant: Tenant) -> None:
    for user in RELEASED:
        tenant.unassign(user, "ten-sales")


async def test_what_is_in_force_is_shown_with_its_usage(house: Site, tenant: Tenant) -> None:
    """The owner's name is compared without case; hidden licences are there as well."""
    shown = (await house.agent("License/GetLicenseFromDB", OwnerName="superOFFICE")).json()

    assert shown["New"] is None
    assert shown["Current"]["CompanyName"] == tenant.company
    assert shown["Current"]["ExpiryDate"] == "2027-03-27T00:00:00"
    assert shown["Current"]["MaintenanceDate"] == "0001-01-01T00:00:00"
    rows = {row["Current"]["ModuleName"]: row for row in shown["ExtendedModuleLicenses"]}
    assert rows["ten-sales"]["Current"]["ExtraInfo"] == "set=user,web"
    assert rows["user"]["Current"]["IsHidden"] is True
    assert figures(rows["ten-sales"]) == (40, 36, 4, 0, 40, 4)
    assert figures(rows["user"]) == (64, 55, 9, 0, 64, 9)
    assert all(row["New"] is None for row in rows.values())


def figures(row: Any) -> tuple[int, ...]:
    names = ("Total", "InUse", "Free", "Added", "NewTotal", "NewFree")
    return tuple(row[f"NumberOfLicenses{name}"] for name in names)


async def test_an_owner_without_a_licence_has_null(house: Site) -> None:
    """In the database and on the licence server."""
    for method in ("GetLicenseFromDB", "GetLicenseFromLicenseServer"):
        answer = await house.agent(f"License/{method}", OwnerName="NOBODY")
        assert (answer.status_code, answer.json()) == (200, None)
    assert (await house.get("/License/NOBODY")).status_code == 404


async def test_all_owners_are_shown(house: Site, tenant: Tenant) -> None:
    """Partners have licences of their own."""
    tenant.put_in_force(customers.partner_license())

    shown = (await house.agent("License/GetLicenseForAllOwnersFromDB")).json()

    owners = [each["Current"]["OwnerName"] for each in shown]
    assert owners == ["SUPEROFFICE", "ACME"]
    assert [each["Current"]["OwnerName"] for each in (await house.get("/License")).json()] == owners
    assert (await house.get("/License/acme")).json() == shown[1]


async def test_an_offer_is_shown_beside_what_is_in_force(house: Site) -> None:
    """It cannot be activated while more are in use, and says why."""
    shown = json.loads(await offered(house))

    rows = {row["New"]["ModuleName"]: row for row in shown["ExtendedModuleLicenses"]}
    assert figures(rows["ten-sales"]) == (40, 36, 4, -8, 32, -4)
    assert figures(rows["ten-service"]) == (12, 10, 2, 0, 12, 2)
    assert (shown["CanBeActivated"], shown["Reason"]) == (
        False,
        "Licence 'Sales Premium': 36 in use, 32 in the new licence.",
    )


async def test_an_offer_is_put_in_force(house: Site, tenant: Tenant) -> None:
    """Then there is nothing new, and the ledger says who did it."""
    make_room(tenant)
    offer = await offered(house)
    assert json.loads(offer)["CanBeActivated"] is True
    validated = await house.send("ValidateLicenseInfo", f'{{"LicenseInfo":{offer}}}')
    assert validated.json()["Succeeded"] is True
    assert tenant.activations == []

    result = await activate(house, offer)

    assert (result["Succeeded"], result["Reason"]) == (True, "")
    assert tenant.module("ten-sales") == customers.SMALLER_PLANS_LICENSE.find("ten-sales")
    [activation] = tenant.activations
    assert (activation.owner, activation.by) == ("SUPEROFFICE", tenant.users[101].login)
    status = await house.agent("License/GetLicenseStatusFromLicenseServer", **OWNER)
    assert status.json()["LicenseStatus"] == "Ok"


async def test_doing_it_twice_shows_in_the_ledger(house: Site, tenant: Tenant) -> None:
    """So that tests see it."""
    make_room(tenant)
    offer = await offered(house)

    await activate(house, offer)
    await activate(house, offer)

    assert len(tenant.activations) == 2


async def test_what_is_in_use_is_counted_when_it_is_activated(house: Site, tenant: Tenant) -> None:
    """Not when it was handed out."""
    make_room(tenant)
    offer = await offered(house)
    tenant.assign(104, "ten-sales")

    result = await activate(house, offer)

    assert (result["Succeeded"], "Sales Premium" in result["Reason"]) == (False, True)
    assert tenant.activations == []


def _renamed(text: str) -> str:
    return text.replace('"ModuleName":"web"', '"ModuleName":"wev"', 1)


def _another_number(text: str) -> str:
    return text.replace('"NumberOfLicenses":32', '"NumberOfLicenses":40', 1)


def _python(text: str) -> str:
    return json.dumps(json.loads(text))


def _loaded(text: str) -> Any:
    """JSON with its numbers as texts between marks."""
    return json.loads(text, parse_float=_marked, parse_int=_marked)


def _dumped(value: Any, **options: Any) -> str:
    """JSON with the marked numbers as they were."""
    return re.sub('"@([^"]+)@"', r"\1", json.dumps(value, ensure_ascii=False, **options))


def _marked(number: str) -> str:
    return f"@{number}@"


def _sorted_keys(text: str) -> str:
    return _dumped(_loaded(text), sort_keys=True)


def _rows_turned_round(text: str) -> str:
    value = _loaded(text)
    value["New"]["ModuleLicenses"].reverse()
    return _dumped(value)


def _known_fields_only(text: str) -> str:
    value = _loaded(text)
    del value["Weight"]
    return _dumped(value)


def _a_shifted_date(text: str) -> str:
    return text.replace("2027-03-27T00:00:00", "2027-03-27T00:00:00Z", 1)


def _an_exponent_written_out(text: str) -> str:
    assert "1E1" in text
    return text.replace("1E1", "10", 1)


def _a_key_twice(text: str) -> str:
    return text.replace('"Weight":1E1', '"Weight":1E1,"Weight":1E1', 1)


@pytest.mark.parametrize(
    "change",
    [
        _renamed,
        _another_number,
        _python,
        _sorted_keys,
        _rows_turned_round,
        _known_fields_only,
        _a_shifted_date,
        _an_exponent_written_out,
        _a_key_twice,
    ],
)
async def test_whatever_was_touched_does_not_work(house: Site, tenant: Tenant, change: Any) -> None:
    """Neither fields nor how numbers are written, nor the order of keys and rows."""
    make_room(tenant)
    offer = await offered(house)
    changed = change(offer)
    assert changed != offer

    result = await activate(house, changed)

    assert (result["Succeeded"], "signature" in result["Reason"]) == (False, True)
    assert tenant.activations == []


async def test_how_texts_are_escaped_does_not_matter(house: Site, tenant: Tenant) -> None:
    """Neither do spaces: JSON says that they are the same."""
    make_room(tenant)
    offer = await offered(house)
    assert "\\/" in offer
    assert "\\u00df" in offer

    result = await activate(house, _dumped(_loaded(offer), indent=1))

    assert result["Succeeded"] is True


async def test_only_something_new_can_be_activated(house: Site, tenant: Tenant) -> None:
    """What is in force is no offer."""
    shown = (await house.agent("License/GetLicenseFromDB", **OWNER)).text

    result = await activate(house, shown)

    assert (result["Succeeded"], result["Reason"]) == (False, "There is no new licence in it.")


async def test_without_an_offer_the_licence_server_has_what_is_in_force(
    house: Site, tenant: Tenant
) -> None:
    """Nothing is added."""
    tenant.withdraw()

    shown = json.loads(await offered(house))

    assert shown["CanBeActivated"] is True
    assert {row["NumberOfLicensesAdded"] for row in shown["ExtendedModuleLicenses"]} == {0}


async def test_a_dropped_plan_must_not_be_in_use(house: Site, tenant: Tenant) -> None:
    """Swapping plans needs the old one free first."""
    tenant.offer(customers.PLANS_LICENSE.without("ten-service"))
    refused = json.loads(await offered(house))
    assert refused["CanBeActivated"] is False
    [row] = [each for each in refused["ExtendedModuleLicenses"] if each["New"] is None]
    assert figures(row) == (12, 10, 2, -12, 0, -10)

    for user in tenant.holders("ten-service"):
        tenant.unassign(user, "ten-service")

    assert (await activate(house, await offered(house)))["Succeeded"] is True
    assert tenant.module("ten-service") is None


async def test_a_dropped_hidden_licence_goes_with_the_activation(
    house: Site, tenant: Tenant
) -> None:
    """Nobody could take it of anybody."""
    assert tenant.in_use("web") == 55
    tenant.offer(customers.PLANS_LICENSE.without("web"))

    assert (await activate(house, await offered(house)))["Succeeded"] is True

    assert tenant.in_use("web") == 0
    assert tenant.held_by(101) == {"ten-sales", "user", "visible-for"}


async def test_an_unrestricted_licence_never_blocks(house: Site, tenant: Tenant) -> None:
    """Its number is not a limit."""
    travel = SimModule(name="travel", number=1, unrestricted=True)
    tenant.put_in_force(customers.PLANS_LICENSE.with_modules(travel))
    tenant.assign(101, "travel")
    tenant.assign(102, "travel")
    tenant.offer(customers.PLANS_LICENSE.with_modules(replace(travel, number=0)))

    shown = json.loads(await offered(house))

    assert shown["CanBeActivated"] is True
    [row] = [
        each for each in shown["ExtendedModuleLicenses"] if each["New"]["ModuleName"] == "travel"
    ]
    assert figures(row) == (1, 2, -1, -1, 0, -2)


async def test_a_new_licence_has_no_current_row(house: Site, tenant: Tenant) -> None:
    """It is not in use yet. One for the site is in use once it is in force."""
    site = SimModule(name="gateway", license_type=SimLicenseType.SITE)
    tenant.offer(customers.PLANS_LICENSE.with_modules(site))

    rows = json.loads(await offered(house))["ExtendedModuleLicenses"]

    new = next(row for row in rows if row["New"]["ModuleName"] == "gateway")
    assert (new["Current"], figures(new)) == (None, (0, 0, 0, 1, 1, 1))
    server = next(row for row in rows if row["New"]["ModuleName"] == "superserver")
    assert figures(server) == (1, 1, 0, 0, 1, 0)


async def test_licences_have_names_in_the_language_asked_for(house: Site) -> None:
    """As far as they are known in it."""
    house.headers["SO-Language"] = "de"

    shown = (await house.agent("License/GetLicenseFromDB", **OWNER)).json()

    names = {
        row["Current"]["ModuleName"]: row["Current"]["ModuleDescription"]
        for row in shown["ExtendedModuleLicenses"]
    }
    assert names["ten-sales"] == "Vertrieb Premium"
    assert names["visible-for"] == "Vertrauliche Aktivitäten"
    assert names["user"] == "User"
    house.headers = {**house.headers, "SO-Language": "*", "Accept-Language": "de"}
    module = (await house.get("/License/superoffice/ten-sales")).json()
    assert module["ModuleDescription"] == "Sales Premium"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "NewLicenseAvailable"),
        ({"company": "Nordlicht Handel AG"}, "NewCompanyNameAvailable"),
        ({"serial": "1234567899"}, "NewSerialAvailable"),
    ],
)
async def test_the_licence_server_says_what_is_new(
    house: Site, tenant: Tenant, change: dict[str, Any], status: str
) -> None:
    """A licence with another name or number is the tenant's own as long as it is offered."""
    tenant.offer(replace(tenant.issued(customers.PLANS_LICENSE), **change))

    said = await house.agent("License/GetLicenseStatusFromLicenseServer", **OWNER)
    result = await activate(house, await offered(house))

    assert (said.json()["LicenseStatus"], result["Succeeded"]) == (status, True)
    assert tenant.company == change.get("company", "Nordlicht Handel GmbH")


async def test_the_licence_server_can_be_made_to_say_anything(house: Site, tenant: Tenant) -> None:
    """Until it is let go."""
    tenant.set_status("UseCustomMessageAndUrl", "Call us.", "https://a.example/")

    said = await house.agent("License/GetLicenseStatusFromLicenseServer", **OWNER)
    tenant.set_status("")
    true = await house.agent("License/GetLicenseStatusFromLicenseServer", **OWNER)
    nobody = await house.agent("License/GetLicenseStatusFromLicenseServer", OwnerName="NOBODY")

    assert said.json() == {
        "LicenseStatus": "UseCustomMessageAndUrl",
        "Message": "Call us.",
        "Url": "https://a.example/",
    }
    assert true.json()["LicenseStatus"] == "NewLicenseAvailable"
    assert nobody.json()["LicenseStatus"] == "ProblemWithLicense"


async def test_a_licence_file_is_read_and_put_in_force(house: Site, tenant: Tenant) -> None:
    """Reading it alone changes nothing; adding it does, if it can be."""
    text = tenant.license_file(customers.PLANS_LICENSE.with_numbers(ten_sales=44))
    read = (await house.agent("License/GetLicenseFromFile", FileContent=text)).text
    assert json.loads(read)["CanBeActivated"] is True
    assert tenant.activations == []

    assert (await activate(house, read))["Succeeded"] is True
    added = await house.agent(
        "License/AddLicenseFromFile",
        FileContent=tenant.license_file(customers.PLANS_LICENSE.with_numbers(ten_sales=50)),
    )
    small = tenant.license_file(customers.SMALLER_PLANS_LICENSE)
    refused = await house.http.post(house.url("/License"), json=small, headers=house.headers)

    assert added.json()["CanBeActivated"] is True
    assert refused.json()["CanBeActivated"] is False
    assert len(tenant.activations) == 2
    plan = tenant.module("ten-sales")
    assert plan is not None
    assert plan.number == 50


async def test_a_file_that_was_not_signed_or_is_for_others_is_refused(
    house: Site, tenant: Tenant
) -> None:
    """The first are no licence; the second is one that cannot be activated."""
    good = tenant.license_file(customers.PLANS_LICENSE)
    stranger = Tenant(company="Andere GmbH", serial="9999999999")
    for text in (good.replace('"40"', '"400"'), good + " ", "<License/>", "", "no XML"):
        read = await house.agent("License/GetLicenseFromFile", FileContent=text)
        assert (read.status_code, read.json()) == (200, None)
    added = await house.http.post(house.url("/License"), json="x", headers=house.headers)
    assert added.json() is None

    text = stranger.license_file(customers.PLANS_LICENSE)
    other = (await house.agent("License/AddLicenseFromFile", FileContent=text)).json()

    assert (other["CanBeActivated"], "9999999999" in other["Reason"]) == (False, True)
    assert tenant.activations == []


async def test_a_file_can_be_sent_as_plain_text(house: Site, tenant: Tenant) -> None:
    """The REST endpoint takes either."""
    text = tenant.license_file(customers.PLANS_LICENSE)
    headers = {**house.headers, "Content-Type": "text/plain"}

    added = await house.http.post(house.url("/License"), content=text, headers=headers)

    assert added.json()["CanBeActivated"] is True


async def test_the_serial_number_is_changed_where_it_matches(house: Site, tenant: Tenant) -> None:
    """Both must be right, to the letter; the licence is issued to them then."""
    tenant.serials["Nordlicht AG", "1234567899"] = None
    wrong = await house.agent(
        "License/ChangeSerialNumber", NewCompanyName="nordlicht ag", NewSerialNumber="1234567899"
    )
    assert wrong.json()["Succeeded"] is False

    right = await house.http.post(
        house.url("/License/ChangeSerialNumber"),
        params={"newCompanyName": "Nordlicht AG", "newSerialNumber": "1234567899"},
        headers=house.headers,
    )

    assert right.json()["Succeeded"] is True
    shown = (await house.agent("License/GetLicenseFromDB", **OWNER)).json()["Current"]
    assert (shown["CompanyName"], shown["SerialNr"]) == ("Nordlicht AG", "1234567899")


async def test_a_change_without_its_values_is_refused(house: Site, unchecked: None) -> None:
    """Both are needed."""
    url = house.url("/License/ChangeSerialNumber")

    answer = await house.http.post(url, params={"newCompanyName": "x"}, headers=house.headers)

    assert answer.status_code == 400


async def test_smaller_questions_are_answered(house: Site, tenant: Tenant) -> None:
    """Where to buy, one licence, the dates, how full a plan is, the plans by name."""
    tenant.fencing = Fencing(active=97, maximum=100, message="Nearly full")
    shop = await house.agent("License/GetShopUrl", **OWNER)
    module = await house.agent("License/GetModuleLicenseFromDB", **OWNER, ModuleName="ten-sales")
    none = await house.agent("License/GetModuleLicenseFromDB", **OWNER, ModuleName="nothing")
    dates = await house.agent("License/GetUserAndInstallationLicenceStatus", AssociateId=101)
    fencing = (await house.agent("License/GetFencingInfo")).json()
    plans = (await house.get("/MDOList/userplan")).json()

    assert shop.json() == (await house.get("/License/SuperOffice/ShopUrl")).json()
    assert module.json()["NumberOfLicenses"] == 40
    assert none.json() is None
    assert dates.json()["UserLicenses"] == ["ten-sales", "user", "visible-for", "web"]
    assert dates.json()["GraceDate"] == "2027-04-08T00:00:00"
    assert (fencing["IsNearingMaximum"], fencing["HasReachedMaximum"]) == (True, False)
    assert {each["ExtraInfo"]: each["Name"] for each in plans} == {
        "ten-sales": "Sales Premium",
        "ten-service": "Service Premium",
        "ten-marketing": "Marketing Premium",
    }


async def test_an_empty_tenant_has_nothing_to_say() -> None:
    """Null, and empty lists."""
    tenant = Tenant()
    tenant.add_user(SimUser(id=101, login="a", full_name="A B", role=ADMINISTRATOR))
    async with onsite_site(tenant) as house:
        dates = await house.agent("License/GetUserAndInstallationLicenceStatus", AssociateId=101)
        plans = await house.get("/MDOList/userplan")
        shown = await house.agent("License/GetLicenseForAllOwnersFromDB")

    assert (dates.json(), plans.json(), shown.json()) == (None, [], [])


async def test_the_licences_of_a_user_are_shown(house: Site) -> None:
    """With the free ones, by owner."""
    [owner] = (await house.agent("License/GetUserLicenses", AssociateId=102)).json()

    links = {link["Name"]: link for link in owner["RestrictedModuleLicenses"]}
    assert [name for name, link in links.items() if link["Assigned"]] == [
        "ten-sales",
        "user",
        "web",
    ]
    assert links["visible-for"]["CanAssign"] is True
    assert (links["ten-sales"]["Total"], links["ten-sales"]["Free"]) == (40, 4)
    assert (await house.get("/License/User/102")).json() == [owner]


async def test_what_is_not_selected_is_null(house: Site, tenant: Tenant) -> None:
    """Such a licence was not handed out, and is not taken back."""
    make_room(tenant)
    answer = await house.http.post(
        house.url("/Agents/License/GetLicenseFromLicenseServer"),
        params={"$select": "New,CanBeActivated"},
        json=OWNER,
        headers=house.headers,
    )

    assert answer.json()["Reason"] is None
    assert answer.json()["CanBeActivated"] is True
    assert (await activate(house, answer.text))["Succeeded"] is False


async def test_partners_licences_are_given_and_taken(house: Site, tenant: Tenant) -> None:
    """Never those of SuperOffice."""
    tenant.put_in_force(customers.partner_license())
    values = {"AssociateId": 105, "ModuleOwner": "acme", "ModuleLicenseNames": ["acme-sync"]}

    given = await house.agent("License/AssignThirdPartyLicenses", **values)
    shown = await house.get("/License/ACME/105")
    taken = await house.agent("License/UnassignThirdPartyLicenses", **values)
    refused = await house.agent(
        "License/AssignThirdPartyLicenses", **{**values, "ModuleOwner": "superoffice"}
    )
    unknown = await house.agent(
        "License/AssignThirdPartyLicenses", **{**values, "ModuleLicenseNames": ["x"]}
    )

    assert [link["Assigned"] for link in given.json()] == [True]
    assert shown.json() == given.json()
    assert [link["Assigned"] for link in taken.json()] == [False]
    assert "Message" in refused.json()
    assert "Message" in unknown.json()
    assert "Message" in (await house.get("/License/superoffice/105")).json()
    nobody = {**values, "ModuleOwner": "NOBODY"}
    assert "Message" in (await house.agent("License/AssignThirdPartyLicenses", **nobody)).json()
    assert [(save.module, save.after) for save in tenant.saves] == [
        ("acme-sync", True),
        ("acme-sync", False),
    ]


async def test_partners_licences_are_changed_by_rest_too(house: Site, tenant: Tenant) -> None:
    """The body is a list of names."""
    tenant.put_in_force(customers.partner_license())
    url = house.url("/License/ACME/105")

    given = await house.put("/License/ACME/105", ["acme-sync"])
    taken = await house.http.request("DELETE", url, json=["acme-sync"], headers=house.headers)
    asked = await house.agent(
        "License/GetThirdPartyLicenseAssignments", AssociateId=105, ModuleOwner="ACME"
    )

    assert [link["Assigned"] for link in given.json()] == [True]
    assert [link["Assigned"] for link in taken.json()] == [False]
    assert asked.json() == taken.json()


async def test_bad_bodies_are_refused(house: Site, unchecked: None) -> None:
    """An agent wants an object in JSON, and says so with an HTTP error."""
    url = house.url("/Agents/License/GetLicenseFromDB")
    json_headers = {**house.headers, "Content-Type": "application/json"}
    text_headers = {**house.headers, "Content-Type": "text/plain"}

    answers = [
        await house.http.post(url, content=content, headers=headers)
        for content, headers in (
            ("{", json_headers),
            ("[]", json_headers),
            ('{"OwnerName": 1}', json_headers),
            ('{"OwnerName": "SuperOffice"}', text_headers),
        )
    ]
    wrong = await house.agent("License/GetUserLicenses", AssociateId="101")

    assert [each.status_code for each in [*answers, wrong]] == [400, 400, 400, 415, 400]


def test_licences_are_described_in_short() -> None:
    """A misspelt name is noticed."""
    license_set = SimLicense(modules=(SimModule(name="ten-sales", number=5),))

    assert license_set.with_numbers(ten_sales=3).modules[0].number == 3
    with pytest.raises(KeyError, match="ten-sale"):
        license_set.with_numbers(ten_sale=3)
    with pytest.raises(KeyError, match="in force"):
        Tenant().assign(1, "ten-sales")
