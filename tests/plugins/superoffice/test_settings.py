"""The settings are checked in words with the cure, and hold their secrets back."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from licbot_superoffice.settings import Online, Onsite, check, read
from tests.plugins.superoffice.auth_support import CLIENT_SECRET, online_settings, pem, private_key

ONSITE = {
    "address": "https://crm.example.com/WebApi/",
    "username": "licbot",
    "password": "the-password",
}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in online_settings().items() if key != name}


def other_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def locked_key() -> str:
    lock = BestAvailableEncryption(b"secret")
    return private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()


@pytest.mark.parametrize(
    "settings",
    [
        online_settings(),
        online_settings(environment="sod", removal="guided", seats="login"),
        online_settings(private_key_pem=pem()),
        online_settings(private_key_pem=pem().replace("\n", "\\n"), system_token="App-1"),
        online_settings(login_url="http://127.0.0.1:8000"),
        online_settings(login_url="https://qaonline.superoffice.com/"),
        online_settings(redirect_url="http://localhost:3000/oauth/superoffice"),
        online_settings(redirect_url="https://example.com/licbot/oauth/superoffice"),
        ONSITE,
        {**ONSITE, "address": "http://localhost/crm.web", "admin_page": "https://crm.example.com"},
        {**ONSITE, "system_token": " ", "customer": ""},
    ],
)
def test_these_settings_are_fine(settings: dict[str, Any]) -> None:
    assert check(settings, ".") == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ["It is not said where SuperOffice is"]),
        ({"removal": "api"}, ["It is not said where SuperOffice is"]),
        ({"customer": "Cust1"}, ["client_id is", "client_secret is", "redirect_url is missing"]),
        (without("client_secret"), ["LICBOT_SYSTEMS_<NAME>_CLIENT_SECRET"]),
        (online_settings(client_secret=" "), ["client_secret is missing"]),
        ({**online_settings(), "client_secret": 7}, ["client_secret must be text"]),
        (online_settings(customer="Cust 1/x"), ["customer is not the id of a tenant"]),
        (online_settings(redirect_url="https://licbot.example.com/"), ["/oauth/superoffice"]),
        (online_settings(redirect_url="https://x.example/oauth/superoffice?a=1"), ["at its end"]),
        (online_settings(redirect_url="http://x.example/oauth/superoffice"), ["https://"]),
        (online_settings(environment="stage"), ["online, qaonline, sod"]),
        (online_settings(login_url="http://online.superoffice.com"), ["login_url must be"]),
        (online_settings(login_url="https://superoffice.com.evil.example"), ["login_url must be"]),
        (online_settings(login_url="https://evilsuperoffice.com"), ["login_url must be"]),
        (online_settings(login_url="https://me:you@online.superoffice.com"), ["login_url must"]),
        (online_settings(system_token="App-1"), ["without private_key"]),
        (online_settings(private_key_pem=pem(), private_key="key.pem"), ["Keep one of them"]),
        (online_settings(private_key="missing.pem"), ["private_key names a file"]),
        (online_settings(private_key="."), ["private_key names a file that can't be read"]),
        (online_settings(private_key_pem="<RSAKeyValue>hidden"), ["no private key in PEM"]),
        (online_settings(private_key_pem=other_key()), ["no RSA key"]),
        (online_settings(private_key_pem=locked_key()), ["locked with a password"]),
        (online_settings(costumer="x"), ["Did you mean customer?"]),
        (online_settings(quite_another="x"), ["quite_another is not a setting"]),
        (online_settings(address="https://crm.example.com"), ["Keep the settings of one of them"]),
        (online_settings(removal="none"), ["auto, api, guided"]),
        (online_settings(seats="x"), ["auto, plans, login"]),
        (online_settings(refresh="6h"), ["refresh is not a setting"]),
        (online_settings(admin_page="crm"), ["admin_page is not an address"]),
        ({"address": "https://crm.example.com"}, ["username is missing", "PASSWORD"]),
        ({**ONSITE, "address": "crm.example.com"}, ["address is not an address"]),
        ({**ONSITE, "address": "https://["}, ["address is not an address"]),
        ({**ONSITE, "address": "http://crm.example.com/WebApi"}, ["password would be readable"]),
        ({**ONSITE, "address": "https://crm.example.com/WebApi/api/v1"}, ["Take it off"]),
        ({**ONSITE, "address": "https://a:the-password@crm.example.com"}, ["not an address"]),
        ({"username": "licbot", "password": "x"}, ["address is missing"]),
    ],
)
def test_everything_that_is_wrong_is_said_with_the_cure(
    settings: dict[str, Any], words: list[str]
) -> None:
    problems = check(settings, ".")

    assert len(problems) == len(words), problems
    for problem, expected in zip(problems, words, strict=True):
        assert expected in problem
        assert problem.endswith((".", "?"))
    for secret in (CLIENT_SECRET, "the-password", "App-1", "hidden", "PRIVATE KEY"):
        assert secret not in "".join(problems)


def test_a_tenant_online_is_read() -> None:
    config = read(online_settings(environment="sod", removal="api"), ".")

    assert config.site == Online(
        login="https://sod.superoffice.com",
        customer="Cust12345",
        client_id="the-client",
        client_secret=CLIENT_SECRET,
        redirect_url="https://licbot.example.com/oauth/superoffice",
    )
    assert config.is_online
    assert (config.removal, config.seats) == ("api", "auto")
    assert (config.admin_page, config.administrator_right) == ("", "admin-all")


def test_an_installation_of_ones_own_is_read_without_its_last_slash() -> None:
    config = read({**ONSITE, "administrator_right": "admin-users"}, ".")

    assert config.site == Onsite(
        address="https://crm.example.com/WebApi", username="licbot", password="the-password"
    )
    assert not config.is_online
    assert config.administrator_right == "admin-users"


def test_a_key_is_read_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "app.pem").write_text(pem(), encoding="ascii")
    settings = online_settings(private_key="app.pem", system_token="App-1")

    assert check(settings, str(tmp_path)) == []
    site = read(settings, str(tmp_path)).site
    assert isinstance(site, Online)
    assert site.private_key == pem()


def test_a_file_that_is_no_text_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "app.der").write_bytes(b"\xff\xfe")

    assert (
        "no private key in PEM" in check(online_settings(private_key="app.der"), str(tmp_path))[0]
    )


def test_secrets_do_not_show() -> None:
    settings = online_settings(private_key_pem=pem(), system_token="App-1")

    shown = repr(read(settings, ".")) + repr(read(ONSITE, "."))

    assert "Cust12345" in shown
    for secret in (CLIENT_SECRET, "App-1", "PRIVATE KEY", "the-password"):
        assert secret not in shown
