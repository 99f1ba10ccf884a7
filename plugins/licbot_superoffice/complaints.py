"""What can be wrong with the settings, in words with the cure."""

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from licbot_superoffice.addresses import is_loopback, is_superoffices, parsed
from licbot_superoffice.keys import KeyUnusable, load, private_key_pem

CALLBACK = "/oauth/superoffice"
"""The path where SuperOffice sends people after they signed in."""

_ONLINE = (
    "environment",
    "customer",
    "client_id",
    "client_secret",
    "redirect_url",
    "system_token",
    "private_key",
    "private_key_pem",
    "login_url",
)
_ONSITE = ("address", "username", "password")
_COMMON = ("removal", "seats", "admin_page", "administrator_right")
_KNOWN = (*_ONLINE, *_ONSITE, *_COMMON)
_CHOICES = {
    "environment": ("online", "qaonline", "sod"),
    "removal": ("auto", "api", "guided"),
    "seats": ("auto", "plans", "login"),
}
_REQUIRED = {
    "customer": "it is the id of the tenant, such as Cust12345",
    "client_id": "it is the application id that SuperOffice gave when the app was registered",
    "client_secret": "it is the secret of the app; {environment}",
    "redirect_url": (
        f"it is where people come back to after signing in: the address of licbot with {CALLBACK} "
        "at its end, as it is registered with the app"
    ),
    "address": "it is where the web services are, such as https://crm.example.com/WebApi",
    "username": "it is the user that licbot signs in as",
    "password": "it is the password of that user; {environment}",
}


def all_wrong(settings: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Everything that is wrong with settings; no value that may be secret is repeated."""
    given = {
        name: value.strip()
        for name, value in settings.items()
        if isinstance(value, str) and value.strip()
    }
    yield from _strangers(settings)
    yield from _no_texts(settings)
    yield from _site(given, {n for n, v in settings.items() if not isinstance(v, str)}, folder)
    yield from _choices(given)
    yield from _common(given)


def _strangers(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in settings:
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, n=1)
            cure = f"Did you mean {near[0]}?" if near else "Take it out."
            yield f"{name} is not a setting of a superoffice system. {cure}"


def _no_texts(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        if name in _KNOWN and not isinstance(value, str):
            yield f"{name} must be text. Put it in quotation marks."


def _site(given: Mapping[str, str], unusable: set[str], folder: Path) -> Iterator[str]:
    online = [name for name in _ONLINE if name in given]
    onsite = [name for name in _ONSITE if name in given]
    if online and onsite:
        yield (
            f"{online[0]} is for SuperOffice Online and {onsite[0]} for an installation of your "
            "own. Keep the settings of one of them, and make a system of its own for the other."
        )
    elif onsite:
        yield from _missing(given, _ONSITE, unusable)
        yield from _address(given)
    elif not online:
        yield (
            "It is not said where SuperOffice is. Set customer and client_id for SuperOffice "
            "Online, or address for an installation of your own."
        )
    else:
        yield from _missing(given, _ONLINE, unusable)
        yield from _tenant(given)
        yield from _system_user(given, folder)


def _missing(given: Mapping[str, str], names: tuple[str, ...], unusable: set[str]) -> Iterator[str]:
    for name in names:
        if name in _REQUIRED and name not in given and name not in unusable:
            hint = f"set it in the environment as LICBOT_SYSTEMS_<NAME>_{name.upper()}"
            yield f"{name} is missing: {_REQUIRED[name].format(environment=hint)}."


def _address(given: Mapping[str, str]) -> Iterator[str]:
    address = given.get("address")
    if address is None:
        return
    url = parsed(address)
    if url is None or url.query or url.fragment:
        yield "address is not an address. Write it like https://crm.example.com/WebApi."
    elif url.scheme == "http" and not is_loopback(url.host):
        yield "address must begin with https://: the password would be readable on the way."
    elif re.search(r"/api(/v1)?/?$", url.path, re.IGNORECASE):
        yield "address must not end with /api or /api/v1: licbot adds that. Take it off."


def _tenant(given: Mapping[str, str]) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given.get("customer", "x")):
        yield "customer is not the id of a tenant. Write it like Cust12345."
    yield from _redirect_url(given)
    yield from _login_url(given)


def _redirect_url(given: Mapping[str, str]) -> Iterator[str]:
    if "redirect_url" not in given:
        return
    url = parsed(given["redirect_url"])
    if url is None or not url.path.endswith(CALLBACK) or url.query or url.fragment:
        yield (
            f"redirect_url must be the address of licbot with {CALLBACK} at its end, such as "
            f"https://licbot.example.com{CALLBACK}."
        )
    elif url.scheme == "http" and not is_loopback(url.host):
        yield "redirect_url must begin with https://: what people bring back is a secret."


def _login_url(given: Mapping[str, str]) -> Iterator[str]:
    if "login_url" not in given:
        return
    url = parsed(given["login_url"])
    fit = url is not None and (is_superoffices(url) or is_loopback(url.host))
    if url is None or not fit or url.query or url.fragment:
        yield (
            "login_url must be an https address of superoffice.com, or one of this computer. "
            "Leave it out for the one of the environment."
        )


def _system_user(given: Mapping[str, str], folder: Path) -> Iterator[str]:
    keys = [name for name in ("private_key", "private_key_pem") if name in given]
    if len(keys) == 2:
        yield "private_key and private_key_pem are both set. Keep one of them."
    elif "system_token" in given and not keys:
        yield (
            "system_token is set without private_key, which signs for the system user. Set that "
            "too, or take system_token out."
        )
    if len(keys) == 1:
        yield from _key(keys[0], given, folder)


def _key(name: str, given: Mapping[str, str], folder: Path) -> Iterator[str]:
    try:
        load(private_key_pem(given, folder))
    except KeyUnusable as error:
        yield f"{name} {error}."


def _choices(given: Mapping[str, str]) -> Iterator[str]:
    for name, known in _CHOICES.items():
        if given.get(name, known[0]) not in known:
            yield f"{name} must be one of: {', '.join(known)}."


def _common(given: Mapping[str, str]) -> Iterator[str]:
    page = given.get("admin_page")
    if page is not None and parsed(page) is None:
        yield "admin_page is not an address. Write it like https://crm.example.com."
