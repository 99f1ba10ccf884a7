"""The local workspace as one web application: Web API, files, answers and the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from licbot.sandbox.actions import Actions
from licbot.sandbox.methods_files import file_routes
from licbot.sandbox.page import page_routes
from licbot.sandbox.responses import response_route
from licbot.sandbox.sockets import socket_route
from licbot.sandbox.webapi import web_api
from licbot.sandbox.workspace import Workspace


def create_sandbox(workspace: Workspace, request_url: str) -> Starlette:
    """The workspace at `/`, its Web API below `/api/`.

    Set `workspace.base_url` to where it is served. The app's `state.actions` are what the page
    uses.

    :param request_url: where the app takes what people do
    """
    http = httpx.AsyncClient()
    actions = Actions(workspace, request_url, http)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with http:
            yield

    app = Starlette(
        routes=[
            Mount("/api", web_api(workspace)),
            response_route(workspace),
            socket_route(workspace),
            *file_routes(workspace),
            *page_routes(workspace, actions),
        ],
        lifespan=lifespan,
    )
    app.state.actions = actions
    return app
