"""A workspace with people and channels, served on the loopback, and an app beside it."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from licbot.sandbox.actions import Actions
from licbot.sandbox.methods_files import file_routes
from licbot.sandbox.person import Person
from licbot.sandbox.records import Json
from licbot.sandbox.responses import response_route
from licbot.sandbox.serving import serving
from licbot.sandbox.webapi import web_api
from licbot.sandbox.workspace import Workspace


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def shared_file(name: str) -> Any:
    """A file of the shared facts; skips the test where they are not at hand."""
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("LICBOT_SHARED", root.parent / "shared"))
    path = folder / "data" / "slack" / name
    if not path.is_file():
        pytest.skip(
            f"the shared file data/slack/{name} is not here (LICBOT_SHARED names its folder)"
        )
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def slack_limits() -> Any:
    """The limits as Slack documents them."""
    return shared_file("limits.json")


@pytest.fixture(scope="session")
def block_kit_schema() -> Any:
    """The JSON Schema of Block Kit."""
    return shared_file("blockkit.schema.json")


@pytest.fixture(scope="session")
def sample() -> Callable[[str], Any]:
    """Reads a sample of a request or a response, named by its path."""
    return lambda name: shared_file(f"samples/{name}")


@pytest.fixture
def clock() -> Clock:
    """The workspace's clock."""
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    """A workspace with Anna (an administrator), Ben, and a channel that both are in."""
    workspace = Workspace("xoxb-local", "shh", "xapp-local", clock)
    anna = workspace.add_user(
        "anna", real_name="Anna Berg", email="anna@example.com", is_admin=True, id="UANNA"
    )
    ben = workspace.add_user("ben", real_name="Ben Holm", email="ben@example.com", id="UBEN")
    channel = workspace.add_channel("licences", members=[anna.id, ben.id])
    workspace.channels["CLICENCES"] = workspace.channels.pop(channel.id)
    channel.id = "CLICENCES"
    workspace.add_command("/license", "Licences")
    return workspace


@dataclass
class AppStub:
    """An app that answers as the test says and keeps what it was sent.

    `answer` takes the kind of request and its payload.
    """

    requests: list[tuple[str, Json, dict[str, str]]] = field(default_factory=list)
    answer: Callable[[str, Json], Any] = lambda _kind, _payload: ""

    @property
    def last(self) -> Json:
        """The payload of the latest request."""
        return self.requests[-1][1]

    async def take(self, request: Request) -> Response:
        """The app's only endpoint."""
        kind, payload = _read(request, (await request.body()).decode())
        self.requests.append((kind, payload, dict(request.headers)))
        answer = self.answer(kind, payload)
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, Response):
            return answer
        return PlainTextResponse(answer) if isinstance(answer, str) else JSONResponse(answer)


def _read(request: Request, body: str) -> tuple[str, Json]:
    if request.headers["content-type"] == "application/json":
        return "event", json.loads(body)
    form = {key: values[0] for key, values in parse_qs(body, keep_blank_values=True).items()}
    if "payload" in form:
        payload: Json = json.loads(form["payload"])
        return payload["type"], payload
    return "command", form


@pytest.fixture
def stub() -> AppStub:
    """The app at the other end."""
    return AppStub()


@pytest.fixture
async def actions(workspace: Workspace, stub: AppStub) -> AsyncIterator[Actions]:
    """What people do, delivered to the stub without a network."""
    app = Starlette(routes=[Route("/slack/events", stub.take, methods=["POST"])])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport) as http:
        yield Actions(workspace, "http://app.test/slack/events", http)


@pytest.fixture
def anna(actions: Actions) -> Person:
    """Anna, who looks at the licence channel."""
    return Person(actions, "UANNA", "CLICENCES")


@pytest.fixture
def ben(actions: Actions) -> Person:
    """Ben, who looks at the licence channel."""
    return Person(actions, "UBEN", "CLICENCES")


class Switch:
    """An ASGI app that hands over to the one that is set at the moment."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def server() -> AsyncIterator[tuple[Switch, str]]:
    """A server on a free port of the loopback for the whole run, and its address."""
    switch = Switch()
    async with serving(switch) as address:
        yield switch, address


@pytest.fixture
def served(server: tuple[Switch, str], workspace: Workspace) -> str:
    """The workspace without its page, on the loopback; its address."""
    switch, address = server
    workspace.base_url = address
    switch.app = Starlette(
        routes=[
            Mount("/api", web_api(workspace)),
            response_route(workspace),
            *file_routes(workspace),
        ]
    )
    return address


@pytest.fixture
def client(served: str) -> AsyncWebClient:
    """Slack's own client, pointed at the workspace."""
    return AsyncWebClient(token="xoxb-local", base_url=f"{served}/api/")
