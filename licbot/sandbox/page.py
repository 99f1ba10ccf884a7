"""The page in the browser: what people see of the local workspace and do in it.

It answers on loopback names alone, so that no other site can reach it by giving its own name
this machine's address, and takes actions only from itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from licbot.sandbox.acting import Acts
from licbot.sandbox.actions import Actions, Outcome
from licbot.sandbox.records import Change, Message
from licbot.sandbox.rendering import environment
from licbot.sandbox.stage import Stage, Standpoint, address, personas
from licbot.sandbox.workspace import Workspace

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
OWN_HEADER = "x-local-workspace"
HEARTBEAT_SECONDS = 15.0
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Endpoint = Callable[[Request], Awaitable[Response]]


def page_routes(workspace: Workspace, actions: Actions) -> list[BaseRoute]:
    """The routes of the page, to be included beside those of the Web API."""
    page = _Page(workspace, actions)
    static = StaticFiles(directory=Path(__file__).parent / "static")
    return [
        Route("/", _guarded(page.show)),
        Route("/fragment", _guarded(page.fragment)),
        Route("/archives/{channel}/{message}", _guarded(page.permalink)),
        Route("/download/{file}", _guarded(page.download)),
        Route("/events", _guarded(page.events)),
        Route("/act", _guarded(page.act), methods=["POST"]),
        Route("/suggest", _guarded(page.suggest), methods=["POST"]),
        Route("/upload", _guarded(page.upload), methods=["POST"]),
        Mount("/static", static),
    ]


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Refuses what does not come from this machine's own page; adds the security headers."""

    async def guarded(request: Request) -> Response:
        _require_loopback_name(request)
        if request.method == "POST":
            _require_own_page(request)
        response = await endpoint(request)
        response.headers.update(HEADERS)
        return response

    return guarded


def _require_loopback_name(request: Request) -> None:
    if _host_name("//" + request.headers.get("host", "")) not in LOOPBACK_NAMES:
        raise HTTPException(HTTPStatus.MISDIRECTED_REQUEST, "Open this page as 127.0.0.1.")


def _require_own_page(request: Request) -> None:
    """A form or script elsewhere can set neither our header nor the same origin."""
    headers = request.headers
    origin = headers.get("origin", "")
    same_origin = urlsplit(origin).netloc == headers.get("host") if origin else True
    same_site = headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if not (headers.get(OWN_HEADER) and same_origin and same_site):
        raise HTTPException(HTTPStatus.FORBIDDEN, "Only the page itself may act.")


def _host_name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


class _Page:
    """The endpoints of the page over one workspace."""

    def __init__(self, workspace: Workspace, actions: Actions) -> None:
        self._workspace = workspace
        self._actions = actions
        self._acts = Acts(workspace, actions)

    # What is shown

    async def show(self, request: Request) -> Response:
        """The whole page."""
        return self._render(request, "page.html")

    async def fragment(self, request: Request) -> Response:
        """The part of the page that changes."""
        return self._render(request, "app.html")

    def _render(self, request: Request, template: str) -> Response:
        at = self._standpoint(request)
        if at is None:
            return HTMLResponse(environment().get_template("nobody.html").render())
        scene = Stage(self._workspace, at).scene()
        return HTMLResponse(environment().get_template(template).render(scene=scene))

    def _standpoint(self, request: Request) -> Standpoint | None:
        """Who looks and where; None while the workspace has no people."""
        people = [user.id for user in personas(self._workspace)]
        if not people:
            return None
        wanted = request.query_params
        user = wanted["as"] if wanted.get("as") in people else people[0]
        direct = self._workspace.direct_messages(user)
        if wanted.get("tab") == "home":
            return Standpoint(user=user, channel=direct.id, home=True)
        channels = [channel.id for channel in self._workspace.channels_of(user)]
        first = next((c for c in channels if c != direct.id), direct.id)
        channel = wanted["channel"] if wanted.get("channel") in channels else first
        return Standpoint(user=user, channel=channel, before=wanted.get("before", ""))

    async def permalink(self, request: Request) -> Response:
        """A message's own address leads into its conversation, as the person who looks."""
        digits = request.path_params["message"].removeprefix("p")
        ts = f"{digits[:-6]}.{digits[-6:]}"
        message = self._workspace.messages.get(ts)
        at = self._standpoint(request)
        if at is None or message is None or message.channel != request.path_params["channel"]:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such message.")
        user = request.query_params.get("as") or self._someone_who_sees(message, at.user)
        return RedirectResponse(address(user, channel=message.channel) + f"#m{ts}")

    def _someone_who_sees(self, message: Message, user: str) -> str:
        people = [user, *(person.id for person in personas(self._workspace))]
        return next((who for who in people if self._workspace.sees(who, message)), user)

    async def download(self, request: Request) -> Response:
        """A file that was shared where the person is."""
        user = request.query_params.get("as", "")
        file = self._workspace.files.get(request.path_params["file"])
        if file is None or not self._may_read(user, file.id):
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file.")
        disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return Response(
            file.content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": disposition},
        )

    def _may_read(self, user: str, file_id: str) -> bool:
        messages = self._workspace.messages.values()
        return any(file_id in m.files and self._workspace.sees(user, m) for m in messages)

    # What changes

    async def events(self, request: Request) -> Response:
        """A server-sent event for each change that the person may see."""
        user = request.query_params.get("as", "")
        return StreamingResponse(self._stream(user), media_type="text/event-stream")

    async def _stream(self, user: str) -> AsyncIterator[str]:
        with self._workspace.listening() as changes:
            yield "event: ready\ndata: {}\n\n"
            while True:
                yield await _next_event(changes, user)

    # What people do

    async def act(self, request: Request) -> Response:
        """One action of a person, named by its kind."""
        given = _given(await request.body())
        try:
            action = self._acts.prepared(self._actor(given["as"]), given)
        except (KeyError, TypeError, ValueError) as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "This is no action.") from error
        return JSONResponse(asdict(await action))

    async def suggest(self, request: Request) -> Response:
        """The options that the app has for what was typed, as list items."""
        given = _given(await request.body())
        try:
            user, list_id = self._actor(given["as"]), str(given["list"])
            chosen = [str(value) for value in given["chosen"]]
            question = self._acts.suggestions(user, given)
        except (KeyError, TypeError, ValueError) as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "This is no question.") from error
        outcome = await question
        surface = self._stage(user).surface
        choices = surface.offered(outcome.options, outcome.option_groups)
        template: Any = environment().get_template("elements.html").module
        html = str(template.choice_items(choices, chosen, list_id))
        return JSONResponse({"ok": outcome.ok, "error": outcome.error, "html": html})

    def _stage(self, user: str) -> Stage:
        direct = self._workspace.direct_messages(user)
        return Stage(self._workspace, Standpoint(user=user, channel=direct.id))

    def _actor(self, user: str) -> str:
        if all(person.id != user for person in personas(self._workspace)):
            raise KeyError(user)
        return user

    async def upload(self, request: Request) -> Response:
        """Files for a conversation or a file input; the last outcome is told."""
        async with request.form(max_files=10) as form:
            user = self._uploader(form)
            outcome = Outcome(ok=False, error="There was no file.")
            for item in form.getlist("file"):
                if isinstance(item, UploadFile):
                    outcome = await self._upload(user, form, item)
                    if not outcome.ok:
                        break
        return JSONResponse(asdict(outcome))

    def _uploader(self, form: FormData) -> str:
        try:
            return self._actor(_word(form, "as"))
        except KeyError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "Nobody sent this.") from error

    async def _upload(self, user: str, form: FormData, item: UploadFile) -> Outcome:
        return await self._actions.upload(
            user,
            item.filename or "file",
            await item.read(),
            channel=_word(form, "channel"),
            view_id=_word(form, "view_id"),
            block_id=_word(form, "block_id"),
            action_id=_word(form, "action_id"),
        )


async def _next_event(changes: asyncio.Queue[Change], user: str) -> str:
    """The next change the person may see, or a comment that keeps the connection alive."""
    try:
        change = await asyncio.wait_for(changes.get(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return ": still here\n\n"
    if change.kind != "user" and change.user not in (None, user):
        return ": not for you\n\n"
    data = json.dumps({"kind": change.kind, "channel": change.channel})
    return f"event: change\ndata: {data}\n\n"


def _given(body: bytes) -> Mapping[str, Any]:
    try:
        given = json.loads(body)
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "This is no JSON.") from error
    return given if isinstance(given, dict) else {}


def _word(form: FormData, key: str) -> str:
    value = form.get(key, "")
    return value if isinstance(value, str) else ""
