"""Apps come in unattended Online, by a ticket of the system user."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from licbot.testing.clock import FakeClock
from licbot.testing.superoffice import Tenant
from tests.testing.superoffice.visiting import (
    APP,
    OnlineSite,
    claims_of,
    online_site,
    signed_token,
)

TICKET = "http://schemes.superoffice.net/identity/ticket"


async def authenticate(site: OnlineSite, **changes: str) -> Any:
    body = {
        "SignedSystemToken": signed_token(site.tenant.system_token, site.tenant.clock()),
        "ApplicationToken": APP.client_secret,
        "ContextIdentifier": "Cust12345",
        "ReturnTokenType": "JWT",
        **changes,
    }
    url = f"{site.address}/Login/api/PartnerSystemUser/Authenticate"
    return (await site.http.post(url, json=body)).json()


async def come_in(site: OnlineSite) -> None:
    ticket = claims_of((await authenticate(site))["Token"])[TICKET]
    site.headers = {"Authorization": f"SOTicket {ticket}", "SO-AppToken": APP.client_secret}


async def test_a_signed_token_becomes_a_ticket(cloud: OnlineSite) -> None:
    """With it and the application token the API opens, for an administrator of sorts."""
    answer = await authenticate(cloud)
    assert answer["IsSuccessful"] is True
    assert claims_of(answer["Token"])[TICKET].startswith("7T:")

    await come_in(cloud)

    who = (await cloud.get("/User/currentPrincipal")).json()
    assert (who["AssociateId"], who["UserType"]) == (50, "SystemAssociate")
    status = await cloud.agent("License/GetLicenseStatusFromLicenseServer", OwnerName="SuperOffice")
    assert status.json()["LicenseStatus"] == "NewLicenseAvailable"


async def test_a_tenant_without_a_system_user_has_a_built_in_one(clock: FakeClock) -> None:
    """It is in no list."""
    async with online_site(Tenant(clock=clock.now)) as site:
        await come_in(site)

        assert (await site.get("/User/currentAssociate")).json()["AssociateId"] == 2
        assert (await site.get("/Archive/AllUsers")).json()["value"] == []


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_clocks_may_differ_by_ten_minutes(
    cloud: OnlineSite, clock: FakeClock, minutes: int
) -> None:
    """A time further away is refused, since somebody may have kept the token."""
    near = clock.now() + timedelta(minutes=minutes)
    far = clock.now() + timedelta(minutes=minutes * 1.1)
    token = cloud.tenant.system_token

    taken = await authenticate(cloud, SignedSystemToken=signed_token(token, near))
    refused = await authenticate(cloud, SignedSystemToken=signed_token(token, far))

    assert (taken["IsSuccessful"], refused["IsSuccessful"]) == (True, False)


async def test_whatever_else_is_wrong_is_refused(cloud: OnlineSite) -> None:
    """The reason comes with it, and no token."""
    now, token = cloud.tenant.clock(), cloud.tenant.system_token
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = signed_token(token, now)
    wrong = [
        {"SignedSystemToken": signed_token("another", now)},
        {"SignedSystemToken": signed_token(token, now, stranger)},
        {"SignedSystemToken": good.replace(token, f"{token}x")},
        {"SignedSystemToken": good[:-4]},
        {"SignedSystemToken": "nothing"},
        {"ApplicationToken": "guess"},
        {"ContextIdentifier": "Cust99999"},
        {"ReturnTokenType": "SAML"},
    ]

    answers = [await authenticate(cloud, **changes) for changes in wrong]

    assert [(answer["IsSuccessful"], answer["Token"]) for answer in answers] == [
        (False, None)
    ] * len(wrong)
    assert all(answer["ErrorMessage"] for answer in answers)


async def test_a_ticket_lasts_six_hours_from_its_last_use(
    cloud: OnlineSite, clock: FakeClock
) -> None:
    """Being used keeps it alive."""
    await come_in(cloud)
    for _ in range(3):
        clock.advance(timedelta(hours=5, minutes=59))
        assert (await cloud.get("/User/currentAssociate")).status_code == 200

    clock.advance(timedelta(hours=6))

    assert (await cloud.get("/User/currentAssociate")).status_code == 401


async def test_a_ticket_needs_the_application_token(cloud: OnlineSite) -> None:
    """Alone it opens nothing."""
    await come_in(cloud)
    cloud.headers["SO-AppToken"] = "guess"
    assert (await cloud.get("/User/currentAssociate")).status_code == 401
    del cloud.headers["SO-AppToken"]

    assert (await cloud.get("/User/currentAssociate")).status_code == 401
