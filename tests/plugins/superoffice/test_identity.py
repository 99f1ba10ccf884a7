"""An id token counts where SuperOffice signed it, for this app, and not long ago."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import jwt
import pytest
import stamina
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from licbot.domain.errors import SystemUnavailable
from licbot.testing import FakeClock
from licbot_superoffice.identity import NO_KEYS, Identities, Identity, IdentityRefused
from licbot_superoffice.settings import Online, read
from licbot_superoffice.transport import Transport
from tests.plugins.superoffice.auth_support import as_json, online_settings, private_key, wire

SCHEME = "http://schemes.superoffice.net/identity/"
NOW = int(FakeClock().now().timestamp())


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True):
        yield


def published(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    shown: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**shown, "kid": kid, "use": "sig"}


class Issuer:
    """SuperOffice, which signs and publishes its keys."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.keys: Any = {"keys": [published(private_key(), "one")]}
        self.status = 200
        self.content = b""
        self.asked = 0
        site = read(online_settings(), ".").site
        assert isinstance(site, Online)
        transport = Transport(self.clock, network=wire(self._take))
        self.identities = Identities(site, transport, self.clock)

    def _take(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://online.superoffice.com/login/.well-known/jwks"
        self.asked += 1
        if self.content:
            return httpx.Response(self.status, content=self.content)
        return as_json(self.keys, self.status)


def claims(**changed: Any) -> dict[str, Any]:
    known = {
        "iss": "https://online.superoffice.com",
        "aud": "the-client",
        "exp": NOW + 300,
        "nbf": NOW - 60,
        "iat": str(NOW),
        "nonce": "once",
        f"{SCHEME}ctx": "Cust12345",
        f"{SCHEME}associateid": "101",
        f"{SCHEME}email": "Anna@nordlicht.example",
        f"{SCHEME}upn": "anna@corp.example",
        f"{SCHEME}is_administrator": "True",
        f"{SCHEME}system_token": "App-1",
    }
    return {name: value for name, value in {**known, **changed}.items() if value is not None}


def token(
    said: Mapping[str, Any] | None = None,
    *,
    kid: str | None = "one",
    key: Any = None,
    algorithm: str = "RS256",
) -> str:
    headers = {"kid": kid} if kid else {}
    return jwt.encode(dict(said or claims()), key or private_key(), algorithm, headers=headers)


async def test_what_superoffice_signed_is_read() -> None:
    issuer = Issuer()

    assert await issuer.identities.verified(token()) == Identity(
        tenant="Cust12345",
        associate="101",
        nonce="once",
        emails=frozenset({"anna@nordlicht.example", "anna@corp.example"}),
        is_administrator=True,
        system_token="App-1",
    )
    await issuer.identities.verified(token())
    assert issuer.asked == 1, "the keys are remembered"


async def test_secrets_of_an_identity_do_not_show() -> None:
    shown = repr(await Issuer().identities.verified(token()))

    assert "App-1" not in shown
    assert "once" not in shown


@pytest.mark.parametrize(
    ("said", "administrator"), [("False", False), (True, True), (None, None), ("perhaps", None)]
)
async def test_an_administrator_is_one_only_where_that_is_said(
    said: object, administrator: bool | None
) -> None:
    changed = claims(**{f"{SCHEME}is_administrator": said})

    identity = await Issuer().identities.verified(token(changed))

    assert identity.is_administrator is administrator


@pytest.mark.parametrize(("said", "nonce"), [(None, None), ("", ""), ("a", "a"), (7, "7")])
async def test_a_token_may_not_say_for_which_sign_in_it_is(said: object, nonce: str | None) -> None:
    assert (await Issuer().identities.verified(token(claims(nonce=said)))).nonce == nonce


async def test_addresses_outside_ascii_are_kept_as_they_are() -> None:
    """Without case, they would be the same as addresses of others."""
    changed = claims(**{f"{SCHEME}email": "Stra\u00dfe@x.example", f"{SCHEME}upn": None})

    assert (await Issuer().identities.verified(token(changed))).emails == {"Stra\u00dfe@x.example"}


async def test_what_is_no_address_identifies_nobody() -> None:
    changed = claims(**{f"{SCHEME}email": None, f"{SCHEME}upn": "AS"})

    assert (await Issuer().identities.verified(token(changed))).emails == frozenset()


def _forged() -> str:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return token(key=other)


def _unsigned() -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims())}."


def _tampered() -> str:
    head, _, signature = token().split(".")
    body = jwt.encode(claims(**{f"{SCHEME}ctx": "Cust2"}), private_key(), "RS256").split(".")[1]
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "made",
    [
        "",
        "one piece",
        "a.b.c",
        token(kid=None),
        token(kid="another"),
        token(key="k" * 64, algorithm="HS256"),
        token(algorithm="RS512"),
        _forged(),
        _unsigned(),
        _tampered(),
        token(claims(iss="https://sod.superoffice.com")),
        token(claims(iss=None)),
        token(claims(aud="another-client")),
        token(claims(aud=None)),
        token(claims(exp=NOW - 121)),
        token(claims(exp=None)),
        token(claims(exp="soon")),
        token(claims(nbf=NOW + 121)),
    ],
)
async def test_nothing_else_counts(made: str) -> None:
    with pytest.raises(IdentityRefused) as caught:
        await Issuer().identities.verified(made)

    assert not made or made not in str(caught.value)


@pytest.mark.parametrize("part", [0, 1])
async def test_what_is_nested_too_deeply_counts_for_nothing(part: int) -> None:
    """Even with a signature: it cannot be read."""
    deep = base64.urlsafe_b64encode(b"[" * 100_000).rstrip(b"=").decode()
    parts = token().split(".")
    parts[part] = deep
    body = ".".join(parts[:2]).encode()
    signature = private_key().sign(body, PKCS1v15(), SHA256())
    parts[2] = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()

    with pytest.raises(IdentityRefused):
        await Issuer().identities.verified(".".join(parts))


@pytest.mark.parametrize("changed", [{"exp": NOW - 119}, {"nbf": NOW + 119}, {"exp": str(NOW)}])
async def test_clocks_may_differ_a_little(changed: dict[str, object]) -> None:
    assert (await Issuer().identities.verified(token(claims(**changed)))).associate == "101"


async def test_a_new_key_is_fetched_when_it_is_first_met() -> None:
    issuer = Issuer()
    await issuer.identities.verified(token())
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    issuer.keys = {"keys": [published(other, "two")]}

    assert (await issuer.identities.verified(token(key=other, kid="two"))).associate == "101"
    assert issuer.asked == 2
    with pytest.raises(IdentityRefused):
        await issuer.identities.verified(token())


@pytest.mark.parametrize("keys", [None, [], {}, {"keys": []}, {"keys": [{"kty": "RSA"}]}, 7])
async def test_keys_that_cannot_be_read_are_said(keys: object) -> None:
    issuer = Issuer()
    issuer.keys = keys

    with pytest.raises((SystemUnavailable, IdentityRefused)):
        await issuer.identities.verified(token())


async def test_keys_that_are_nested_too_deeply_are_said() -> None:
    issuer = Issuer()
    issuer.content = b"[" * 100_000

    with pytest.raises(SystemUnavailable) as caught:
        await issuer.identities.verified(token())

    assert caught.value.message == NO_KEYS


async def test_keys_that_are_not_given_are_said() -> None:
    issuer = Issuer()
    issuer.status = 404

    with pytest.raises(SystemUnavailable) as caught:
        await issuer.identities.verified(token())

    assert caught.value.message == NO_KEYS
