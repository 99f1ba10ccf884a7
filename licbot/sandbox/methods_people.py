"""The methods about people, conversations, the team and the app itself."""

from __future__ import annotations

from collections.abc import Iterable

from licbot.sandbox.methods import Method, argument, flag, known_channel, known_user, require
from licbot.sandbox.records import Channel, ChannelKind, Json, Refused
from licbot.sandbox.shapes import bot_json, channel_json, page_of, user_json
from licbot.sandbox.workspace import Workspace

_READ_SCOPE: dict[ChannelKind, str] = {
    "public": "channels:read",
    "private": "groups:read",
    "im": "im:read",
}
_KIND_OF_TYPE: dict[str, ChannelKind] = {
    "public_channel": "public",
    "private_channel": "private",
    "im": "im",
}


def _api_test(_workspace: Workspace, arguments: Json) -> Json:
    if arguments.get("error"):
        raise Refused(str(arguments["error"]))
    return {"args": arguments}


def _auth_test(workspace: Workspace, _arguments: Json) -> Json:
    app, team = workspace.app, workspace.team
    return {
        "url": f"{workspace.base_url}/",
        "team": team.name,
        "user": app.name,
        "team_id": team.id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "app_id": app.id,
        "is_enterprise_install": False,
    }


def _team_info(workspace: Workspace, _arguments: Json) -> Json:
    team = workspace.team
    url = f"{workspace.base_url}/"
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "url": url}}


def _bots_info(workspace: Workspace, arguments: Json) -> Json:
    if argument(arguments, "bot") != workspace.app.bot_id:
        raise Refused("bot_not_found")
    return {"bot": bot_json(workspace)}


def _users_info(workspace: Workspace, arguments: Json) -> Json:
    user = known_user(workspace, argument(arguments, "user"))
    return {"user": user_json(workspace, user, locale=flag(arguments, "include_locale"))}


def _users_list(workspace: Workspace, arguments: Json) -> Json:
    page, cursor = page_of(list(workspace.users.values()), arguments)
    locale = flag(arguments, "include_locale")
    members = [user_json(workspace, user, locale=locale) for user in page]
    now = int(workspace.clock())
    return {"members": members, "cache_ts": now, "response_metadata": {"next_cursor": cursor}}


def _lookup_by_email(workspace: Workspace, arguments: Json) -> Json:
    wanted = argument(arguments, "email").casefold()
    for user in workspace.users.values():
        if user.email.casefold() == wanted and not user.deleted:
            return {"user": user_json(workspace, user)}
    raise Refused("users_not_found")


def _list_channels(workspace: Workspace, found: Iterable[Channel], arguments: Json) -> Json:
    named = str(arguments.get("types") or "public_channel").replace(" ", "").split(",")
    kinds = {_KIND_OF_TYPE[name] for name in named if name in _KIND_OF_TYPE}
    for kind in sorted(kinds):
        require(workspace, _READ_SCOPE[kind])
    page, cursor = page_of([c for c in found if c.kind in kinds], arguments)
    channels = [channel_json(workspace, channel) for channel in page]
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


def _conversations_list(workspace: Workspace, arguments: Json) -> Json:
    bot = workspace.app.bot_user_id
    found = [c for c in workspace.channels.values() if c.kind == "public" or bot in c.members]
    return _list_channels(workspace, found, arguments)


def _users_conversations(workspace: Workspace, arguments: Json) -> Json:
    bot = workspace.app.bot_user_id
    user = known_user(workspace, str(arguments.get("user") or bot))
    shared = workspace.channels_of(user.id)
    found = [c for c in shared if c.kind == "public" or bot in c.members]
    return _list_channels(workspace, found, arguments)


def _readable_channel(workspace: Workspace, arguments: Json) -> Channel:
    name = argument(arguments, "channel")
    if name not in workspace.channels:
        raise Refused("channel_not_found")
    channel = known_channel(workspace, name)
    require(workspace, _READ_SCOPE[channel.kind])
    return channel


def _conversations_info(workspace: Workspace, arguments: Json) -> Json:
    return {"channel": channel_json(workspace, _readable_channel(workspace, arguments))}


def _conversations_members(workspace: Workspace, arguments: Json) -> Json:
    channel = _readable_channel(workspace, arguments)
    page, cursor = page_of(channel.members, arguments)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def _conversations_open(workspace: Workspace, arguments: Json) -> Json:
    users = argument(arguments, "users").split(",")
    if len(users) > 1:
        raise Refused("method_not_supported_for_channel_type")
    user = known_user(workspace, users[0])
    if user.deleted:
        raise Refused("user_disabled")
    channel = workspace.direct_messages(user.id)
    if flag(arguments, "return_im"):
        return {"channel": channel_json(workspace, channel)}
    return {"channel": {"id": channel.id}}


def _usergroup_users(workspace: Workspace, arguments: Json) -> Json:
    members = workspace.usergroups.get(argument(arguments, "usergroup"))
    if members is None:
        raise Refused("no_such_subteam")
    return {"users": [m for m in members if not workspace.users[m].deleted]}


METHODS = {
    "api.test": Method(run=_api_test, anyone=True),
    "auth.test": Method(run=_auth_test),
    "bots.info": Method(run=_bots_info, scope="users:read"),
    "conversations.info": Method(run=_conversations_info),
    "conversations.list": Method(run=_conversations_list),
    "conversations.members": Method(run=_conversations_members),
    "conversations.open": Method(run=_conversations_open, scope="im:write"),
    "team.info": Method(run=_team_info, scope="team:read"),
    "usergroups.users.list": Method(run=_usergroup_users, scope="usergroups:read"),
    "users.conversations": Method(run=_users_conversations),
    "users.info": Method(run=_users_info, scope="users:read"),
    "users.list": Method(run=_users_list, scope="users:read"),
    "users.lookupByEmail": Method(run=_lookup_by_email, scope="users:read.email"),
}
