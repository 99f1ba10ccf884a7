"""The workspace's records as Slack's JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from licbot.sandbox.records import Channel, File, Json, Message, User, View
from licbot.sandbox.workspace import Workspace


def user_json(workspace: Workspace, user: User, *, locale: bool = False) -> Json:
    """A user; the address only where the app may read it."""
    profile: Json = {
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "team": workspace.team.id,
    }
    if user.email and "users:read.email" in workspace.app.scopes:
        profile["email"] = user.email
    if user.is_bot:
        profile |= {"bot_id": workspace.app.bot_id, "api_app_id": workspace.app.id}
    shown: Json = {
        "id": user.id,
        "team_id": workspace.team.id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "profile": profile,
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.restricted,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_email_confirmed": user.is_email_confirmed,
        "updated": 0,
    }
    return shown | ({"locale": user.locale} if locale else {})


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """A conversation as the bot sees it."""
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_im": channel.kind == "im",
        "is_archived": False,
        "is_org_shared": False,
    }
    bot = workspace.app.bot_user_id
    if channel.kind == "im":
        other = next((m for m in channel.members if m != bot), bot)
        return {**common, "user": other, "is_user_deleted": workspace.users[other].deleted}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "is_general": False,
        "is_shared": False,
        "is_ext_shared": False,
        "is_member": bot in channel.members,
        "num_members": len(channel.members),
        "context_team_id": workspace.team.id,
    }


def message_json(workspace: Workspace, message: Message) -> Json:
    """A message."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": workspace.team.id,
    }
    if message.bot_id:
        shown |= {"bot_id": message.bot_id, "app_id": workspace.app.id}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.edited}
    if message.metadata:
        shown["metadata"] = message.metadata
    if message.files:
        shown["files"] = [file_json(workspace, workspace.files[f]) for f in message.files]
    return shown


def view_json(workspace: Workspace, view: View) -> Json:
    """A view with the ids, the hash and the state it has now."""
    sent = view.payload
    texts = {key: sent.get(key) for key in ("title", "submit", "close")}
    return {
        "id": view.id,
        "team_id": workspace.team.id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": sent.get("private_metadata", ""),
        "callback_id": sent.get("callback_id", ""),
        "external_id": view.external_id,
        "state": {"values": view.state},
        "hash": view.hash,
        **texts,
        "clear_on_close": sent.get("clear_on_close", False),
        "notify_on_close": sent.get("notify_on_close", False),
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "app_id": workspace.app.id,
        "app_installed_team_id": workspace.team.id,
        "bot_id": workspace.app.bot_id,
    }


def file_json(workspace: Workspace, file: File) -> Json:
    """An uploaded file, with the address to fetch it from."""
    address = f"{workspace.base_url}/files/{file.id}/{quote(file.name, safe='')}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "user": file.user,
        "user_team": workspace.team.id,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "url_private": address,
        "url_private_download": address,
        "permalink": address,
        "channels": list(file.channels),
    }


def bot_json(workspace: Workspace) -> Json:
    """The app's bot."""
    app = workspace.app
    return {
        "id": app.bot_id,
        "deleted": False,
        "name": app.name,
        "updated": 0,
        "app_id": app.id,
        "user_id": app.bot_user_id,
    }


def permalink(workspace: Workspace, message: Message) -> str:
    """The address of a message on the page."""
    return f"{workspace.base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"


def page_of(found: list[Any], arguments: Json, default: int = 100) -> tuple[list[Any], str]:
    """One page of a list, and the cursor of the next one."""
    start = int(arguments.get("cursor") or 0)
    end = start + int(arguments.get("limit") or default)
    return found[start:end], str(end) if end < len(found) else ""
