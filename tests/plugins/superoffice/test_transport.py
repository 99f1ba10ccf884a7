"""One request finds its way to SuperOffice: again where it may, never twice where it must not."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot.testing import FakeClock
from licbot_superoffice import transport
from licbot_superoffice.transport import (
    BUSY,
    PATIENCE_SECONDS,
    SILENT,
    TOO_LARGE,
    TRIES,
    TROUBLED,
    Received,
    Sending,
    Transport,
)
from tests.plugins.superoffice.auth_support import Pauses, wire

URL = "https://online2.superoffice.com/Cust12345/api/v1/User/currentPrincipal"
SECRET = "8A:secret-token"

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES):
        yield


class Network:
    """Gives one answer after the other, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.asked: list[httpx.Request] = []
        self.pauses = Pauses()
        self.clock = FakeClock()
        self._answers = list(answers)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def send(self, *, again: bool = True, content: bytes = b"") -> Received:
        network = wire(self._take)
        sender = Transport(self.clock, network=network, pause=self.pauses)
        headers = {"Authorization": f"Bearer {SECRET}"}
        return await sender.send(
            Sending(method="POST", url=URL, headers=headers, content=content, again=again)
        )


def says(status: int, content: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=named)


async def test_what_is_sent_arrives_as_it_was_given_and_what_comes_is_given_back() -> None:
    network = Network(says(200, b'{"a": 1.0}'))

    received = await network.send(content=b'{"n": 1.0, "e": "\xc3\xa9"}')

    assert (received.status, received.content) == (200, b'{"a": 1.0}')
    [request] = network.asked
    assert request.content == b'{"n": 1.0, "e": "\xc3\xa9"}'
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["accept-encoding"] == "identity", "what unfolds could have any size"


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 409, 421])
async def test_every_status_below_500_is_an_answer(status: int) -> None:
    network = Network(says(status, location="https://elsewhere.example/"))

    assert (await network.send()).status == status
    assert len(network.asked) == 1, "redirects are not followed"


EXPLAINED = b'{"Error": true, "ErrorType": "SoException", "ErrorMessage": "No such licence"}'


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("status", [500, 501, 599])
async def test_an_error_that_stays_and_is_explained_is_an_answer(status: int, again: bool) -> None:
    """So that whoever asked can pass the words on."""
    network = Network(says(status, EXPLAINED))

    received = await network.send(again=again)

    assert (received.status, received.content) == (status, EXPLAINED)
    assert len(network.asked) == (TRIES if again else 1)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, b'{"Error": false, "ErrorMessage": "Fine"}'),
        (500, b'{"Error": "true", "ErrorMessage": "Odd"}'),
        (500, b'{"Error": true, "ErrorMessage": " "}'),
        (500, b'{"Error": true}'),
        (500, b"<html>Error</html>"),
        (500, b"[" * 100_000),
        (502, EXPLAINED),
        (503, EXPLAINED),
        (504, EXPLAINED),
    ],
)
async def test_other_errors_are_trouble(status: int, content: bytes) -> None:
    """So is what passes by its meaning, whatever the words are."""
    network = Network(says(status, content))

    with pytest.raises(SystemUnavailable) as caught:
        await network.send()

    assert caught.value.message == TROUBLED
    assert len(network.asked) == TRIES


@pytest.mark.parametrize(
    "trouble",
    [
        says(500),
        says(500, b'{"Error": true, "ErrorMessage": "Deadlock"}'),
        says(502),
        says(503),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.ConnectError("nobody there"),
        TimeoutError(),
    ],
)
async def test_trouble_that_passes_is_not_noticed(trouble: httpx.Response | Exception) -> None:
    network = Network(trouble, trouble, says(200, b"at last"))

    assert (await network.send()).content == b"at last"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (says(500, SECRET.encode()), TROUBLED),
        (httpx.ReadTimeout(SECRET), SILENT),
        (httpx.ConnectError(SECRET), SILENT),
    ],
)
async def test_trouble_that_stays_is_said_in_words(
    trouble: httpx.Response | Exception, words: str
) -> None:
    network = Network(trouble)

    with pytest.raises(SystemUnavailable) as caught:
        await network.send()

    assert len(network.asked) == TRIES
    assert caught.value.message == words


@pytest.mark.parametrize(
    "lost", [says(500), httpx.ReadTimeout("slow"), httpx.ReadError("cut"), TimeoutError()]
)
async def test_what_must_not_be_done_twice_is_sent_once_when_its_answer_is_lost(
    lost: httpx.Response | Exception,
) -> None:
    network = Network(lost, says(200))

    with pytest.raises(SystemUnavailable):
        await network.send(again=False)

    assert len(network.asked) == 1


@pytest.mark.parametrize(
    "unsent", [httpx.ConnectError("down"), httpx.ConnectTimeout("down"), httpx.PoolTimeout("full")]
)
async def test_what_was_never_sent_is_sent_again_whatever_it_does(unsent: Exception) -> None:
    network = Network(unsent, says(200))

    assert (await network.send(again=False)).status == 200


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize(
    ("busy", "seconds"),
    [
        (says(429, retry_after="2"), 2.0),
        (says(503, retry_after="7"), 7.0),
        (says(429), 1.0),
        (says(429, retry_after="0"), 1.0),
        (says(429, retry_after="soon"), 1.0),
        (says(429, retry_after="Sun, 31 Dec 99999999999 23:59:59 GMT"), 1.0),
        (says(503, retry_after="Mon, 01 Jan 0001 00:00:00 +2359"), 1.0),
        (says(503, retry_after=format_datetime(FakeClock().now() + timedelta(seconds=9))), 9.0),
    ],
)
async def test_a_busy_server_is_waited_for_as_it_asks(
    busy: httpx.Response, seconds: float, again: bool
) -> None:
    network = Network(busy, says(200))

    assert (await network.send(again=again)).status == 200
    assert network.pauses.seconds == [seconds]


async def test_patience_ends_before_people_lose_theirs() -> None:
    network = Network(says(503, retry_after="12"))

    with pytest.raises(SystemUnavailable) as caught:
        await network.send()

    assert caught.value.message == BUSY
    assert sum(network.pauses.seconds) <= PATIENCE_SECONDS
    assert len(network.asked) == 3


async def test_a_long_wait_is_not_begun() -> None:
    network = Network(says(503, retry_after="86400"))

    with pytest.raises(SystemUnavailable):
        await network.send()

    assert network.pauses.seconds == []


async def test_no_more_is_read_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 1000)
    assert len((await Network(says(200, b"x" * 1000)).send()).content) == 1000

    network = Network(says(200, b"x" * 1001))
    with pytest.raises(SystemUnavailable) as caught:
        await network.send()

    assert caught.value.message == TOO_LARGE
    assert len(network.asked) == 1


async def test_a_compressed_answer_is_never_unfolded() -> None:
    network = Network(
        httpx.Response(
            200, stream=httpx.ByteStream(b"\x1f\x8b bomb"), headers={"content-encoding": "gzip"}
        )
    )

    assert (await network.send()).content == b"\x1f\x8b bomb"


async def test_a_whole_answer_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_WHOLE_SECONDS", 0.01)

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0)
                yield b""

    network = Network(httpx.Response(200, stream=Endless()))

    with pytest.raises(SystemUnavailable) as caught:
        await network.send(again=False)

    assert caught.value.message == SILENT


def test_requests_and_answers_show_no_secrets() -> None:
    sending = Sending(method="GET", url=SECRET, headers={"a": SECRET}, content=SECRET.encode())
    received = Received(status=200, headers={"a": SECRET}, content=SECRET.encode())

    assert SECRET not in repr(sending) + repr(received)
