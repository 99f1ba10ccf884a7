"""What the app may answer to a submitted modal."""

from __future__ import annotations

from typing import Any

from licbot.sandbox.acceptance import accept_view
from licbot.sandbox.records import Json, Refused, View
from licbot.sandbox.workspace import Workspace


def apply_answer(workspace: Workspace, view: View, body: Any) -> dict[str, str]:
    """Do what the app answered; the errors by block_id that keep the modal open, if any.

    :raises Refused: the answer is not one that a client understands
    """
    if body in ("", {}, None):
        workspace.close_view(view)
        return {}
    if not isinstance(body, dict):
        raise _misunderstood(workspace, "the answer must be a JSON object")
    action = body.get("response_action")
    if action == "errors":
        return _apply_errors(workspace, view, body.get("errors"))
    if action == "clear":
        workspace.clear_views(view.user)
    elif action == "update":
        workspace.update_view(view, _modal(workspace, body, replacing=view))
    elif action == "push":
        workspace.push_view(view.user, _modal(workspace, body))
    else:
        raise _misunderstood(workspace, f"unknown response_action: {action}")
    return {}


def _modal(workspace: Workspace, body: Json, replacing: View | None = None) -> Json:
    payload = accept_view(workspace, body.get("view"), replacing)
    if payload["type"] != "modal":
        raise _misunderstood(workspace, "the view must be a modal")
    return payload


def _apply_errors(workspace: Workspace, view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise _misunderstood(workspace, "errors must name at least one block")
    stray = errors.keys() - inputs
    if stray:
        raise _misunderstood(workspace, f"not an input block: {', '.join(sorted(stray))}")
    view.errors = {block_id: str(error) for block_id, error in errors.items()}
    view.notice = ""
    workspace.announce_view(view)
    return view.errors


def _misunderstood(workspace: Workspace, why: str) -> Refused:
    refused = Refused("invalid_response_action", (f"[ERROR] {why}",))
    workspace.refused.append(refused)
    return refused
