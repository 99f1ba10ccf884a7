"""Where a tenant is, in which state, and what is open there."""

import pytest

from licbot.testing.superoffice import Tenant, customers
from tests.testing.superoffice.visiting import ADMIN, PLAIN_USER, OnlineSite, Site, basic


async def test_the_state_says_where_a_tenant_is(cloud: OnlineSite) -> None:
    """It is valid for a while."""
    state = (await cloud.http.get(f"{cloud.address}/api/state/Cust12345")).json()

    assert state == {
        "ContextIdentifier": "Cust12345",
        "Endpoint": cloud.endpoint,
        "State": "Running",
        "IsRunning": True,
        "ValidUntil": "2026-11-24T09:15:00Z",
        "Api": f"{cloud.endpoint}/api",
        "Version": cloud.tenant.version,
    }


async def test_the_state_of_nobody_is_unknown(cloud: OnlineSite) -> None:
    """There is no address then."""
    state = (await cloud.http.get(f"{cloud.address}/api/state/Cust99999")).json()

    assert (state["State"], state["IsRunning"], "Api" in state) == ("Unknown", False, False)


async def test_a_tenant_moves(cloud: OnlineSite) -> None:
    """The old address says so, and the state has the new one."""
    await cloud.sign_in(ADMIN)
    cloud.tenant.move("online3")

    gone = await cloud.get("/License")
    state = (await cloud.http.get(f"{cloud.address}/api/state/cust12345")).json()
    cloud.endpoint = state["Endpoint"]

    assert (gone.status_code, gone.text) == (421, "Wrong subdomain used to access tenant")
    assert state["Api"] == f"{cloud.address}/online3/Cust12345/api"
    assert (await cloud.get("/License")).status_code == 200


async def test_a_tenant_may_move_at_the_last_moment(cloud: OnlineSite) -> None:
    """Tests can let things happen between two requests."""
    await cloud.sign_in(ADMIN)
    cloud.tenant.before("/License", lambda: cloud.tenant.move("online3"))

    answers = [(await cloud.get(path)).status_code for path in ("/User", "/License", "/User")]

    assert answers == [200, 421, 421]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("OnlineMaintenance", 200),
        ("OfflineMaintenance", 503),
        ("Suspended", 503),
        ("Deleted", 503),
    ],
)
async def test_a_tenant_that_is_not_running_has_no_api(
    cloud: OnlineSite, state: str, status: int
) -> None:
    """Maintenance may leave it open."""
    await cloud.sign_in(ADMIN)

    cloud.tenant.state = state

    said = (await cloud.http.get(f"{cloud.address}/api/state/Cust12345")).json()
    assert (said["State"], said["IsRunning"]) == (state, status == 200)
    assert (await cloud.get("/License")).status_code == status


async def test_users_are_closed_online(cloud: OnlineSite, unchecked: None) -> None:
    """Listing them and asking who one is are open."""
    await cloud.sign_in(ADMIN)

    closed = [
        await cloud.get("/User/101"),
        await cloud.get("/User/current"),
        await cloud.put("/User/101", {}),
        await cloud.http.post(cloud.url("/User"), json={}, headers=cloud.headers),
        await cloud.http.delete(cloud.url("/User/101"), headers=cloud.headers),
        await cloud.http.post(cloud.url("/User/Validate"), json={}, headers=cloud.headers),
        await cloud.agent("User/GetUser"),
        await cloud.agent("User/SaveUser", AssociateId=101),
    ]
    opened = [
        await cloud.get(path)
        for path in ("/User", "/User/currentPrincipal", "/User/currentAssociate")
    ]

    assert [(each.status_code, each.json()["Error"]) for each in closed] == [(403, True)] * 8
    assert [each.status_code for each in opened] == [200] * 3
    assert cloud.tenant.saves == []


@pytest.mark.parametrize("path", ["/License", "/Agents/License"])
async def test_more_can_be_closed(house: Site, tenant: Tenant, path: str) -> None:
    """Documents disagree about what is open Online."""
    tenant.closed.add("/Agents/License")

    answer = (
        await house.agent("License/GetLicenseForAllOwnersFromDB")
        if "Agents" in path
        else await house.get(path)
    )

    assert answer.status_code == (403 if "Agents" in path else 200)


async def test_onsite_people_come_in_with_their_passwords(house: Site, tenant: Tenant) -> None:
    """By login or initials; not with a wrong one, and not if they may not log in."""
    user = tenant.users[ADMIN]
    tries = {
        (user.login, user.password): 200,
        (user.name, user.password): 200,
        (user.login, "guess"): 401,
        ("nobody", user.password): 401,
        (tenant.users[102].login, tenant.users[102].password): 401,
    }
    tenant.set_login(102, False)

    answers = {}
    for login, password in tries:
        house.headers = basic(login, password)
        answers[login, password] = (await house.get("/User/currentAssociate")).status_code

    assert answers == tries


async def test_a_header_that_is_no_base64_is_refused(house: Site) -> None:
    """It is nobody's."""
    house.headers = {"Authorization": "Basic ???"}

    assert (await house.get("/License")).status_code == 401


async def test_the_version_is_open(house: Site) -> None:
    """It says that this is an API of SuperOffice."""
    answer = await house.http.get(f"{house.endpoint}/api")

    assert answer.json() == {"NetServerVersion": house.tenant.version}


@pytest.mark.parametrize("path", ["/", "/WebApi/other", "/WebApi/api/v1/Nothing", "/WebApi2/api"])
async def test_unknown_addresses_are_not_found(house: Site, unchecked: None, path: str) -> None:
    """Nothing answers for everything."""
    answer = await house.http.get(f"{house.address}{path}", headers=house.headers)

    assert (answer.status_code, answer.json()["ErrorType"]) == (404, "SoNotFoundException")


async def test_unknown_methods_are_not_allowed(house: Site, unchecked: None) -> None:
    """The path is known, the method is not."""
    answer = await house.http.put(house.url("/License"), headers=house.headers)

    assert answer.status_code == 405


async def test_unknown_customers_are_not_found(cloud: OnlineSite) -> None:
    """Whatever the host."""
    answer = await cloud.http.get(f"{cloud.address}/online2/Cust99999/api/v1/License")

    assert answer.status_code == 404


async def test_get_describes_the_method_of_an_agent(house: Site, unchecked: None) -> None:
    """It does nothing."""
    answer = await house.get("/Agents/License/ActivateLicenseInfo")

    assert (answer.status_code, "use POST" in answer.text) == (200, True)
    assert house.tenant.activations == []


async def test_every_request_is_written_down(house: Site, tenant: Tenant) -> None:
    """By whom, and how it was answered; never the password."""
    await house.get("/Archive/InternalUsers", _top="1")

    [served] = tenant.requests
    assert (served.method, served.below, served.status) == ("GET", "/Archive/InternalUsers", 200)
    assert (served.who, dict(served.query)) == (tenant.users[ADMIN].login, {"$top": "1"})
    assert served.headers["authorization"] == "Basic …"


async def test_who_is_no_administrator_cannot_ask_the_licence_server(
    house: Site, tenant: Tenant
) -> None:
    """Nor activate anything. Agents say so in a message; what is in force is open."""
    user = tenant.users[PLAIN_USER]
    tenant.offer(customers.PLANS_LICENSE)
    offer = await house.agent("License/GetLicenseFromLicenseServer", OwnerName="SuperOffice")
    text = tenant.license_file(customers.PLANS_LICENSE)
    house.headers = basic(user.login, user.password)

    refused = await house.agent("License/GetLicenseFromLicenseServer", OwnerName="SuperOffice")
    shown = await house.agent("License/GetLicenseFromDB", OwnerName="SuperOffice")
    others = [
        await house.send("ActivateLicenseInfo", f'{{"NewLicense":{offer.text}}}'),
        await house.send("ValidateLicenseInfo", f'{{"LicenseInfo":{offer.text}}}'),
        await house.agent("License/GetLicenseStatusFromLicenseServer", OwnerName="SuperOffice"),
        await house.agent("License/GetLicenseFromFile", FileContent=text),
        await house.agent("License/AddLicenseFromFile", FileContent=text),
        await house.agent("License/ChangeSerialNumber", NewCompanyName="a", NewSerialNumber="b"),
    ]

    for answer in (refused, *others):
        assert (answer.status_code, set(answer.json())) == (200, {"Message", "MessageDetail"})
    assert tenant.activations == []
    assert shown.json()["Current"]["SerialNr"] == tenant.serial
