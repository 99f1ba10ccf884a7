"""The way to SuperOffice: one request, tried as often as it may be, and its bounded answer."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import stamina
import structlog

from licbot.domain.errors import SystemUnavailable
from licbot.ports.clock import Clock
from licbot_superoffice.wire import error_words

MOST_BYTES = 64 * 1024 * 1024
TRIES = 3
PATIENCE_SECONDS = 30.0
"""How long one call waits in all where SuperOffice asks for it."""

log = structlog.get_logger(__name__)

Pause = Callable[[float], Awaitable[None]]

SILENT = (
    "SuperOffice does not answer. licbot tries again by itself; if it stays so, the people who run "
    "licbot check its address and the network."
)
TROUBLED = (
    "SuperOffice answers that something went wrong on its side. licbot tries again by itself; if "
    "it stays so, ask SuperOffice."
)
BUSY = "SuperOffice is too busy to answer now. licbot tries again by itself."
UNTRUSTED = (
    "SuperOffice shows a certificate that this computer does not trust, so nothing was sent. The "
    "people who run licbot check the address, and name the authority of an own certificate in "
    "SSL_CERT_FILE."
)
TOO_LARGE = (
    "SuperOffice answered with more than 64 MB, which licbot does not take. Ask the people who run "
    "licbot."
)

_STEPS = httpx.Timeout(60.0, connect=10.0)
_WHOLE_SECONDS = 120.0
_RETRY_SECONDS = 90.0
# Nothing was sent yet: these may be tried again whatever the request would do.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_PASSING = frozenset({502, 503, 504})
_LOST = (httpx.TransportError, TimeoutError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """A request. again: whether it may be sent a second time when its answer was lost."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    again: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """An answer. headers: names in small letters."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


class _Trouble(Exception):
    """The server says that something went wrong on its side."""

    def __init__(self, received: Received) -> None:
        super().__init__(received.status)
        self.received = received


class Transport:
    """Sends requests, one connection each.

    A connection that was kept open might be closed by the server at the moment when a request is
    sent, and then nobody knows whether it was carried out. Proxies are not used, redirects are not
    followed.

    network: where it is another than the computer's. pause: waits for so many seconds.
    patience: how many of them a call waits in all.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        network: httpx.AsyncBaseTransport | None = None,
        pause: Pause = asyncio.sleep,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._clock = clock
        self._pause = pause
        self._patience = patience
        self._client = httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            timeout=_STEPS,
            limits=httpx.Limits(max_connections=10, max_keepalive_connections=0),
            trust_env=False,
            transport=network,
        )

    async def send(self, sending: Sending) -> Received:
        """The answer, whatever its status below 500, or an error that stays and is explained.

        Raises SystemUnavailable.
        """
        waited = 0.0
        while True:
            received = await self._patiently(sending)
            seconds = _asked_to_wait(received, self._clock.now())
            if seconds is None:
                return received
            waited += seconds
            if waited > self._patience:
                log.warning("superoffice is busy", status=received.status)
                raise SystemUnavailable(BUSY)
            await self._pause(seconds)

    async def _patiently(self, sending: Sending) -> Received:
        try:
            return await self._tried(sending)
        except _Trouble as error:
            log.warning("superoffice is in trouble", status=error.received.status)
            if _is_explained(error.received):
                return error.received
            raise SystemUnavailable(TROUBLED) from None
        except _LOST as error:
            log.warning("superoffice does not answer", reason=type(error).__name__)
            raise SystemUnavailable(UNTRUSTED if _is_untrusted(error) else SILENT) from None

    async def _tried(self, sending: Sending) -> Received:
        def may_repeat(error: Exception) -> bool:
            if isinstance(error, _NOT_SENT):
                return not _is_untrusted(error)
            return sending.again and isinstance(error, (*_LOST, _Trouble))

        async for attempt in stamina.retry_context(
            on=may_repeat, attempts=TRIES, timeout=_RETRY_SECONDS
        ):
            with attempt:
                return await self._once(sending)
        raise AssertionError  # the last attempt raises

    async def _once(self, sending: Sending) -> Received:
        # A compressed answer could unfold to any size.
        headers = {"Accept-Encoding": "identity", **sending.headers}
        request = self._client.build_request(
            sending.method, sending.url, headers=headers, content=sending.content or None
        )
        async with asyncio.timeout(_WHOLE_SECONDS):
            response = await self._client.send(request, stream=True)
            try:
                content = await _bounded(response)
            finally:
                await response.aclose()
        received = Received(
            status=response.status_code, headers=dict(response.headers), content=content
        )
        if received.status >= 500 and _asked_to_wait(received, self._clock.now()) is None:
            raise _Trouble(received)
        return received


def _is_explained(received: Received) -> bool:
    """Whether SuperOffice itself says what went wrong: where that stays, it is the answer.

    Who stands before it, or its being closed for the moment, has nothing to say of the request.
    """
    return received.status not in _PASSING and bool(error_words(received.content))


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise SystemUnavailable(TOO_LARGE)
    return bytes(body)


def _asked_to_wait(received: Received, now: datetime) -> float | None:
    """For how many seconds the server asks to wait; nothing where it does not."""
    words = received.headers.get("retry-after", "").strip()
    if received.status == 429:
        return _seconds(words, now) if words else 1.0
    return _seconds(words, now) if received.status == 503 and words else None


def _seconds(words: str, now: datetime) -> float:
    if words.isdecimal():
        return max(1.0, float(words))
    try:
        return max(1.0, (parsedate_to_datetime(words) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 1.0


def _is_untrusted(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
