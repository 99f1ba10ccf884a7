"""Pages of plugins say what they have to say, do nothing else, and leave no trace of the query."""

import base64
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser
from starlette.applications import Starlette
from structlog.testing import capture_logs

import licbot_help
import licbot_local
from licbot.domain.errors import NotAllowed
from licbot.hookspecs import Page, Shown, hookimpl
from licbot.pages import MOST_QUERY_BYTES, STYLE, once, page_routes, render
from licbot.plugins import OWN_PATHS, Plugins
from licbot.ports.ports import Ports
from licbot.testing import MemorySystem, ports
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import complaints_of
from tests.scenarios.world import listening, serving, world

HOSTILE = """</title></style></h1><script>alert(1)</script><img src=x onerror="alert('1')">&amp;"""
CODE = "hush-hush-0123456789"

Answer = Callable[[Mapping[str, str], Ports], Awaitable[Shown]]


async def greet(parameters: Mapping[str, str], ports: Ports) -> Shown:
    """Says what it was given."""
    given = [f"{name} is {value}" for name, value in parameters.items()]
    return Shown(title="Good morning", text=[*given, *ports.systems])


async def regret(_parameters: Mapping[str, str], _ports: Ports) -> Shown:
    return Shown(title="That was too late", text=["Start again in Slack."], ok=False)


async def refuse(_parameters: Mapping[str, str], _ports: Ports) -> Shown:
    raise NotAllowed


async def fail(parameters: Mapping[str, str], _ports: Ports) -> Shown:
    try:
        raise KeyError(parameters["code"])
    except KeyError as error:
        raise ValueError(f"cannot redeem {parameters}") from error


def app(answer: Answer, system: MemorySystem | None = None) -> Starlette:
    """A page at ``/sign/in``, and nothing else."""
    outside = ports(*([system] if system else []))
    return Starlette(routes=page_routes([Page(path="/sign/in", answer=answer)], outside))


def visitor(app: Starlette) -> httpx.AsyncClient:
    """Somebody with a browser."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://bot.example")


class Reading(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts += [data] if data.strip() else []


async def test_a_page_is_given_its_query_and_the_outside_and_says_what_it_has_to_say() -> None:
    async with visitor(app(greet, MemorySystem(name="crm"))) as anna:
        answer = await anna.get("/sign/in?code=a%2Bb+c&state=%C3%A6")

    assert answer.status_code == 200
    read = Reading(answer.text)
    assert read.texts[0] == "Good morning – licbot"
    assert read.texts[2:] == ["Good morning", "code is a+b c", "state is æ", "crm", "licbot"]


async def test_what_did_not_go_well_is_told_by_the_status_too() -> None:
    async with visitor(app(regret)) as anna:
        answer = await anna.get("/sign/in")

    assert answer.status_code == 400
    assert "Start again in Slack." in answer.text
    assert '<main class="no">' in answer.text


async def test_a_refusal_is_said_in_its_own_words() -> None:
    async with visitor(app(refuse)) as anna:
        answer = await anna.get("/sign/in")

    assert answer.status_code == 400
    assert "Only administrators may do this. Ask one of them." in answer.text


def test_nothing_that_a_page_says_is_interpreted() -> None:
    """Given a title and text that would end what they stand in, all of it is shown."""
    plain = Reading(render(Shown(title="a", text=["b", "c"])))
    hostile = Reading(render(Shown(title=HOSTILE, text=[HOSTILE, "c"])))

    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert hostile.texts[2:4] == [HOSTILE, HOSTILE]


async def test_a_page_can_load_nothing_send_nothing_and_run_nothing() -> None:
    async with visitor(app(greet)) as anna:
        answer = await anna.get(f"/sign/in?code={CODE}")

    headers = answer.headers
    policy = {
        name: values
        for name, *values in map(str.split, headers["content-security-policy"].split(";"))
    }
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == {
        "default-src": ["'none'"],
        "style-src": [f"'sha256-{digest}'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert not {"script", "img", "link", "form", "a", "iframe"} & set(Reading(answer.text).tags)
    assert "url(" not in STYLE
    assert "@import" not in STYLE


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_a_page_answers_get_only(method: str) -> None:
    """Whoever only looks ahead, as link previews do, uses no code up."""
    asked = []

    async def count(parameters: Mapping[str, str], ports: Ports) -> Shown:
        asked.append(parameters)
        return await greet(parameters, ports)

    async with visitor(app(count)) as anna:
        answer = await anna.request(method, "/sign/in?code=x")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert asked == []


@pytest.mark.parametrize(("length", "status"), [(MOST_QUERY_BYTES, 200), (8193, 414)])
async def test_a_query_has_8_kilobytes_at_most(length: int, status: int) -> None:
    async with visitor(app(greet)) as anna:
        answer = await anna.get(f"/sign/in?code={'x' * (length - len('code='))}")

    assert answer.status_code == status
    assert ("This address is too long" in answer.text) == (status == 414)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        (b"", {}),
        (b"code=a&state=b", {"code": "a", "state": "b"}),
        (b"code=a&state=b&code=c", {"state": "b"}),
        (b"code=a&code=a", {}),
        (b"c%6Fde=a&code=b&x=", {"x": ""}),
        (b"code=%FF%00&state", {"code": "\N{REPLACEMENT CHARACTER}\0", "state": ""}),
        (b"\xff=\xe6&&;=", {"ÿ": "æ", ";": ""}),
    ],
)
def test_each_parameter_counts_that_is_there_once(
    query: bytes, parameters: Mapping[str, str]
) -> None:
    assert once(query) == parameters


async def test_text_that_no_encoding_has_is_shown_all_the_same() -> None:
    async def half(_parameters: Mapping[str, str], _ports: Ports) -> Shown:
        return Shown(title="half \ud83d", text=["\0"])

    async with visitor(app(half)) as anna:
        answer = await anna.get("/sign/in")

    assert answer.status_code == 200
    assert "half ?" in answer.text


async def test_what_fails_is_said_with_a_number_and_logged_without_the_query(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Given an exception that quotes the query, and its cause that does."""
    caplog.set_level(logging.DEBUG)
    async with visitor(app(fail)) as anna:
        answer = await anna.get(f"/sign/in?code={CODE}")

    assert answer.status_code == 500
    [number] = re.findall(r"this number: ([0-9a-f]{8})\n?<", answer.text)
    assert CODE not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    logged = "".join(capfd.readouterr())
    assert f"number={number}" in _plain(logged)
    assert "ValueError" in logged
    assert "KeyError" in logged
    assert "in fail" in logged
    assert CODE not in logged


async def test_a_page_that_gives_something_else_is_a_failure_too() -> None:
    async def nothing(_parameters: Mapping[str, str], _ports: Ports) -> Shown:
        return None  # type: ignore[return-value]  # as a plugin without types could

    async with visitor(app(nothing)) as anna:
        answer = await anna.get("/sign/in")

    assert answer.status_code == 500
    assert "this number" in answer.text


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


class Tiny:
    """A plugin with a page that fails."""

    @hookimpl
    def licbot_pages(self) -> list[Page]:
        return [Page(path="/tiny/sign-in", answer=fail), Page(path="/tiny/hello", answer=greet)]


@pytest.mark.parametrize("socket_mode", [False, True])
async def test_licbot_serves_pages_whichever_way_it_talks_to_slack(
    socket_mode: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # What the tests' own client logs is not licbot's.
    caplog.set_level(logging.WARNING, logger="httpx")
    plugins = Plugins({"help": licbot_help, "local": licbot_local, "tiny": Tiny()})
    with capture_logs() as logged:
        async with (
            world(tmp_path, plugins=plugins, socket_mode=socket_mode) as here,
            httpx.AsyncClient(base_url=here.address) as anna,
        ):
            hello = await anna.get("/tiny/hello", params={"code": "x"})
            broken = await anna.get("/tiny/sign-in", params={"code": CODE})
            await here.answer(here.person("anna"), "/license help")
            paths = {getattr(route, "path", "") for route in here.licbot.web().routes}

    assert (hello.status_code, broken.status_code) == (200, 500)
    assert "local" in Reading(hello.text).texts, "the page is given the systems"
    own = OWN_PATHS - {"/slack/events"} if socket_mode else OWN_PATHS
    assert paths == {*own, "/tiny/hello", "/tiny/sign-in"}
    assert "page failed" in [line["event"] for line in logged]
    assert CODE not in f"{logged} {caplog.text}"


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(246, 246, 244)"), ("dark", "rgb(22, 22, 21)")]
)
async def test_a_page_is_readable_on_a_phone_by_day_and_by_night(
    scheme: str, background: str, browser: Browser
) -> None:
    """Given a small screen and a long word, everything fits, and the policy lets the style be."""

    async def long(_parameters: Mapping[str, str], _ports: Ports) -> Shown:
        return Shown(title="A" * 60, text=["b" * 200, "c"])

    with listening() as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/sign/in"
        async with serving(app(long), listener):
            page = await browser.new_page(
                viewport={"width": 320, "height": 560},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            complaints = complaints_of(page)
            await page.goto(address)
            style = "getComputedStyle(document.body).backgroundColor"
            shown = await page.evaluate(style)
            width = await page.evaluate("document.documentElement.scrollWidth")
            await page.close()

    assert shown == background
    assert width == 320
    assert complaints == []
