"""People sign in Online as they do at SuperOffice: by OAuth, with a proof."""

import json
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from licbot.testing.clock import FakeClock
from licbot.testing.superoffice import LoginRefused, SimUser, Tenant
from tests.testing.superoffice.visiting import (
    ADMIN,
    APP,
    CALLBACK,
    PLAIN_USER,
    OnlineSite,
    authorize_url,
    challenge,
    claims_of,
    code_of,
    decoded,
)

IDENTITY = "http://schemes.superoffice.net/identity/"


async def test_a_code_becomes_tokens_that_open_the_api(cloud: OnlineSite) -> None:
    """The state comes back, and the tokens are of the kinds that SuperOffice gives."""
    back = await cloud.online.approve(authorize_url(cloud.address), ADMIN)
    assert back.startswith(f"{CALLBACK}?")
    assert back.endswith("&state=the-state")

    answer = (await cloud.redeem(code_of(back))).json()

    assert answer["access_token"].startswith("8A:Cust12345.")
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    cloud.headers = {"Authorization": f"Bearer {answer['access_token']}"}
    who = (await cloud.get("/User/currentPrincipal")).json()
    assert (who["AssociateId"], "admin-all" in who["FunctionRights"]) == (ADMIN, True)


@pytest.mark.parametrize(("user", "administers"), [(ADMIN, "True"), (PLAIN_USER, "False")])
async def test_the_id_token_says_who_it_is(cloud: OnlineSite, user: int, administers: str) -> None:
    """It is signed by the key at the well-known address."""
    tokens = await cloud.sign_in(user)

    [key] = (await cloud.http.get(f"{cloud.address}/login/.well-known/jwks")).json()["keys"]
    head, content, signature = tokens["id_token"].split(".")
    numbers = [int.from_bytes(decoded(key[name]), "big") for name in ("e", "n")]
    public = rsa.RSAPublicNumbers(*numbers).public_key()
    public.verify(decoded(signature), f"{head}.{content}".encode(), padding.PKCS1v15(), SHA256())
    assert json.loads(decoded(head)) == {"typ": "JWT", "alg": "RS256", "kid": key["kid"]}
    claims = claims_of(tokens["id_token"])
    person = cloud.tenant.users[user]
    now = int(cloud.tenant.clock().timestamp())
    assert (claims["iss"], claims["aud"]) == (cloud.address, APP.client_id)
    assert claims["iat"] == str(now)
    assert claims["exp"] == now + 3600
    assert {name: claims[f"{IDENTITY}{name}"] for name in ("associateid", "ctx", "email")} == {
        "associateid": str(user),
        "ctx": "Cust12345",
        "email": person.email,
    }
    assert claims[f"{IDENTITY}is_administrator"] == administers
    assert claims[f"{IDENTITY}serial"] == cloud.tenant.serial
    assert claims[f"{IDENTITY}webapi_url"] == f"{cloud.endpoint}/api/"


async def test_a_nonce_comes_back(cloud: OnlineSite) -> None:
    """It binds the token to the browser that asked."""
    back = await cloud.online.approve(authorize_url(cloud.address, nonce="n-1"), ADMIN)

    tokens = (await cloud.redeem(code_of(back))).json()

    assert claims_of(tokens["id_token"])["nonce"] == "n-1"


async def test_people_pick_whom_to_sign_in_as(cloud: OnlineSite) -> None:
    """The page works without scripts, and sends the browser back."""
    url = authorize_url(cloud.address)
    cloud.tenant.add_user(
        SimUser(id=7, login="x@x.example", email="x@x.example", full_name="<b>Bold & Bad</b>")
    )

    page = await cloud.http.get(url)
    form = {**dict(page.request.url.params), "user": str(ADMIN)}
    back = await cloud.http.post(url, data=form)

    assert "stand-in" in page.text
    assert "&lt;b&gt;Bold &amp; Bad&lt;/b&gt;" in page.text
    assert "<b>Bold" not in page.text
    assert "<script" not in page.text
    assert back.status_code == 302
    assert (await cloud.redeem(code_of(back.headers["Location"]))).status_code == 200


async def test_people_may_refuse(cloud: OnlineSite) -> None:
    """The app is told so."""
    url = authorize_url(cloud.address)

    back = await cloud.http.post(url, data={**dict((await cloud.http.get(url)).url.params)})

    assert back.headers["Location"] == f"{CALLBACK}?error=access_denied&state=the-state"
    assert await cloud.online.deny(url) == back.headers["Location"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"redirect_uri": "http://evil.example/"},
        {"redirect_uri": f"{CALLBACK}/more"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"acr_values": "tenant:Cust99999"},
    ],
)
async def test_a_wrong_request_is_never_sent_back(
    cloud: OnlineSite, changes: dict[str, str]
) -> None:
    """Whoever made the address may not be the app."""
    url = authorize_url(cloud.address, **changes)

    page = await cloud.http.get(url)

    assert page.status_code == 400
    with pytest.raises(LoginRefused):
        await cloud.online.approve(url, ADMIN)


async def test_the_page_refuses_whom_it_did_not_offer(cloud: OnlineSite) -> None:
    """Whatever the form says."""
    url = authorize_url(cloud.address)

    page = await cloud.http.post(url, data={**dict(httpx.URL(url).params), "user": "999"})

    assert (page.status_code, "cannot sign in" in page.text) == (400, True)


async def test_the_customer_need_not_be_named(cloud: OnlineSite) -> None:
    """Then it is the one of whoever signs in; other requests for a class are passed over."""
    for wanted in ("", "level:2", "level:2 tenant:cust12345"):
        url = authorize_url(cloud.address, acr_values=wanted)

        assert code_of(await cloud.online.approve(url, ADMIN))


async def test_who_cannot_log_in_cannot_sign_in(cloud: OnlineSite) -> None:
    """Neither can those who left, and they are not offered."""
    cloud.tenant.set_login(102, False)
    cloud.tenant.retire(103)
    cloud.tenant.delete(104)
    url = authorize_url(cloud.address)

    page = (await cloud.http.get(url)).text

    for user in (102, 103, 104, 999):
        assert f'value="{user}"' not in page
        with pytest.raises(LoginRefused):
            await cloud.online.approve(url, user)


async def test_a_code_can_be_used_once(cloud: OnlineSite) -> None:
    """The second one to come gets nothing."""
    code = code_of(await cloud.online.approve(authorize_url(cloud.address), ADMIN))
    await cloud.redeem(code)

    again = await cloud.redeem(code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_code_lasts_ten_minutes(cloud: OnlineSite, clock: FakeClock) -> None:
    """Later it is worth nothing."""
    url = authorize_url(cloud.address)
    early = code_of(await cloud.online.approve(url, ADMIN))
    clock.advance(timedelta(minutes=9, seconds=59))
    assert (await cloud.redeem(early)).status_code == 200

    late = code_of(await cloud.online.approve(url, ADMIN))
    clock.advance(timedelta(minutes=10))
    assert (await cloud.redeem(late)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code_verifier": "another-verifier-that-is-also-long-enough-12"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/other"}, "invalid_grant"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"client_id": "another"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": "made-up"}, "invalid_grant"),
    ],
)
async def test_a_code_is_worth_nothing_to_others(
    cloud: OnlineSite, changes: dict[str, str], error: str
) -> None:
    """Who intercepts it lacks the verifier, or the secret."""
    code = code_of(await cloud.online.approve(authorize_url(cloud.address), ADMIN))

    answer = await cloud.redeem(**{"code": code, **changes})

    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)


@pytest.mark.parametrize(
    ("asked", "verifier", "status"),
    [
        ({"code_challenge": "", "code_challenge_method": ""}, "", 200),
        ({"code_challenge": "", "code_challenge_method": ""}, "x" * 43, 400),
        ({"code_challenge": challenge("short")}, "short", 400),
        ({"code_challenge": challenge("x" * 129)}, "x" * 129, 400),
        ({"code_challenge": challenge("x" * 43)}, "x" * 43, 200),
    ],
)
async def test_a_proof_is_whole_or_absent(
    cloud: OnlineSite, asked: dict[str, str], verifier: str, status: int
) -> None:
    """A verifier without a challenge, or one of a wrong length, proves nothing."""
    url = authorize_url(cloud.address, **asked)
    code = code_of(await cloud.online.approve(url, ADMIN))

    assert (await cloud.redeem(code, code_verifier=verifier)).status_code == status


async def test_a_code_is_worth_nothing_once_its_user_is_shut_out(cloud: OnlineSite) -> None:
    """It is looked at again when it is redeemed."""
    code = code_of(await cloud.online.approve(authorize_url(cloud.address), ADMIN))
    cloud.tenant.set_login(ADMIN, False)

    assert (await cloud.redeem(code)).json()["error"] == "invalid_grant"


async def test_the_token_endpoint_wants_a_form(cloud: OnlineSite) -> None:
    """JSON is not taken."""
    url = f"{cloud.address}/login/common/oauth/tokens"

    assert (await cloud.http.post(url, json={})).status_code == 415


async def test_an_access_token_lasts_an_hour_and_is_renewed(
    cloud: OnlineSite, clock: FakeClock
) -> None:
    """The refresh token stays the same, and a new one is not given."""
    tokens = await cloud.sign_in(ADMIN)
    clock.advance(timedelta(seconds=3599))
    assert (await cloud.get("/User/currentAssociate")).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await cloud.get("/User/currentAssociate")).status_code == 401

    renewed = (await cloud.refresh(tokens["refresh_token"])).json()
    again = (await cloud.refresh(tokens["refresh_token"])).json()

    assert "refresh_token" not in renewed
    assert claims_of(renewed["id_token"])["sub"] == cloud.tenant.users[ADMIN].login
    assert renewed["access_token"] != again["access_token"]
    cloud.headers = {"Authorization": f"Bearer {renewed['access_token']}"}
    assert (await cloud.get("/User/currentAssociate")).json()["AssociateId"] == ADMIN


async def test_all_tokens_may_end_at_once(cloud: OnlineSite) -> None:
    """Refreshing works still."""
    tokens = await cloud.sign_in(ADMIN)

    cloud.tenant.expire_tokens()

    assert (await cloud.get("/User/currentAssociate")).status_code == 401
    assert (await cloud.refresh(tokens["refresh_token"])).status_code == 200


async def test_consent_can_be_taken_back(cloud: OnlineSite) -> None:
    """Then nothing of this user works any longer; others are not touched."""
    other = await cloud.sign_in(102)
    tokens = await cloud.sign_in(ADMIN)

    cloud.tenant.revoke(ADMIN)

    assert (await cloud.get("/User/currentAssociate")).status_code == 401
    refused = await cloud.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await cloud.refresh(other["refresh_token"])).status_code == 200


async def test_who_may_no_longer_log_in_is_out(cloud: OnlineSite) -> None:
    """Their tokens work no longer."""
    tokens = await cloud.sign_in(ADMIN)

    cloud.tenant.set_login(ADMIN, False)

    assert (await cloud.get("/User/currentAssociate")).status_code == 401
    assert (await cloud.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "header", ["", "Bearer 8A:Cust12345.guess", "Basic YTpi", "SOTicket 7T:guess", "nonsense"]
)
async def test_nobody_else_comes_in(cloud: OnlineSite, tenant: Tenant, header: str) -> None:
    """The refusal is written down, without what was tried."""
    cloud.headers = {"Authorization": header, "SO-AppToken": APP.client_secret} if header else {}

    answer = await cloud.get("/License")

    assert (answer.status_code, answer.json()["Error"]) == (401, True)
    [served] = tenant.requests
    assert (served.below, served.who, served.status) == ("/License", None, 401)
    assert "guess" not in str(served.headers)
    assert APP.client_secret not in str(served.headers)
