"""Which addresses licbot gives its sign-ins to."""

import ipaddress
import re

import httpx

DOMAIN = "superoffice.com"


def parsed(address: str) -> httpx.URL | None:
    """An address of a host, over HTTP or HTTPS and without a user name; nothing otherwise."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return None
    named = re.fullmatch(rb"[A-Za-z0-9.-]+", url.raw_host) or _ip(url.host)
    fit = url.scheme in ("http", "https") and named and not url.userinfo
    return url if fit else None


def is_loopback(host: str) -> bool:
    """Whether a host is this computer."""
    address = _ip(host)
    return address.is_loopback if address else host == "localhost"


def is_superoffices(url: httpx.URL) -> bool:
    """Whether an address is one of SuperOffice itself."""
    own = url.host == DOMAIN or url.host.endswith(f".{DOMAIN}")
    return url.scheme == "https" and url.port is None and own


def is_tenants(url: httpx.URL, login: httpx.URL) -> bool:
    """Whether a tenant may be there: at SuperOffice, or on this computer where a stand-in is.

    The hosts of a stand-in are ports of this computer, so any of them will do.
    """
    return (is_loopback(login.host) and is_loopback(url.host)) or is_superoffices(url)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
