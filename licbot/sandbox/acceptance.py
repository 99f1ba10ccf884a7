"""The gate that every message and view of the app passes, however it arrives.

What passes is added to `workspace.accepted`, what does not to `workspace.refused`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.records import Accepted, Json, Refused, View
from licbot.sandbox.rules import check_blocks, check_text, check_view, view_bytes
from licbot.sandbox.workspace import Workspace


def accept_message(workspace: Workspace, text: Any, blocks: Any) -> tuple[str, list[Json]]:
    """Take the text and blocks of a message.

    :raises Refused: no_text, msg_too_long, invalid_text_escaping (a rule of this workspace alone),
        invalid_blocks_format, invalid_blocks
    """
    with _remembering(workspace):
        said = _accept_text(workspace, text)
        shown = _accept_blocks(workspace, blocks)
        if not said.strip() and not shown:
            raise Refused("no_text")
    workspace.accepted.append(Accepted(surface="message", payload={"text": said, "blocks": shown}))
    return said, shown


def _accept_text(workspace: Workspace, text: Any) -> str:
    said = "" if text is None else str(text)
    if len(said) > limits.MESSAGE_TEXT:
        raise Refused("msg_too_long")
    wrong = check_text(said, strict_escaping=workspace.strict_escaping)
    if wrong:
        raise Refused("invalid_text_escaping", tuple(wrong))
    return said


def _accept_blocks(workspace: Workspace, blocks: Any) -> list[Json]:
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    wrong = check_blocks(blocks, "message", strict_escaping=workspace.strict_escaping)
    if wrong:
        raise Refused("invalid_blocks", tuple(wrong))
    return blocks


def accept_view(workspace: Workspace, view: Any, replacing: View | None = None) -> Json:
    """Take a modal or a Home tab.

    :param replacing: the view that it is an update of
    :raises Refused: invalid_arguments, view_too_large, duplicate_external_id
    """
    with _remembering(workspace):
        _check_view(workspace, view)
        accepted: Json = view
        _accept_external_id(workspace, accepted, replacing)
        if replacing is not None and replacing.type != accepted["type"]:
            raise Refused("invalid_arguments", ("[ERROR] a view cannot change its type",))
    workspace.accepted.append(Accepted(surface=accepted["type"], payload=accepted))
    return accepted


def _check_view(workspace: Workspace, view: Any) -> None:
    wrong = check_view(view, strict_escaping=workspace.strict_escaping)
    if wrong:
        raise Refused("invalid_arguments", tuple(wrong))
    if view_bytes(view) > limits.VIEW_BYTES:
        raise Refused("view_too_large")


@contextmanager
def _remembering(workspace: Workspace) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        workspace.refused.append(refused)
        raise


def _accept_external_id(workspace: Workspace, view: Json, replacing: View | None) -> None:
    external_id = view.get("external_id")
    holder = workspace.view_by_external_id(external_id) if external_id else None
    if holder is not None and holder is not replacing:
        raise Refused("duplicate_external_id")
