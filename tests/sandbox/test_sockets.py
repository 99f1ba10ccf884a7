"""Socket Mode: what people do goes through the app's open connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Router

from licbot.sandbox.actions import Actions
from licbot.sandbox.records import Json
from licbot.sandbox.sockets import socket_route
from licbot.sandbox.workspace import Workspace
from tests.sandbox.conftest import AppStub


class Peer:
    """The app's end of a connection, as an ASGI server sees it."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[Any] = asyncio.Queue()
        self.from_app: asyncio.Queue[Any] = asyncio.Queue()

    async def next_json(self) -> Json:
        """The next envelope."""
        event = await self.to_app.get()
        content: Json = json.loads(event["text"])
        return content

    def acknowledge(self, envelope: Json, payload: Json | None = None) -> None:
        """Answer an envelope."""
        answer = {"envelope_id": envelope["envelope_id"]} | (
            {"payload": payload} if payload else {}
        )
        self.from_app.put_nowait({"type": "websocket.receive", "text": json.dumps(answer)})


@asynccontextmanager
async def connected(workspace: Workspace, ticket: str) -> AsyncIterator[Peer]:
    """A connection opened with a ticket, until the app hangs up."""
    peer = Peer()
    scope = {
        "type": "websocket",
        "path": "/link",
        "headers": [],
        "query_string": f"ticket={ticket}".encode(),
        "subprotocols": [],
    }
    peer.from_app.put_nowait({"type": "websocket.connect"})
    app = Router(routes=[socket_route(workspace)])
    serving = asyncio.create_task(app(scope, peer.from_app.get, peer.to_app.put))
    yield peer
    peer.from_app.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await serving


@pytest.fixture
def ticket(workspace: Workspace) -> str:
    """The right to open one connection."""
    workspace.tickets.add("ticket1")
    return "ticket1"


async def test_a_command_is_answered_through_the_connection(
    workspace: Workspace, actions: Actions, stub: AppStub, ticket: str
) -> None:
    async with connected(workspace, ticket) as peer:
        assert (await peer.to_app.get())["type"] == "websocket.accept"
        assert (await peer.next_json())["type"] == "hello"

        sending = asyncio.create_task(actions.command("UANNA", "CLICENCES", "/license"))
        envelope = await peer.next_json()
        peer.acknowledge({"envelope_id": "another"})
        peer.acknowledge(envelope, {"text": "Through the socket"})
        await sending

    assert envelope["type"] == "slash_commands"
    assert envelope["accepts_response_payload"] is True
    assert envelope["payload"]["command"] == "/license"
    assert workspace.visible("CLICENCES", "UANNA")[-1].text == "Through the socket"
    assert (stub.requests, workspace.connections) == ([], [])


async def test_events_are_acknowledged_without_an_answer(
    workspace: Workspace, actions: Actions, ticket: str
) -> None:
    async with connected(workspace, ticket) as peer:
        await peer.to_app.get()
        await peer.next_json()
        sending = asyncio.create_task(actions.open_home("UANNA"))
        envelope = await peer.next_json()
        peer.acknowledge(envelope)
        outcome = await sending

    assert envelope["accepts_response_payload"] is False
    assert outcome.ok


async def test_an_envelope_that_nobody_acknowledges_was_not_answered(
    workspace: Workspace, actions: Actions, ticket: str
) -> None:
    workspace.ack_seconds = 0.01
    async with connected(workspace, ticket) as peer:
        await peer.to_app.get()
        await peer.next_json()

        outcome = await actions.command("UANNA", "CLICENCES", "/license")

    assert "did not answer in time" in outcome.error


async def test_a_ticket_opens_one_connection(workspace: Workspace, ticket: str) -> None:
    async with connected(workspace, ticket) as first:
        await first.to_app.get()
        async with connected(workspace, ticket) as second:
            refused = await second.to_app.get()

    assert (refused["type"], refused["code"]) == ("websocket.close", 4001)


@pytest.mark.asyncio(loop_scope="session")
async def test_no_more_than_ten_connections_are_open_at_a_time(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    class Open:
        async def ask(self, kind: str, payload: Json) -> Json | None:
            raise NotImplementedError

    workspace.connections.extend(Open() for _ in range(10))
    with pytest.raises(SlackApiError, match="too_many_websockets"):
        await client.apps_connections_open(app_token="xapp-local")
