"""Serving an application on the loopback for as long as it is needed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from licbot.testing.superoffice.failures import CUT


@asynccontextmanager
async def serve(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve on the loopback and give the address, such as ``http://127.0.0.1:49152``.

    At the end every connection is closed at once, whatever it waits for.

    :param port: the port to listen on; 0 for any that is free
    """
    config = uvicorn.Config(app, http=_Protocol, ws="none", lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Protocol(config, state, {}), sock=listener)
        try:
            yield address
        finally:
            server.close()
            await _hang_up(state)
            await server.wait_closed()


async def _hang_up(state: ServerState) -> None:
    for connection in list(state.connections):
        connection.transport.abort()
    for task in (running := list(state.tasks)):
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


class _Protocol(H11Protocol):
    """Lets the application cut its connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        app: Any = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CUT] = transport.abort
            await app(scope, receive, send)

        self.app = with_cut
