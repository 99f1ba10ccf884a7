"""Signing in: begun in Slack, finished in the browser by the same person, once and in time."""

import asyncio
import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import jwt
import pytest
import stamina
from sqlalchemy import select

from licbot.domain.people import Person
from licbot.hookspecs import Shown
from licbot.testing.superoffice import Cut, Garbage, Status
from licbot.testing.vault import MemoryVault
from licbot_superoffice.grants import Grant
from licbot_superoffice.pages import DENIED, FAILED, NO_ADMINISTRATOR, NO_CODE, UNKNOWN
from licbot_superoffice.signin import (
    FORGED,
    NO_EMAIL,
    OTHER_PERSON,
    OTHER_RIGHT,
    OTHER_TENANT,
    TOO_LITTLE,
    SignInRefused,
)
from licbot_superoffice.tables import signins
from licbot_superoffice.transport import TRIES
from tests.plugins.superoffice.auth_support import (
    ANNA,
    BERND,
    CLIENT,
    DIETER,
    REDIRECT,
    Bench,
    OnlineBench,
    as_json,
    online_bench,
    private_key,
    wire_bench,
)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[OnlineBench]:
    async with online_bench(tmp_path) as made:
        yield made


async def kept(bench: Bench, person: Person) -> Grant | None:
    signed_in = bench.line.access.signed_in
    assert signed_in
    return await signed_in.grants.of(person.id)


def said(shown: Shown) -> str:
    return " ".join(shown.text)


async def test_an_administrator_signs_in(bench: OnlineBench) -> None:
    shown = await bench.sign_in(ANNA)

    assert shown.ok
    assert shown.title == "You are signed in"
    assert "Anna Schäfer (anna.schaefer@nordlicht.example)" in said(shown)
    grant = await kept(bench, ANNA)
    assert grant
    assert (grant.associate, grant.name, grant.is_administrator) == ("101", "Anna Schäfer", True)
    assert grant.signed_in_at == bench.clock.now()
    assert grant.expires_at == bench.clock.now() + timedelta(hours=1)


async def test_the_button_leads_to_superoffice_with_a_proof_of_who_pressed_it(
    bench: OnlineBench,
) -> None:
    address = await bench.address(ANNA)

    url = urlsplit(address)
    asked = dict(parse_qsl(url.query))
    assert url.path == "/login/common/oauth/authorize"
    assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, REDIRECT)
    assert (asked["response_type"], asked["scope"]) == ("code", "openid")
    assert asked["acr_values"] == "tenant:Cust12345"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 43
    [(name, secret)] = bench.vault.secrets.items()
    assert name == f"signin/{hashlib.sha256(asked['state'].encode()).hexdigest()}"
    verifier = json.loads(secret)["verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert asked["code_challenge"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert len(address) < 3000, "Slack takes no longer addresses in buttons"
    async with bench.database.read() as connection:
        rows = (await connection.execute(select(signins))).all()
    assert asked["state"] not in repr(rows), "only a digest of it is stored"


async def test_two_buttons_are_never_the_same(bench: OnlineBench) -> None:
    one, other = [parse_qsl(urlsplit(await bench.address(ANNA)).query) for _ in range(2)]

    shared = dict(one).items() & dict(other).items()
    assert not {"state", "nonce", "code_challenge"} & dict(shared).keys()


async def test_a_sign_in_counts_once(bench: OnlineBench) -> None:
    back = await bench.online.approve(await bench.address(ANNA), 101)

    first, second = await bench.back(back), await bench.back(back)

    assert first.ok
    assert (second.title, said(second), second.ok) == (FAILED, UNKNOWN, False)
    assert await kept(bench, ANNA), "the first one holds"


class HeldVault(MemoryVault):
    """Lets nobody read until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def read(self, name: str) -> str | None:
        found = await super().read(name)
        await self.go.wait()
        return found


async def test_of_many_at_once_one_counts(tmp_path: Path) -> None:
    """All come at the same moment: only one gets as far as the vault, the others are told."""
    vault = HeldVault()
    async with online_bench(tmp_path, vault=vault) as bench:
        back = await bench.online.approve(await bench.address(ANNA), 101)
        coming = [asyncio.create_task(bench.back(back)) for _ in range(4)]
        async with asyncio.timeout(10):
            while sum(each.done() for each in coming) < 3:
                await asyncio.wait(
                    [each for each in coming if not each.done()],
                    return_when=asyncio.FIRST_COMPLETED,
                )
        vault.go.set()
        shown = await asyncio.gather(*coming)

    assert sorted(each.ok for each in shown) == [False, False, False, True]


@pytest.mark.parametrize(("minutes", "ok"), [(9, True), (10, False)])
async def test_a_sign_in_takes_ten_minutes_at_most(
    bench: OnlineBench, minutes: int, ok: bool
) -> None:
    address = await bench.address(ANNA)
    bench.clock.advance(timedelta(minutes=minutes))

    shown = await bench.back(await bench.online.approve(address, 101))

    assert shown.ok is ok
    assert (await kept(bench, ANNA) is not None) is ok


@pytest.mark.parametrize("query", [{}, {"state": ""}, {"state": "made up", "code": "made up"}])
async def test_what_licbot_did_not_begin_is_refused(
    bench: OnlineBench, query: dict[str, str]
) -> None:
    shown = await bench.back(f"{REDIRECT}?{urlencode(query)}")

    assert (said(shown), shown.ok) == (UNKNOWN, False)


async def test_another_system_does_not_finish_it(bench: OnlineBench, tmp_path: Path) -> None:
    """Two systems share a database and a page; a state belongs to one of them."""
    back = await bench.online.approve(await bench.address(ANNA), 101)
    async with bench.database.begin() as connection:
        await connection.execute(signins.update().values(system="another"))

    assert said(await bench.back(back)) == UNKNOWN


async def test_who_declines_is_told(bench: OnlineBench) -> None:
    back = await bench.online.deny(await bench.address(ANNA))

    shown = await bench.back(back)

    assert (said(shown), shown.ok) == (DENIED, False)
    assert said(await bench.back(back)) == UNKNOWN


async def test_what_stands_in_the_address_is_not_repeated(bench: OnlineBench) -> None:
    state = dict(parse_qsl(urlsplit(await bench.address(ANNA)).query))["state"]
    query = {"state": state, "error": "evil", "error_description": "call 555 123"}

    shown = await bench.back(f"{REDIRECT}?{urlencode(query)}")

    assert said(shown) == NO_CODE


async def test_a_link_that_was_passed_on_signs_nobody_in(bench: OnlineBench) -> None:
    """Dieter sends his link to Anna, who signs in: Dieter must not act as her."""
    shown = await bench.sign_in(DIETER, user=101)

    assert (said(shown), shown.ok) == (OTHER_PERSON.replace("`", ""), False)
    assert await kept(bench, DIETER) is None
    assert bench.vault.secrets == {}


async def test_a_member_without_an_address_cannot_be_matched(bench: OnlineBench) -> None:
    bench.messenger.people[ANNA.id] = replace(ANNA, email=None)

    assert said(await bench.sign_in(ANNA)) == NO_EMAIL
    assert await kept(bench, ANNA) is None


async def test_an_address_is_the_same_in_any_case(bench: OnlineBench) -> None:
    bench.messenger.people[ANNA.id] = replace(ANNA, email="ANNA.SCHAEFER@Nordlicht.Example")

    assert (await bench.sign_in(ANNA)).ok


async def test_who_is_no_administrator_is_told_and_nothing_is_kept(bench: OnlineBench) -> None:
    shown = await bench.sign_in(DIETER)

    assert not shown.ok
    assert shown.title == "You are not an administrator"
    assert NO_ADMINISTRATOR in said(shown)
    assert "Dieter Schäfer" in said(shown)
    assert await kept(bench, DIETER) is None


async def test_the_next_sign_in_takes_the_place_of_the_one_before(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    old = await kept(bench, ANNA)
    bench.clock.advance(timedelta(minutes=1))
    await bench.sign_in(ANNA)
    new = await kept(bench, ANNA)

    assert old
    assert new
    assert new.refresh_token != old.refresh_token
    assert new.signed_in_at > old.signed_in_at


async def test_what_nobody_finished_is_swept_away(bench: OnlineBench) -> None:
    await bench.address(ANNA)
    await bench.address(BERND)
    bench.clock.advance(timedelta(minutes=10))

    await bench.address(DIETER)

    assert len(bench.vault.secrets) == 1
    async with bench.database.read() as connection:
        rows = (await connection.execute(select(signins.c.member))).scalars().all()
    assert rows == [DIETER.id]


@pytest.mark.parametrize("how", [Cut(after_work=True), Status(500), Garbage()])
async def test_a_code_is_not_sent_twice(bench: OnlineBench, how: Cut | Status | Garbage) -> None:
    bench.tenant.fail("/oauth/tokens", how)

    shown = await bench.sign_in(ANNA)

    assert not shown.ok
    assert bench.asked("/oauth/tokens") == 1
    assert (await bench.sign_in(ANNA)).ok, "a new one works"


async def test_a_code_of_another_sign_in_is_refused(bench: OnlineBench) -> None:
    """A code that was got elsewhere is put into this sign-in: its verifier does not fit."""
    theirs = dict(
        parse_qsl(urlsplit(await bench.online.approve(await bench.address(BERND), 101)).query)
    )
    mine = dict(parse_qsl(urlsplit(await bench.address(ANNA)).query))

    shown = await bench.back(
        f"{REDIRECT}?{urlencode({'state': mine['state'], 'code': theirs['code']})}"
    )

    assert said(shown) == str(SignInRefused()).replace("`", "")


async def test_a_tenant_that_does_not_answer_is_said_and_nothing_is_kept(
    bench: OnlineBench,
) -> None:
    bench.tenant.state = "OfflineMaintenance"

    shown = await bench.sign_in(ANNA)

    assert not shown.ok
    assert "maintained" in said(shown)
    assert await kept(bench, ANNA) is None


SCHEME = "http://schemes.superoffice.net/identity/"
API = "https://online2.superoffice.com/Cust12345"


class Scripted:
    """SuperOffice, whose answers to a sign-in a test changes."""

    def __init__(self) -> None:
        self.nonce = ""
        self.claims: dict[str, Any] = {}
        self.tokens: dict[str, Any] = {}
        self.renewed: dict[str, Any] = {}
        self.principal: Any = {
            "AssociateId": 101,
            "FullName": "Anna Schäfer",
            "EMailAddress": "anna.schaefer@nordlicht.example",
            "FunctionRights": ["Admin-All"],
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/tokens"):
            renewed = b"grant_type=refresh_token" in request.content
            return as_json({**self._tokens(), **(self.renewed if renewed else {})})
        if path.endswith("/jwks"):
            key = jwt.algorithms.RSAAlgorithm.to_jwk(private_key().public_key(), as_dict=True)
            return as_json({"keys": [{**key, "kid": "one"}]})
        if path.endswith("/currentPrincipal"):
            assert request.headers["authorization"] == "Bearer 8A:access"
            return as_json(self.principal)
        return as_json({"State": "Running", "Endpoint": API, "Api": f"{API}/api"})

    def _tokens(self) -> dict[str, Any]:
        claims = {
            "iss": "https://online.superoffice.com",
            "aud": CLIENT,
            "exp": 4_000_000_000,
            "nonce": self.nonce,
            f"{SCHEME}ctx": "CUST12345",
            f"{SCHEME}associateid": "101",
            f"{SCHEME}email": "anna.schaefer@nordlicht.example",
            f"{SCHEME}is_administrator": "True",
            **self.claims,
        }
        fit = {name: value for name, value in claims.items() if value is not None}
        id_token = jwt.encode(fit, private_key(), "RS256", headers={"kid": "one"})
        tokens = {"access_token": "8A:access", "refresh_token": "refresh", "id_token": id_token}
        return {**tokens, "expires_in": "300", **self.tokens}

    async def sign_in(self, bench: Bench) -> Shown:
        asked = dict(parse_qsl(urlsplit(await bench.address(ANNA)).query))
        self.nonce = self.nonce or asked["nonce"]
        return await bench.back(f"{REDIRECT}?{urlencode({'state': asked['state'], 'code': 'c'})}")


@pytest.fixture
async def scripted(tmp_path: Path) -> AsyncIterator[tuple[Scripted, Bench]]:
    script = Scripted()
    async with wire_bench(tmp_path, script) as bench:
        yield script, bench


async def test_the_script_signs_in(scripted: tuple[Scripted, Bench]) -> None:
    script, bench = scripted

    assert (await script.sign_in(bench)).ok
    grant = await kept(bench, ANNA)
    assert grant
    assert grant.expires_at == bench.clock.now() + timedelta(seconds=300)


async def test_the_nonce_of_another_sign_in_is_refused(scripted: tuple[Scripted, Bench]) -> None:
    script, bench = scripted
    script.nonce = "another"

    assert said(await script.sign_in(bench)) == FORGED.replace("`", "")


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"nonce": ""}, FORGED),
        ({"nonce": 7}, FORGED),
        ({"iss": "https://evil.example"}, FORGED),
        ({"aud": "another"}, FORGED),
        ({"exp": 1_000_000_000}, FORGED),
        ({f"{SCHEME}ctx": "Cust2"}, OTHER_TENANT.format(customer="Cust12345")),
        ({f"{SCHEME}ctx": None}, OTHER_TENANT.format(customer="Cust12345")),
        ({f"{SCHEME}email": "bernd.schaefer@nordlicht.example"}, OTHER_PERSON),
    ],
)
async def test_a_sign_in_that_does_not_hold_is_refused(
    scripted: tuple[Scripted, Bench], claims: dict[str, Any], words: str
) -> None:
    script, bench = scripted
    script.claims = claims

    shown = await script.sign_in(bench)

    assert (said(shown), shown.ok) == (words.replace("`", ""), False)
    assert bench.vault.secrets == {}


async def test_a_token_that_says_nothing_of_the_nonce_will_do(
    scripted: tuple[Scripted, Bench],
) -> None:
    """State and verifier bind it to the sign-in that was begun."""
    script, bench = scripted
    script.claims = {"nonce": None}

    assert (await script.sign_in(bench)).ok


@pytest.mark.parametrize("attested", [True, False])
async def test_an_address_with_foreign_letters_is_nobody_elses(
    scripted: tuple[Scripted, Bench], attested: bool
) -> None:
    """Without case, another domain would have the same letters."""
    script, bench = scripted
    bench.messenger.people[ANNA.id] = replace(ANNA, email="anna@strasse.example")
    script.claims = {f"{SCHEME}email": "anna@stra\u00dfe.example" if attested else None}
    script.principal["EMailAddress"] = "anna@stra\u00dfe.example"

    assert said(await script.sign_in(bench)) == OTHER_PERSON.replace("`", "")


@pytest.mark.parametrize("email", [None, "", " "])
async def test_no_address_is_no_match_for_no_address(
    scripted: tuple[Scripted, Bench], email: str | None
) -> None:
    script, bench = scripted
    bench.messenger.people[ANNA.id] = replace(ANNA, email=email)
    script.claims = {f"{SCHEME}email": None}
    script.principal["EMailAddress"] = ""

    assert said(await script.sign_in(bench)) == NO_EMAIL


async def test_an_administrator_whom_nothing_will_confirm_reads_what_to_set(
    scripted: tuple[Scripted, Bench],
) -> None:
    """The sign-in says so; renewals do not, and the right that the settings name is another."""
    script, bench = scripted
    script.principal["FunctionRights"] = ["hidden-right"]
    script.renewed = {"id_token": None}

    shown = await script.sign_in(bench)

    words = OTHER_RIGHT.format(right="admin-all")
    assert (said(shown), shown.ok) == (words.replace("`", ""), False)
    assert "administrator_right" in said(shown)
    assert "hidden-right" not in said(shown)
    assert bench.vault.secrets == {}


async def test_what_a_renewal_brought_to_decide_it_is_kept(
    scripted: tuple[Scripted, Bench],
) -> None:
    script, bench = scripted
    script.principal["FunctionRights"] = []
    script.renewed = {"access_token": "8A:renewed", "refresh_token": "another"}

    assert (await script.sign_in(bench)).ok
    grant = await kept(bench, ANNA)
    assert grant
    assert (grant.access_token, grant.refresh_token) == ("8A:renewed", "another")


async def test_a_colleague_cannot_lend_their_address(scripted: tuple[Scripted, Bench]) -> None:
    """What SuperOffice attests counts; the address of a user is changed by many."""
    script, bench = scripted
    script.claims = {f"{SCHEME}email": "bernd.schaefer@nordlicht.example"}
    script.principal["EMailAddress"] = ANNA.email

    assert said(await script.sign_in(bench)) == OTHER_PERSON.replace("`", "")


async def test_where_no_address_is_attested_the_users_own_counts(
    scripted: tuple[Scripted, Bench],
) -> None:
    script, bench = scripted
    script.claims = {f"{SCHEME}email": None}

    assert (await script.sign_in(bench)).ok

    script.principal["EMailAddress"] = ""
    assert not (await script.sign_in(bench)).ok


@pytest.mark.parametrize(
    ("claim", "rights", "ok"),
    [
        (None, ["other", "ADMIN-ALL"], True),
        (None, ["other"], False),
        (None, None, False),
        ("False", ["admin-all"], False),
        ("True", [], True),
    ],
)
async def test_what_superoffice_says_of_an_administrator_goes_before_their_rights(
    scripted: tuple[Scripted, Bench], claim: str | None, rights: list[str] | None, ok: bool
) -> None:
    script, bench = scripted
    script.claims = {f"{SCHEME}is_administrator": claim}
    script.principal["FunctionRights"] = rights

    assert (await script.sign_in(bench)).ok is ok
    assert (await kept(bench, ANNA) is not None) is ok


@pytest.mark.parametrize("missing", ["refresh_token", "id_token"])
async def test_too_little_is_not_kept(scripted: tuple[Scripted, Bench], missing: str) -> None:
    script, bench = scripted
    script.tokens = {missing: None}

    assert said(await script.sign_in(bench)) == TOO_LITTLE


@pytest.mark.parametrize("principal", [None, [], "Anna"])
async def test_somebody_whom_the_tenant_does_not_know_is_refused(
    scripted: tuple[Scripted, Bench], principal: object
) -> None:
    script, bench = scripted
    script.principal = principal

    assert not (await script.sign_in(bench)).ok
    assert await kept(bench, ANNA) is None
