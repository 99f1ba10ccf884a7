"""What Slack sends, as a request to licbot's steps."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from licbot.ports.conversation import Request, Selection
from licbot.ports.messenger import SentFile

Payload = Mapping[str, Any]


def key_of(payload: Payload) -> str:
    """What tells one delivery from another: the same one, sent again, is the same in all of it."""
    whole = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return f"slack/{hashlib.sha256(whole.encode()).hexdigest()}"


def command_request(payload: Payload, text: str) -> Request:
    """A slash command; ``text`` is what follows the step's name."""
    return Request(
        user=payload["user_id"],
        name=payload.get("user_name", ""),
        team=payload.get("team_id", ""),
        channel=payload.get("channel_id", ""),
        text=text,
    )


def action_request(payload: Payload) -> Request:
    """A click or a choice in a message, a modal or the Home tab."""
    action = payload["actions"][0]
    surface = payload.get("view") or payload.get("message") or {}
    state = payload.get("view", {}).get("state") or payload.get("state") or {}
    group = _selection(surface, action.get("block_id", ""), action)
    return _request(
        payload,
        action=action["action_id"],
        value=_value(action),
        selection=group if action.get("type") == "checkboxes" else None,
        surface=surface,
        state=state,
    )


def submission_request(payload: Payload) -> Request:
    """OK in a modal."""
    view = payload["view"]
    return _request(
        payload, action=view.get("callback_id", ""), surface=view, state=view.get("state") or {}
    )


def suggestion_request(payload: Payload) -> Request:
    """Type-ahead in a select."""
    surface = payload.get("view") or payload.get("message") or {}
    return _request(
        payload, action=payload["action_id"], value=payload.get("value", ""), surface=surface
    )


def _request(
    payload: Payload,
    *,
    action: str,
    value: str = "",
    selection: Selection | None = None,
    surface: Payload,
    state: Payload | None = None,
) -> Request:
    user = payload.get("user", {})
    blocks = (state or {}).get("values") or {}
    return Request(
        user=user.get("id", ""),
        name=user.get("username") or user.get("name", ""),
        team=(payload.get("team") or {}).get("id", ""),
        channel=_channel(payload),
        action=action,
        value=value,
        selection=selection,
        metadata=surface.get("private_metadata", ""),
        values=_values(blocks),
        selections=_selections(surface, blocks),
        files=_files(blocks),
        modal=payload.get("view", {}).get("type") == "modal",
    )


def _channel(payload: Payload) -> str:
    channel: str = (payload.get("channel") or {}).get("id") or (payload.get("container") or {}).get(
        "channel_id", ""
    )
    return channel


def _value(action: Payload) -> str:
    """What a button carries, or what was chosen or typed."""
    chosen = action.get("selected_option") or {}
    value = action.get("value") or chosen.get("value") or action.get("selected_user") or ""
    return str(value)


def _values(blocks: Payload) -> Mapping[str, str]:
    return {
        action_id: _value(held)
        for actions in blocks.values()
        for action_id, held in actions.items()
    }


def _files(blocks: Payload) -> Mapping[str, Sequence[SentFile]]:
    return {
        action_id: [_file(file) for file in held.get("files") or ()]
        for actions in blocks.values()
        for action_id, held in actions.items()
        if held.get("type") == "file_input"
    }


def _file(file: Payload) -> SentFile:
    size = file.get("size")
    return SentFile(
        id=str(file.get("id", "")),
        name=str(file.get("name") or file.get("title") or ""),
        size=size if isinstance(size, int) else None,
        address=str(file.get("url_private_download") or file.get("url_private") or ""),
    )


def _selections(surface: Payload, blocks: Payload) -> Sequence[Selection]:
    return [
        _selection(surface, block_id, held)
        for block_id, actions in blocks.items()
        for held in actions.values()
        if held.get("type") == "checkboxes"
    ]


def _selection(surface: Payload, block_id: str, held: Payload) -> Selection:
    element = _check_boxes(surface, block_id, held.get("action_id", ""))
    return Selection(
        block_id=block_id,
        listed=_option_values(element.get("options")),
        shown=_option_values(element.get("initial_options")),
        ticked=_option_values(held.get("selected_options")),
    )


def _check_boxes(surface: Payload, block_id: str, action_id: str) -> Payload:
    for block in surface.get("blocks") or ():
        if block.get("block_id") == block_id:
            for element in _elements(block):
                if element.get("type") == "checkboxes" and (
                    not action_id or element.get("action_id") == action_id
                ):
                    return element
    return {}


def _elements(block: Payload) -> Iterable[Payload]:
    single = [block[key] for key in ("element", "accessory") if block.get(key)]
    return [*single, *(block.get("elements") or ())]


def _option_values(options: Sequence[Payload] | None) -> frozenset[str]:
    return frozenset(option["value"] for option in options or () if "value" in option)
