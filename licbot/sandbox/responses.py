"""Answers to interactions by `response_url`, and those that come with the acknowledgement."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from licbot.sandbox.acceptance import accept_message
from licbot.sandbox.records import Json, Message, Refused, ResponseUrl
from licbot.sandbox.workspace import Workspace


def say(workspace: Workspace, user: str, channel: str, body: Json) -> Message:
    """Show the message that the app answers an interaction with.

    Only `user` sees it unless its response_type is in_channel.
    """
    text, blocks = accept_message(workspace, body.get("text"), body.get("blocks"))
    ephemeral = body.get("response_type", "ephemeral") != "in_channel"
    app = workspace.app
    return workspace.post(
        channel,
        app.bot_user_id,
        text,
        blocks,
        bot_id=app.bot_id,
        ephemeral_for=user if ephemeral else None,
        thread_ts=body.get("thread_ts"),
    )


def answer_command(workspace: Workspace, user: str, channel: str, body: Any) -> None:
    """Show what a slash command was acknowledged with, if anything."""
    if isinstance(body, dict) and body:
        say(workspace, user, channel, body)
    elif isinstance(body, str) and body.strip():
        say(workspace, user, channel, {"text": body})


def respond(workspace: Workspace, token: str, body: Json) -> None:
    """Use a `response_url` once.

    :raises Refused: used_url, expired_url, and what `accept_message` refuses
    """
    url = _live_url(workspace, token)
    original = workspace.messages.get(url.message_ts or "")
    if body.get("delete_original") in (True, "true"):
        _take_away(workspace, original)
    elif body.get("replace_original") in (True, "true"):
        _replace(workspace, original, body)
    else:
        say(workspace, url.user, url.channel, body)
    url.uses_left -= 1


def _live_url(workspace: Workspace, token: str) -> ResponseUrl:
    url = workspace.response_urls.get(token)
    if url is None or url.uses_left <= 0:
        raise Refused("used_url")
    if workspace.clock() > url.expires:
        raise Refused("expired_url")
    return url


def _original(workspace: Workspace, message: Message | None) -> Message:
    if message is None or message.deleted or message.bot_id != workspace.app.bot_id:
        raise Refused("message_not_found")
    return message


def _take_away(workspace: Workspace, message: Message | None) -> None:
    workspace.delete(_original(workspace, message))


def _replace(workspace: Workspace, message: Message | None, body: Json) -> None:
    text, blocks = accept_message(workspace, body.get("text"), body.get("blocks"))
    workspace.edit(_original(workspace, message), text, blocks)


def response_route(workspace: Workspace) -> Route:
    """Where answers by `response_url` are sent to."""

    async def take(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        try:
            respond(workspace, request.path_params["token"], body)
        except Refused as refused:
            gone = refused.error in ("used_url", "expired_url", "message_not_found")
            answer = {"ok": False, "error": refused.error, "errors": list(refused.messages)}
            return JSONResponse(answer, 404 if gone else 400)
        return PlainTextResponse("ok")

    return Route("/response/{token}", take, methods=["POST"])
