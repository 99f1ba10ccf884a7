"""Files come from Slack's own hosts with the bot token, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
import structlog

from licbot.ports.messenger import FilesForbidden, FileTooLarge, FileUnreadable, SentFile
from licbot.slack import files
from licbot.slack.files import Files

SLACK = "https://slack.com/api/"
LOCAL = "http://127.0.0.1:3030/api/"
ADDRESS = "https://files.slack.com/files-pri/T1-F1/download/new.lic"
CONTENT = b"-----BEGIN LICENSE FILE-----"

Answer = Callable[[httpx.Request], httpx.Response]


def sent(address: str = ADDRESS, size: int | None = len(CONTENT)) -> SentFile:
    return SentFile(id="F1", name="new.lic", size=size, address=address)


class Network:
    """Answers requests and keeps them."""

    def __init__(self, answer: Answer, api_url: str = SLACK) -> None:
        self.asked: list[httpx.Request] = []
        self._answer = answer
        self.files = Files("xoxb-1", api_url, transport=httpx.MockTransport(self._take))

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    async def fetch(self, file: SentFile, most: int = 100) -> bytes:
        return await self.files.fetch(file, most)


def gives(body: bytes = CONTENT, kind: str = "application/octet-stream") -> Answer:
    headers = {"content-type": kind}
    return lambda _: httpx.Response(200, stream=httpx.ByteStream(body), headers=headers)


def redirects(*targets: str) -> Answer:
    """One redirect after the other, and then the file."""
    left = list(targets)

    def answer(request: httpx.Request) -> httpx.Response:
        if left:
            return httpx.Response(302, headers={"location": left.pop(0)})
        return gives()(request)

    return answer


async def test_a_file_is_fetched_from_slack_with_the_token() -> None:
    network = Network(gives())

    assert await network.fetch(sent()) == CONTENT

    [request] = network.asked
    assert str(request.url) == ADDRESS
    assert request.headers["authorization"] == "Bearer xoxb-1"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/files/new.lic",
        "not an address",
        "https://[",
        "http://files.slack.com/new.lic",
        "https://files.slack.com:8443/new.lic",
        "https://slack.com.evil.example/new.lic",
        "https://evilslack.com/new.lic",
        "https://files.slack.com@evil.example/new.lic",
        "https://anna:secret@files.slack.com/new.lic",
        "https://127.0.0.1/new.lic",
        "http://127.0.0.1:3030/files/new.lic",
        "ftp://files.slack.com/new.lic",
        "file:///etc/passwd",
    ],
)
async def test_nothing_is_asked_of_other_hosts(address: str) -> None:
    network = Network(gives())

    with pytest.raises(FileUnreadable) as caught:
        await network.fetch(sent(address))

    assert type(caught.value) is FileUnreadable
    assert network.asked == []


@pytest.mark.parametrize("api_url", [LOCAL, "http://localhost:3030/api/", "http://[::1]:3030/api/"])
async def test_a_web_api_on_this_computer_may_have_the_files_too(api_url: str) -> None:
    here = api_url.removesuffix("/api/")
    network = Network(gives(), api_url)

    assert await network.fetch(sent(f"{here}/files/F1/new.lic")) == CONTENT
    for elsewhere in (here.replace("3030", "3031"), here.replace("http:", "https:")):
        with pytest.raises(FileUnreadable):
            await network.fetch(sent(f"{elsewhere}/files/F1/new.lic"))
    assert len(network.asked) == 1


async def test_a_web_api_elsewhere_may_not() -> None:
    network = Network(gives(), "https://slack.corp.example/api/")

    with pytest.raises(FileUnreadable):
        await network.fetch(sent("https://slack.corp.example/files/new.lic"))

    assert network.asked == []


async def test_redirects_are_followed_within_slack() -> None:
    network = Network(redirects("https://edge.slack.com/a", "/b"))

    assert await network.fetch(sent()) == CONTENT
    assert [str(each.url) for each in network.asked[1:]] == [
        "https://edge.slack.com/a",
        "https://edge.slack.com/b",
    ]


@pytest.mark.parametrize(
    "target", ["https://evil.example/a", "http://files.slack.com/a", "//evil.example", "https://["]
)
async def test_the_token_goes_nowhere_else(target: str) -> None:
    network = Network(redirects(target))

    with pytest.raises(FileUnreadable):
        await network.fetch(sent())

    assert len(network.asked) == 1


async def test_redirects_in_a_circle_end() -> None:
    network = Network(redirects(*[ADDRESS] * 20))

    with pytest.raises(FileUnreadable):
        await network.fetch(sent())

    assert len(network.asked) == files.MOST_REDIRECTS + 1


@pytest.mark.parametrize("status", [401, 403])
async def test_without_the_scope_slack_forbids_it(status: int) -> None:
    network = Network(lambda _: httpx.Response(status, text="no"))

    with pytest.raises(FilesForbidden) as caught:
        await network.fetch(sent())

    assert "scope `files:read`" in caught.value.message


@pytest.mark.parametrize("page", [b"<html>Sign in</html>", b"<html>" + b"x" * 500])
async def test_without_the_scope_slack_shows_its_page_for_signing_in(page: bytes) -> None:
    network = Network(gives(page, "text/html; charset=utf-8"))

    with pytest.raises(FilesForbidden):
        await network.fetch(sent())


async def test_a_page_that_was_handed_over_is_a_file_like_any_other() -> None:
    page = b"<html>Hello</html>"
    network = Network(gives(page, "text/html"))

    assert await network.fetch(sent(size=len(page))) == page


@pytest.mark.parametrize("status", [204, 404, 410, 429, 500, 503])
async def test_what_slack_cannot_give_now_is_said(status: int) -> None:
    network = Network(lambda _: httpx.Response(status))

    with pytest.raises(FileUnreadable) as caught:
        await network.fetch(sent())

    assert type(caught.value) is FileUnreadable


async def test_a_network_that_fails_is_said() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("unreachable", request=request)

    with pytest.raises(FileUnreadable):
        await Network(broken).fetch(sent())


class Endless(httpx.AsyncByteStream):
    """A body that never ends, whatever its size was said to be."""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.read += 10
            yield b"x" * 10


async def test_no_more_is_read_than_may_be() -> None:
    body = Endless()
    network = Network(lambda _: httpx.Response(200, stream=body))

    with pytest.raises(FileTooLarge):
        await network.fetch(sent(size=5), most=100)

    assert body.read == 110


async def test_a_file_of_exactly_the_most_is_read() -> None:
    assert await Network(gives(b"x" * 100)).fetch(sent(size=100), most=100) == b"x" * 100
    with pytest.raises(FileTooLarge):
        await Network(gives(b"x" * 101)).fetch(sent(size=100), most=100)


class Silent(httpx.AsyncBaseTransport):
    """A network that never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("nobody wakes it")


async def test_a_slow_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WHOLE_SECONDS", 0.01)

    with pytest.raises(FileUnreadable):
        await Files("xoxb-1", SLACK, transport=Silent()).fetch(sent(), 100)


@pytest.fixture
def lines() -> Iterator[list[structlog.typing.EventDict]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


async def test_the_log_has_the_reason_and_nothing_that_people_chose(
    lines: list[structlog.typing.EventDict],
) -> None:
    for address in ("https://evil.example/secret.lic", "https://slack.com:secret/", ADDRESS):
        with pytest.raises(FileUnreadable):
            await Network(lambda _: httpx.Response(404, text="secret")).fetch(sent(address))

    reasons = [line["reason"] for line in lines]
    assert reasons == ["the address is not Slack's", "InvalidURL", "status 404"]
    assert not any(word in str(lines) for word in ("secret", "evil", "xoxb"))
