"""Offers are fetched over the wire: bounded, from the checked host, and only when they changed."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot_local.envelope import MAX_BYTES
from licbot_local.https import TRIES, HttpsSource
from licbot_local.offers import Collected
from tests.plugins.local.samples import signed
from tests.plugins.local.tls import HOST, Answer, Asked, Handler, certificate, serving

Serve = Callable[[Handler], AbstractAsyncContextManager[int]]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that this computer trusts."""
    path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def serve(trusted: Path) -> Serve:
    """Starts a server with that certificate."""
    return lambda handler: serving(handler, trusted)


class Names:
    """Resolves names to what is set, and counts how often it was asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses


def source(port: int, path: str = "/customer.lic", *, names: Names | None = None) -> HttpsSource:
    url = f"https://{HOST}:{port}{path}"
    return HttpsSource(url, allow_private=True, resolve=names or Names("127.0.0.1"))


def reason(collected: Collected) -> str:
    assert not collected.candidates
    (refused,) = collected.refused
    assert refused.source == HOST
    return refused.reason


async def test_a_file_is_fetched_from_the_checked_address_in_the_hosts_name(serve: Serve) -> None:
    asked: list[Asked] = []

    def handler(request: Asked) -> Answer:
        asked.append(request)
        return Answer(body=signed())

    names = Names("127.0.0.1")
    async with serve(handler) as port:
        collected = await source(port, "/a/b.lic?customer=7#part", names=names).collect()

    assert [(each.source, each.raw) for each in collected.candidates] == [(HOST, signed())]
    assert asked[0].path == "/a/b.lic?customer=7"
    assert asked[0].headers["host"] == f"{HOST}:{port}"
    assert asked[0].headers["accept-encoding"] == "identity"
    assert names.asked == [HOST]


async def test_what_did_not_change_is_not_sent_again(serve: Serve) -> None:
    sent: list[str | None] = []

    def handler(request: Asked) -> Answer:
        sent.append(request.headers.get("if-none-match"))
        if sent[-1] == '"one"':
            return Answer(status=304)
        return Answer(body=signed(), headers={"ETag": '"one"'})

    async with serve(handler) as port:
        place = source(port)
        first, second = await place.collect(), await place.collect()

    assert sent == [None, '"one"']
    assert first == second


async def test_a_new_file_takes_the_place_of_the_remembered_one(serve: Serve) -> None:
    bodies = iter([(b"one", '"1"'), (b"two", '"2"'), (b"three", None), (b"four", None)])
    sent: list[str | None] = []

    def handler(request: Asked) -> Answer:
        sent.append(request.headers.get("if-none-match"))
        body, etag = next(bodies)
        return Answer(body=body, headers={"ETag": etag} if etag else {})

    async with serve(handler) as port:
        place = source(port)
        raws = [(await place.collect()).candidates[0].raw for _ in range(4)]

    assert raws == [b"one", b"two", b"three", b"four"]
    assert sent == [None, '"1"', '"2"', None]


@pytest.mark.parametrize("status", [204, 404])
async def test_where_nothing_waits_nothing_is_found(serve: Serve, status: int) -> None:
    async with serve(lambda _: Answer(status=status)) as port:
        collected = await source(port).collect()

    assert (collected.candidates, collected.refused) == ((), ())


@pytest.mark.parametrize("status", [400, 401, 403, 410, 304, 206])
async def test_an_answer_that_makes_no_sense_is_told(serve: Serve, status: int) -> None:
    async with serve(lambda _: Answer(status=status)) as port:
        assert str(status) in reason(await source(port).collect())


@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_a_server_in_trouble_is_asked_again(serve: Serve, status: int) -> None:
    answers = iter([Answer(status=status), Answer(status=status), Answer(body=b"at last")])

    async with serve(lambda _: next(answers)) as port:
        collected = await source(port).collect()

    assert collected.candidates[0].raw == b"at last"


async def test_a_server_that_stays_in_trouble_is_unavailable(serve: Serve) -> None:
    asked: list[Asked] = []

    def handler(request: Asked) -> Answer:
        asked.append(request)
        return Answer(status=502)

    async with serve(handler) as port:
        with pytest.raises(SystemUnavailable) as caught:
            await source(port).collect()

    assert len(asked) == TRIES
    assert HOST in caught.value.message


async def test_where_nobody_listens_the_system_is_unavailable(serve: Serve) -> None:
    async with serve(lambda _: Answer()) as port:
        pass

    with pytest.raises(SystemUnavailable):
        await source(port).collect()


async def test_an_address_that_does_not_answer_gives_way_to_the_next(serve: Serve) -> None:
    names = Names("127.0.0.2", "127.0.0.1")
    async with serve(lambda _: Answer(body=b"here")) as port:
        collected = await source(port, names=names).collect()

    assert collected.candidates[0].raw == b"here"


@pytest.mark.parametrize("names", [Names(), None])
async def test_a_name_without_addresses_is_unavailable(names: Names | None) -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(host, port)

    place = HttpsSource(f"https://{HOST}/", allow_private=False, resolve=names or unknown)

    with pytest.raises(SystemUnavailable):
        await place.collect()


@pytest.mark.parametrize("with_length", [True, False])
async def test_no_more_than_a_mebibyte_is_read(serve: Serve, with_length: bool) -> None:
    async with serve(lambda _: Answer(body=b"x" * MAX_BYTES, with_length=with_length)) as port:
        assert len((await source(port).collect()).candidates[0].raw) == MAX_BYTES

    body = b"x" * (MAX_BYTES + 1)
    async with serve(lambda _: Answer(body=body, with_length=with_length)) as port:
        assert "larger than 1 MiB" in reason(await source(port).collect())


async def test_a_compressed_answer_is_never_unfolded(serve: Serve) -> None:
    answer = Answer(body=b"\x1f\x8b bomb", headers={"Content-Encoding": "gzip"})

    async with serve(lambda _: answer) as port:
        collected = await source(port).collect()

    assert collected.candidates[0].raw == answer.body


async def test_redirects_are_followed_on_the_same_host(serve: Serve) -> None:
    places = {"/customer.lic": "/2", "/2": "3?x=1", "/3?x=1": ""}

    def handler(request: Asked) -> Answer:
        if request.path == "/4":
            return Answer(body=b"here")
        location = places[request.path] or f"https://{request.headers['host']}/4"
        return Answer(status=302, headers={"Location": location})

    names = Names("127.0.0.1")
    async with serve(handler) as port:
        collected = await source(port, names=names).collect()

    assert collected.candidates[0].raw == b"here"
    assert names.asked == [HOST] * 4


async def test_redirects_end_somewhere(serve: Serve) -> None:
    async with serve(lambda _: Answer(status=302, headers={"Location": "/again"})) as port:
        assert "more than 3 times" in reason(await source(port).collect())


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/customer.lic",
        "//elsewhere.example/customer.lic",
        f"http://{HOST}/customer.lic",
        f"https://{HOST}:1/customer.lic",
        f"https://{HOST}.elsewhere.example/",
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "https://[",
        "https://user:secret@{host}/",
    ],
)
async def test_redirects_to_anywhere_else_are_not_followed(serve: Serve, location: str) -> None:
    def handler(request: Asked) -> Answer:
        target = location.replace("{host}", request.headers["host"])
        return Answer(status=307, headers={"Location": target})

    async with serve(handler) as port:
        assert "redirects to" in reason(await source(port).collect())


async def test_a_redirect_to_nowhere_ends_too(serve: Serve) -> None:
    async with serve(lambda _: Answer(status=301)) as port:
        assert "more than 3 times" in reason(await source(port).collect())


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"]])
async def test_private_addresses_are_refused_unless_they_are_allowed(
    serve: Serve, addresses: list[str]
) -> None:
    asked: list[Asked] = []

    def handler(request: Asked) -> Answer:
        asked.append(request)
        return Answer(body=signed())

    async with serve(handler) as port:
        url = f"https://{HOST}:{port}/"
        place = HttpsSource(url, allow_private=False, resolve=Names(*addresses))
        assert "allow_private_addresses" in reason(await place.collect())

    assert asked == []


async def test_a_name_that_moves_into_the_private_network_is_caught_when_it_does(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No public address can be served here, so this one stands for one.
    monkeypatch.setattr("licbot_local.https.is_public", lambda address: address == "127.0.0.1")
    names = Names("127.0.0.1")

    def handler(request: Asked) -> Answer:
        names.addresses = ["169.254.169.254"]
        return Answer(status=302, headers={"Location": "/latest/meta-data"})

    async with serve(handler) as port:
        url = f"https://{HOST}:{port}/"
        place = HttpsSource(url, allow_private=False, resolve=names)
        assert "allow_private_addresses" in reason(await place.collect())

    assert names.asked == [HOST, HOST]


async def test_a_certificate_for_another_host_is_not_believed(trusted: Path) -> None:
    async with serving(lambda _: Answer(body=signed()), trusted) as port:
        place = HttpsSource(
            f"https://other.example:{port}/", allow_private=True, resolve=Names("127.0.0.1")
        )
        (refused,) = (await place.collect()).refused

    assert (refused.source, "certificate" in refused.reason) == ("other.example", True)


async def test_an_unknown_authority_is_not_believed(
    tmp_path: Path, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    async with serving(lambda _: Answer(body=signed()), trusted) as port:
        assert "certificate" in reason(await source(port).collect())


async def test_proxies_of_the_environment_are_not_asked(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    async with serve(lambda _: Answer(body=b"direct")) as port:
        assert (await source(port).collect()).candidates[0].raw == b"direct"


async def test_without_tls_only_this_computer_is_asked() -> None:
    async with serving(lambda _: Answer(body=b"near"), None) as port:
        near = HttpsSource(f"http://127.0.0.1:{port}/", allow_private=True)
        assert (await near.collect()).candidates[0].raw == b"near"

    far = HttpsSource(f"http://{HOST}/", allow_private=True, resolve=Names("10.0.0.1"))
    assert "without TLS" in reason(await far.collect())


async def test_a_server_that_says_nothing_is_given_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licbot_local.https._WHOLE_SECONDS", 0.05)
    held = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SystemUnavailable):
            await HttpsSource(f"http://127.0.0.1:{port}/", allow_private=True).collect()
        held.set()
