"""The settings of a ``local`` system: where its offers are looked for."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from licbot_local.addresses import is_loopback, parse_address
from licbot_local.folder import FolderSource
from licbot_local.https import HttpsSource
from licbot_local.offers import OfferSource

OFFERS = "offers"
ALLOW_PRIVATE = "allow_private_addresses"
SHOP = "shop"
_KNOWN = (OFFERS, ALLOW_PRIVATE, SHOP)

# The environment has nothing but text.
_SPOKEN = ("true", "false")


def check(settings: Mapping[str, Any], folder: str) -> Sequence[str]:
    """What is wrong with the settings, in words with the cure."""
    return [
        *_strangers(settings),
        *_private(settings),
        *_offers(settings, folder),
        *_shop(settings),
    ]


def source(settings: Mapping[str, Any], folder: str) -> OfferSource:
    """The place that settings without problems name."""
    offers = settings[OFFERS]
    if _is_address(offers):
        return HttpsSource(offers, allow_private=_allows_private(settings))
    return FolderSource(_path(offers, folder))


def _strangers(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in settings:
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, n=1)
            cure = (
                f"Did you mean {near[0]}?"
                if near
                else f"Use {', '.join(_KNOWN[:-1])} and {_KNOWN[-1]} only."
            )
            yield f"{name} is not a setting of a local system. {cure}"


def _private(settings: Mapping[str, Any]) -> Iterator[str]:
    given = settings.get(ALLOW_PRIVATE, False)
    if not (isinstance(given, bool) or given in _SPOKEN):
        yield f"{ALLOW_PRIVATE} must be true or false, without quotation marks."


def _allows_private(settings: Mapping[str, Any]) -> bool:
    return settings.get(ALLOW_PRIVATE) in (True, "true")


def _offers(settings: Mapping[str, Any], folder: str) -> Iterator[str]:
    offers = settings.get(OFFERS)
    if not isinstance(offers, str) or not offers.strip():
        yield (
            f"{OFFERS} is missing: it says where new licences are looked for. "
            'Set it to a folder or an address, such as offers = "offers".'
        )
    elif _is_address(offers):
        yield from _address(offers, _allows_private(settings))
    elif not _path(offers, folder).is_dir():
        yield f"{OFFERS} names {offers}, which is not a folder. Make it, or mend the name."


def _address(offers: str, allow_private: bool) -> Iterator[str]:
    try:
        url = httpx.URL(offers)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not _is_host(url):
        yield f"{OFFERS} is not an address. Write it like https://licences.example/customer.lic."
    elif url.scheme == "http" and not (allow_private and is_loopback(url.host)):
        yield f"{OFFERS} must begin with https://, so that nobody on the way can change it."
    elif url.userinfo:
        yield f"{OFFERS} must not hold a user name or a password. Take them out of the address."


def _shop(settings: Mapping[str, Any]) -> Iterator[str]:
    shop = settings.get(SHOP, "")
    if not isinstance(shop, str) or (shop and not shop.startswith("https://")):
        yield f"{SHOP} is not an address. Write it like https://shop.example/licences."


def _is_host(url: httpx.URL) -> bool:
    name = re.fullmatch(rb"[A-Za-z0-9.-]+", url.raw_host)
    return bool(name or parse_address(url.host))


def _is_address(offers: str) -> bool:
    return "://" in offers


def _path(offers: str, folder: str) -> Path:
    return Path(folder) / Path(offers).expanduser()
