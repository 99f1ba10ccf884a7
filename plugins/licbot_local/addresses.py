"""Network addresses: which of them an issuer may be reached at."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host; raises OSError where it has none."""

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, the preferred one first. Raises OSError."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("no such host") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def parse_address(text: str) -> IpAddress | None:
    """The address that a text gives, or none where it is a name."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet; not where it hides another one."""
    address = parse_address(text)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = _hidden(address) or address
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_loopback(text: str) -> bool:
    """Whether a host is this computer, as an address or as ``localhost``."""
    address = parse_address(text)
    return address.is_loopback if address else text.lower() == "localhost"


def _hidden(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
