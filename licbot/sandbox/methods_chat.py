"""The `chat.` methods."""

from __future__ import annotations

from licbot.sandbox.acceptance import accept_message
from licbot.sandbox.methods import Method, argument, known_channel, known_user
from licbot.sandbox.records import Channel, Json, Message, Refused
from licbot.sandbox.shapes import message_json, permalink
from licbot.sandbox.workspace import Workspace


def _place(workspace: Workspace, arguments: Json) -> Channel:
    channel = known_channel(workspace, argument(arguments, "channel"))
    public = channel.kind == "public" and "chat:write.public" in workspace.app.scopes
    if workspace.app.bot_user_id not in channel.members and not public:
        raise Refused("not_in_channel")
    return channel


def _find(workspace: Workspace, channel: Channel, ts: str) -> Message:
    message = workspace.messages.get(ts)
    if message is None or message.deleted or message.channel != channel.id:
        raise Refused("message_not_found")
    if message.ephemeral_for is not None:
        raise Refused("message_not_found")
    return message


def _post_message(workspace: Workspace, arguments: Json) -> Json:
    channel = _place(workspace, arguments)
    text, blocks = accept_message(workspace, arguments.get("text"), arguments.get("blocks"))
    app = workspace.app
    message = workspace.post(
        channel.id,
        app.bot_user_id,
        text,
        blocks,
        bot_id=app.bot_id,
        thread_ts=arguments.get("thread_ts"),
        metadata=arguments.get("metadata"),
    )
    shown = message_json(workspace, message)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _post_ephemeral(workspace: Workspace, arguments: Json) -> Json:
    channel = _place(workspace, arguments)
    user = known_user(workspace, argument(arguments, "user"))
    if user.id not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = accept_message(workspace, arguments.get("text"), arguments.get("blocks"))
    app = workspace.app
    message = workspace.post(
        channel.id,
        app.bot_user_id,
        text,
        blocks,
        bot_id=app.bot_id,
        ephemeral_for=user.id,
        thread_ts=arguments.get("thread_ts"),
    )
    return {"message_ts": message.ts}


def _update(workspace: Workspace, arguments: Json) -> Json:
    channel = _place(workspace, arguments)
    message = _find(workspace, channel, argument(arguments, "ts"))
    if message.bot_id != workspace.app.bot_id:
        raise Refused("cant_update_message")
    given = {key: arguments[key] for key in ("text", "blocks") if arguments.get(key) is not None}
    if not given:
        raise Refused("no_text")
    # What is not given stays as it is.
    whole = {"text": message.text, "blocks": message.blocks} | given
    text, blocks = accept_message(workspace, whole["text"], whole["blocks"])
    workspace.edit(message, text, blocks)
    shown = message_json(workspace, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def _delete(workspace: Workspace, arguments: Json) -> Json:
    channel = _place(workspace, arguments)
    message = _find(workspace, channel, argument(arguments, "ts"))
    if message.bot_id != workspace.app.bot_id:
        raise Refused("cant_delete_message")
    workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def _get_permalink(workspace: Workspace, arguments: Json) -> Json:
    channel = known_channel(workspace, argument(arguments, "channel"))
    message = _find(workspace, channel, argument(arguments, "message_ts"))
    return {"channel": channel.id, "permalink": permalink(workspace, message)}


METHODS = {
    "chat.delete": Method(run=_delete, scope="chat:write"),
    "chat.getPermalink": Method(run=_get_permalink),
    "chat.postEphemeral": Method(run=_post_ephemeral, scope="chat:write"),
    "chat.postMessage": Method(run=_post_message, scope="chat:write"),
    "chat.update": Method(run=_update, scope="chat:write"),
}
