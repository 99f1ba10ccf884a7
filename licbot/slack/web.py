"""The web application: Slack's requests, and how the process is."""

from collections.abc import Awaitable, Callable, Sequence

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Ready = Callable[[], Awaitable[Sequence[str]]]
"""What keeps the process from being ready, in words."""


def routes(app: AsyncApp, ready: Ready, *, http: bool) -> list[Route]:
    """The routes.

    http: whether Slack's requests are taken here; without a signing secret they never are.
    """
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(_: Request) -> Response:
        problems = list(await ready())
        return JSONResponse(
            {"ok": not problems, "problems": problems}, status_code=503 if problems else 200
        )

    probes = [Route("/healthz", healthz), Route("/readyz", readyz)]
    return [*probes, Route("/slack/events", events, methods=["POST"])] if http else probes
