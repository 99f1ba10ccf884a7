"""Socket Mode: the app opens a connection and everything is sent to it through that."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from licbot.sandbox import limits
from licbot.sandbox.methods import Method
from licbot.sandbox.records import Json, Refused
from licbot.sandbox.workspace import Workspace


def _open(workspace: Workspace, _arguments: Json) -> Json:
    if len(workspace.connections) >= limits.SOCKET_MODE_CONNECTIONS:
        raise Refused("too_many_websockets")
    ticket = workspace.new_id("ticket")
    workspace.tickets.add(ticket)
    base = workspace.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/link?ticket={ticket}"}


METHODS = {"apps.connections.open": Method(run=_open, app_token=True)}


class Socket:
    """A connection and the envelopes that wait for their acknowledgement."""

    def __init__(self, workspace: Workspace, websocket: WebSocket) -> None:
        self._workspace = workspace
        self._websocket = websocket
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}

    async def ask(self, kind: str, payload: Json) -> Json | None:
        """Send an envelope and wait for what the app acknowledges it with."""
        envelope_id = self._workspace.new_id("envelope")
        answer: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        try:
            await self._websocket.send_json(envelope)
            return await answer
        finally:
            del self._waiting[envelope_id]

    async def run(self) -> None:
        """Say hello and take acknowledgements until the app goes away."""
        await self._websocket.accept()
        self._workspace.connections.append(self)
        try:
            await self._websocket.send_json({"type": "hello", "num_connections": 1})
            while True:
                self._take(await self._websocket.receive_json())
        except WebSocketDisconnect:
            return
        finally:
            self._workspace.connections.remove(self)

    async def hang_up(self) -> None:
        """Close the connection, as Slack does from time to time."""
        await self._websocket.close()

    def _take(self, answer: Any) -> None:
        waiting = self._waiting.get(str(answer.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.get("payload"))


def socket_route(workspace: Workspace) -> WebSocketRoute:
    """Where connections are opened, once for every ticket."""

    async def link(websocket: WebSocket) -> None:
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in workspace.tickets:
            await websocket.close(4001)
            return
        workspace.tickets.remove(ticket)
        await Socket(workspace, websocket).run()

    return WebSocketRoute("/link", link)
