"""Offers that are fetched from an address."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import NoReturn

import httpx
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot.ports.system import RefusedOffer
from licbot_local.addresses import Resolve, is_loopback, is_public, resolve
from licbot_local.envelope import MAX_BYTES
from licbot_local.offers import Candidate, Collected
from licbot_local.wording import shown

MOST_REDIRECTS = 3
TRIES = 3

_PORTS = {"http": 80, "https": 443}
_STEP_SECONDS = 10.0
_WHOLE_SECONDS = 30.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOTHING = frozenset({204, 404})
_BUSY = frozenset({408, 425, 429})


class _Busy(Exception):
    """The address answers, and asks to come again later."""


class _Unfit(Exception):
    """What the address answers can't be used; the text says why, with the cure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class _Remembered:
    url: httpx.URL
    etag: str
    body: bytes


class HttpsSource:
    """One licence file at an address.

    The name of the host is resolved once for each request, checked, and connected to as
    checked: a name that changes its address meanwhile leads nowhere else. Proxies are not used.

    allow_private: whether the host may be in a private network, and a loopback one without TLS.
    """

    def __init__(self, url: str, *, allow_private: bool, resolve: Resolve = resolve) -> None:
        self._url = httpx.URL(url).copy_with(fragment=None)
        self._allow_private = allow_private
        self._resolve = resolve
        self._remembered: _Remembered | None = None

    async def collect(self) -> Collected:
        """Fetch the file. Raises SystemUnavailable."""
        source = shown(self._url.host)
        try:
            body = await self._fetch_patiently()
        except _Unfit as error:
            return Collected(refused=[RefusedOffer(source=source, reason=str(error))])
        except (httpx.TransportError, _Busy, OSError, TimeoutError):
            raise SystemUnavailable(
                f"{source}, where licences are looked for, does not answer. licbot tries again "
                "by itself; if it stays so, check `offers` in the settings."
            ) from None
        if body is None:
            return Collected()
        return Collected(candidates=[Candidate(source=source, raw=body)])

    async def _fetch_patiently(self) -> bytes | None:
        async for attempt in stamina.retry_context(
            on=(httpx.TransportError, _Busy), attempts=TRIES, timeout=_WHOLE_SECONDS
        ):
            with attempt:
                async with asyncio.timeout(_WHOLE_SECONDS):
                    return await self._fetch()
        return None

    async def _fetch(self) -> bytes | None:
        url = self._url
        async with _client() as client:
            for _ in range(MOST_REDIRECTS + 1):
                answer = await self._get(client, url)
                if answer.status not in _REDIRECTS:
                    return self._read(url, answer)
                url = self._follow(url, answer)
        raise _Unfit(f"It redirects more than {MOST_REDIRECTS} times. {_MEND}")

    def _read(self, url: httpx.URL, answer: _Answer) -> bytes | None:
        if answer.status == 304 and self._remembered and self._remembered.url == url:
            return self._remembered.body
        self._remembered = None
        if answer.status in _NOTHING:
            return None
        if answer.status in _BUSY or answer.status >= 500:
            raise _Busy
        if answer.status != 200:
            raise _Unfit(f"It answers with the error {answer.status}. {_MEND}")
        etag = answer.headers.get("etag")
        if etag:
            self._remembered = _Remembered(url=url, etag=etag, body=answer.body)
        return answer.body

    def _follow(self, url: httpx.URL, answer: _Answer) -> httpx.URL:
        try:
            target = url.join(answer.headers.get("location", "")).copy_with(fragment=None)
        except httpx.InvalidURL:
            raise _Unfit(f"It redirects to something that is no address. {_MEND}") from None
        if (target.scheme, target.netloc) != (url.scheme, url.netloc) or target.userinfo:
            raise _Unfit(
                f"It redirects to another host, {shown(target.host)}, or away from HTTPS, and "
                "that is not followed. If it is right, give its address in `offers`."
            )
        return target

    async def _get(self, client: httpx.AsyncClient, url: httpx.URL) -> _Answer:
        *others, last = await self._addresses(url)
        for address in others:
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._get_from(client, url, address)
        return await self._get_from(client, url, last)

    async def _addresses(self, url: httpx.URL) -> list[str]:
        addresses = list(await self._resolve(url.host, url.port or _PORTS[url.scheme]))
        if not addresses:
            raise OSError("no such host")
        if url.scheme == "http" and not all(map(is_loopback, addresses)):
            _refuse_host(url, "is not this computer, and only there HTTP without TLS is allowed")
        if not (self._allow_private or all(map(is_public, addresses))):
            _refuse_host(
                url, "is not in the public internet. If it is right, set `allow_private_addresses`"
            )
        return addresses

    async def _get_from(self, client: httpx.AsyncClient, url: httpx.URL, address: str) -> _Answer:
        request = client.build_request(
            "GET",
            url.copy_with(host=address),
            headers=self._headers(url),
            extensions={"sni_hostname": url.host},
        )
        try:
            response = await client.send(request, stream=True)
        except httpx.ConnectError as error:
            if _is_untrusted(error):
                raise _Unfit(
                    "Its certificate is not valid for this host. Check the address, and the "
                    "authorities that this computer trusts."
                ) from None
            raise
        async with contextlib.aclosing(response):
            body = await _bounded(response)
        return _Answer(status=response.status_code, headers=response.headers, body=body)

    def _headers(self, url: httpx.URL) -> dict[str, str]:
        # A compressed answer could unfold to any size.
        headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        if self._remembered and self._remembered.url == url:
            headers["If-None-Match"] = self._remembered.etag
        return headers


_MEND = "Check the address in `offers`, or ask the issuer for the right one."


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=httpx.create_ssl_context(), timeout=_STEP_SECONDS, trust_env=False
    )


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MAX_BYTES:
            raise _Unfit(f"What it sends is larger than 1 MiB, so it is no licence file. {_MEND}")
    return bytes(body)


def _refuse_host(url: httpx.URL, why: str) -> NoReturn:
    raise _Unfit(f"{shown(url.host)} {why}.")


def _is_untrusted(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
