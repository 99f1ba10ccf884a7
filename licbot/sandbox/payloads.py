"""The requests that tell the app what a person did."""

from __future__ import annotations

from typing import Any

from licbot.sandbox.delivery import Delivery
from licbot.sandbox.elements import Placed
from licbot.sandbox.records import Channel, Json, Message, User, View
from licbot.sandbox.shapes import message_json, view_json
from licbot.sandbox.surfaces import Target
from licbot.sandbox.workspace import Workspace

_TOKEN = "verification-token"  # noqa: S105  Slack sends one still; nobody may rely on it
_COPIED = ("text", "value", "url", "style", "placeholder", "confirm")


def _common(workspace: Workspace, user: User, kind: str) -> Json:
    team = workspace.team
    return {
        "type": kind,
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": team.id,
        },
        "api_app_id": workspace.app.id,
        "token": _TOKEN,
    }


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": _channel_name(channel)}


def _channel_name(channel: Channel) -> str:
    if channel.kind == "private":
        return "privategroup"
    return "directmessage" if channel.kind == "im" else channel.name


def _where(workspace: Workspace, user: User, target: Target) -> Json:
    """The part of a payload that says where on a message or a view something happened."""
    if isinstance(target.where, View):
        inside = {"type": "view", "view_id": target.where.id}
        return {"container": inside, "view": view_json(workspace, target.where)}
    message = target.where
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    where: Json = {
        "container": container,
        "channel": _channel(workspace.channels[message.channel]),
        "state": {"values": workspace.message_state(message, user.id)},
    }
    # Slack does not send the content of ephemeral messages back.
    if message.ephemeral_for is None:
        where["message"] = message_json(workspace, message)
    return where


def block_action(
    workspace: Workspace, user: User, target: Target, item: Placed, value: Json
) -> Delivery:
    """Someone used an element; `value` is what they chose, as the element's state has it."""
    element = item.element
    action = {key: element[key] for key in _COPIED if key in element}
    action |= {
        **value,
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": item.block["block_id"],
        "action_ts": workspace.next_ts(),
    }
    payload = _common(workspace, user, "block_actions") | _where(workspace, user, target)
    payload["trigger_id"] = workspace.issue_trigger(user.id, target.modal_id)
    payload["actions"] = [action]
    if isinstance(target.where, Message):
        at = target.where
        payload["response_url"] = workspace.issue_response_url(user.id, at.channel, at.ts)
    return Delivery(kind="interactive", payload=payload)


def block_suggestion(
    workspace: Workspace, user: User, target: Target, item: Placed, typed: str
) -> Delivery:
    """Someone looks for options."""
    payload = _common(workspace, user, "block_suggestion") | _where(workspace, user, target)
    payload |= {
        "action_id": item.element["action_id"],
        "block_id": item.block["block_id"],
        "value": typed,
    }
    return Delivery(kind="interactive", payload=payload)


def view_submission(workspace: Workspace, user: User, view: View) -> Delivery:
    """Someone submitted a modal."""
    payload = _common(workspace, user, "view_submission")
    payload |= {
        "trigger_id": workspace.issue_trigger(user.id, view.id),
        "view": view_json(workspace, view),
        "response_urls": [],
    }
    return Delivery(kind="interactive", payload=payload)


def view_closed(workspace: Workspace, user: User, view: View, *, cleared: bool) -> Delivery:
    """Someone closed a modal, alone or with all others."""
    payload = _common(workspace, user, "view_closed")
    payload |= {"view": view_json(workspace, view), "is_cleared": cleared}
    return Delivery(kind="interactive", payload=payload)


def slash_command(
    workspace: Workspace, user: User, channel: Channel, command: str, text: str
) -> Delivery:
    """Someone sent a slash command."""
    team = workspace.team
    payload = {
        "token": _TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": workspace.issue_response_url(user.id, channel.id),
        "trigger_id": workspace.issue_trigger(user.id),
    }
    return Delivery(kind="slash_commands", payload=payload)


def event(workspace: Workspace, content: Json) -> Delivery:
    """Something happened that the app is subscribed to."""
    app, team = workspace.app, workspace.team
    authorization = {
        "enterprise_id": None,
        "team_id": team.id,
        "user_id": app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    payload: dict[str, Any] = {
        "token": _TOKEN,
        "team_id": team.id,
        "api_app_id": app.id,
        "event": {"event_ts": workspace.next_ts(), **content},
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }
    return Delivery(kind="events_api", payload=payload)
