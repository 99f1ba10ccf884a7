"""The `views.` methods."""

from __future__ import annotations

from typing import Any

from licbot.sandbox.acceptance import accept_view
from licbot.sandbox.methods import Method, argument, known_user
from licbot.sandbox.records import Json, Refused, View
from licbot.sandbox.shapes import view_json
from licbot.sandbox.workspace import Workspace


def _modal(workspace: Workspace, arguments: Json) -> Json:
    view = accept_view(workspace, arguments.get("view"))
    if view["type"] != "modal":
        raise Refused("invalid_arguments", ("[ERROR] must be modal [json-pointer:/view/type]",))
    return view


def _open(workspace: Workspace, arguments: Json) -> Json:
    view = _modal(workspace, arguments)
    trigger = workspace.spend_trigger(argument(arguments, "trigger_id"))
    return {"view": view_json(workspace, workspace.open_view(trigger.user, view))}


def _push(workspace: Workspace, arguments: Json) -> Json:
    view = _modal(workspace, arguments)
    trigger = workspace.spend_trigger(argument(arguments, "trigger_id"))
    below = workspace.view(trigger.view_id) if trigger.view_id else None
    if below is None or below.type != "modal":
        raise Refused("not_found")
    return {"view": view_json(workspace, workspace.push_view(trigger.user, view))}


def _update(workspace: Workspace, arguments: Json) -> Json:
    view = _named_view(workspace, arguments)
    _same_hash(view, arguments.get("hash"))
    payload = accept_view(workspace, arguments.get("view"), replacing=view)
    return {"view": view_json(workspace, workspace.update_view(view, payload))}


def _named_view(workspace: Workspace, arguments: Json) -> View:
    external_id = arguments.get("external_id")
    if external_id:
        view = workspace.view_by_external_id(str(external_id))
    else:
        view = workspace.view(argument(arguments, "view_id"))
    if view is None:
        raise Refused("not_found")
    return view


def _same_hash(view: View | None, given: Any) -> None:
    if given and view is not None and given != view.hash:
        raise Refused("hash_conflict")


def _publish(workspace: Workspace, arguments: Json) -> Json:
    user = known_user(workspace, argument(arguments, "user_id"))
    present = workspace.homes.get(user.id)
    _same_hash(present, arguments.get("hash"))
    payload = accept_view(workspace, arguments.get("view"), replacing=present)
    if payload["type"] != "home":
        raise Refused("invalid_arguments", ("[ERROR] must be home [json-pointer:/view/type]",))
    return {"view": view_json(workspace, workspace.publish_home(user.id, payload))}


METHODS = {
    "views.open": Method(run=_open),
    "views.publish": Method(run=_publish),
    "views.push": Method(run=_push),
    "views.update": Method(run=_update),
}
