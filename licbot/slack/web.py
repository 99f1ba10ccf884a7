"""The web application: Slack's requests, and how the process is."""

from collections.abc import Awaitable, Callable, Sequence

from slack_bolt.adapter.starlette.async_handler import (
    to_async_bolt_request,
    to_starlette_response,
)
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from licbot.slack.intake import read_bounded, refusal

Ready = Callable[[], Awaitable[Sequence[str]]]
"""What keeps the process from being ready, in words."""


def routes(app: AsyncApp, ready: Ready, signing_secret: str) -> list[Route]:
    """The routes. Without a signing secret, Slack's requests are not taken here."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(_: Request) -> Response:
        problems = list(await ready())
        return JSONResponse(
            {"ok": not problems, "problems": problems}, status_code=503 if problems else 200
        )

    probes = [Route("/healthz", healthz), Route("/readyz", readyz)]
    return [*probes, _events(app, signing_secret)] if signing_secret else probes


def _events(app: AsyncApp, signing_secret: str) -> Route:
    verifier = SignatureVerifier(signing_secret)

    async def events(request: Request) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return Response(status_code=413)
        if status := refusal(request.headers, body, verifier):
            return Response(status_code=status)
        return to_starlette_response(await app.async_dispatch(to_async_bolt_request(request, body)))

    return Route("/slack/events", events, methods=["POST"])
