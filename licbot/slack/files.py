"""Files that people hand over, fetched from Slack and from nowhere else."""

import asyncio
import ipaddress
import ssl

import httpx
import structlog

from licbot.ports.messenger import FilesForbidden, FileTooLarge, FileUnreadable, SentFile

log = structlog.get_logger(__name__)

WHOLE_SECONDS = 2.0
"""Slack waits three seconds for what licbot says of a modal; a file may take most of them."""

MOST_REDIRECTS = 3

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FORBIDDEN = frozenset({401, 403})


class _Unfit(Exception):
    """The answer is no file; the text says why, for operators."""


class Files:
    """Fetches files with the bot token, which only Slack's own hosts get to see.

    api_url: the address of the Web API; where it is on this computer, files may come from there.
    proxy: the one that the Web API is reached by. transport: the network, where it is another.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        proxy: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._token = token
        self._api = httpx.URL(api_url)
        self._proxy = proxy
        self._transport = transport

    async def fetch(self, file: SentFile, most: int) -> bytes:
        """The content of a file of up to ``most`` bytes.

        Raises FilesForbidden, FileTooLarge or FileUnreadable.
        """
        try:
            async with asyncio.timeout(WHOLE_SECONDS), self._client() as client:
                return await self._follow(client, file, most)
        except (httpx.TransportError, httpx.InvalidURL, TimeoutError, _Unfit) as error:
            # Of the address and the name nothing is logged: people chose them.
            reason = str(error) if isinstance(error, _Unfit) else type(error).__name__
            log.warning("a file was not fetched", reason=reason)
            raise FileUnreadable from None

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=ssl.create_default_context(),
            timeout=WHOLE_SECONDS,
            proxy=self._proxy or None,
            transport=self._transport,
            trust_env=False,
        )

    async def _follow(self, client: httpx.AsyncClient, file: SentFile, most: int) -> bytes:
        url = httpx.URL(file.address)
        for _ in range(MOST_REDIRECTS + 1):
            self._require_slack(url)
            async with client.stream("GET", url, headers=self._headers()) as answer:
                if answer.status_code not in _REDIRECTS:
                    return await _content(answer, file, most)
                url = url.join(answer.headers.get("location", ""))
        raise _Unfit("too many redirects")

    def _headers(self) -> dict[str, str]:
        # A compressed answer could unfold to any size.
        return {"Authorization": f"Bearer {self._token}", "Accept-Encoding": "identity"}

    def _require_slack(self, url: httpx.URL) -> None:
        api = self._api
        local = _is_loopback(api.host) and (url.scheme, url.netloc) == (api.scheme, api.netloc)
        if url.userinfo or not (local or _is_slacks(url)):
            raise _Unfit("the address is not Slack's")


def _is_slacks(url: httpx.URL) -> bool:
    own = url.host == "slack.com" or url.host.endswith(".slack.com")
    return url.scheme == "https" and url.port is None and own


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _content(answer: httpx.Response, file: SentFile, most: int) -> bytes:
    if answer.status_code in _FORBIDDEN:
        raise FilesForbidden
    if answer.status_code != 200:
        raise _Unfit(f"status {answer.status_code}")
    body = await _bounded(answer, most + 1)
    # Without the scope Slack shows its page for signing in instead of the file.
    is_page = answer.headers.get("content-type", "").lower().startswith("text/html")
    if is_page and len(body) != file.size:
        raise FilesForbidden
    if len(body) > most:
        raise FileTooLarge
    return body


async def _bounded(answer: httpx.Response, most: int) -> bytes:
    """The beginning of an answer, up to ``most`` bytes."""
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) >= most:
            break
    return bytes(body[:most])
