"""How requests travel from the workspace to the app: signed, and with three seconds to answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier

from licbot.sandbox.records import Connection, Json
from licbot.sandbox.workspace import Workspace

Kind = Literal["interactive", "slash_commands", "events_api"]
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A request to the app."""

    kind: Kind
    payload: Json

    @property
    def content_type(self) -> str:
        """Events travel as JSON, everything else as a form."""
        return "application/json" if self.kind == "events_api" else _FORM

    @property
    def body(self) -> str:
        """The request's body."""
        if self.kind == "events_api":
            return json.dumps(self.payload)
        if self.kind == "interactive":
            return urlencode({"payload": json.dumps(self.payload)})
        return urlencode(self.payload)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the app answered; `status` is None when nothing came in time or at all."""

    status: int | None
    body: Any = ""

    @property
    def ok(self) -> bool:
        """Whether the request counts as acknowledged."""
        return self.status == 200


class Courier:
    """Takes requests to the app, over HTTP or over its open socket.

    :param request_url: where the app listens
    :param http: the client to send with
    """

    def __init__(self, workspace: Workspace, request_url: str, http: httpx.AsyncClient) -> None:
        self._workspace = workspace
        self._request_url = request_url
        self._http = http

    def signed(self, body: str, timestamp: int | None = None) -> dict[str, str]:
        """The signature's headers for a body, made now or at `timestamp`.

        The machine's clock counts here, as it does for who verifies, not the workspace's.
        """
        at = str(int(time.time()) if timestamp is None else timestamp)
        signature = SignatureVerifier(self._workspace.signing_secret).generate_signature(
            timestamp=at, body=body
        )
        return {"x-slack-request-timestamp": at, "x-slack-signature": signature or ""}

    async def deliver(self, delivery: Delivery, extra: Mapping[str, str] | None = None) -> Answer:
        """Take a request to the app; `extra` are further headers."""
        if self._workspace.connections:
            return await self._ask(self._workspace.connections[-1], delivery)
        headers = {"content-type": delivery.content_type, **self.signed(delivery.body)}
        return await self.send(delivery.body, {**headers, **(extra or {})})

    async def _ask(self, connection: Connection, delivery: Delivery) -> Answer:
        try:
            async with asyncio.timeout(self._workspace.ack_seconds):
                payload = await connection.ask(delivery.kind, delivery.payload)
        except TimeoutError:
            return Answer(status=None)
        return Answer(status=200, body="" if payload is None else payload)

    async def send(self, body: str, headers: Mapping[str, str]) -> Answer:
        """Send a body exactly as it is."""
        try:
            async with asyncio.timeout(self._workspace.ack_seconds):
                response = await self._http.post(
                    self._request_url, content=body, headers=dict(headers), timeout=None
                )
        except (TimeoutError, httpx.TransportError):
            return Answer(status=None)
        return Answer(status=response.status_code, body=_body(response))


def _body(response: httpx.Response) -> Any:
    if "json" not in response.headers.get("content-type", ""):
        return response.text
    try:
        return response.json()
    except ValueError:
        return response.text
