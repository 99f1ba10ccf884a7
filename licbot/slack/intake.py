"""What is let through to Bolt: Slack's own requests, of Slack's form and size."""

import json
from collections.abc import AsyncIterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.signature import SignatureVerifier

MOST_BYTES = 2_000_000
"""A view may have 250 kB, and its state as much again; form encoding can triple that."""

Headers = Mapping[str, str]


def refusal(headers: Headers, body: bytes, verifier: SignatureVerifier) -> int | None:
    """The HTTP status a request is refused with; ``None`` where it is let through.

    Nothing of the body is read before its signature holds.
    """
    stamp, signature = (
        headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature")
    )
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        return 401
    if not _is_signed(verifier, body, stamp, signature):
        return 401
    return None if is_well_formed(body, headers.get("content-type", "")) else 400


async def read_bounded(chunks: AsyncIterable[bytes]) -> bytes | None:
    """The body of a request; ``None`` where it is larger than any of Slack's."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _is_signed(verifier: SignatureVerifier, body: bytes, stamp: str, signature: str) -> bool:
    try:
        return verifier.is_valid(body.decode(), stamp, signature)
    except (UnicodeDecodeError, TypeError):  # compare_digest takes ASCII only
        return False


def is_well_formed(body: bytes, content_type: str) -> bool:
    """Whether this is one of the deliveries that Slack makes, with all that licbot reads of it."""
    try:
        payload = _payload(body.decode(), content_type)
    except (ValueError, RecursionError):
        return False
    if not isinstance(payload, dict):
        return False
    kind = payload.get("type")
    if "command" in payload:
        return _has_texts(payload, "command", "user_id")
    if kind in ("block_actions", "view_submission", "view_closed", "block_suggestion"):
        return _is_interaction(payload, kind)
    if kind == "event_callback":
        return _is_event(payload.get("event"))
    return kind is None or isinstance(kind, str)


def _payload(text: str, content_type: str) -> Any:
    if content_type.startswith("application/json"):
        return json.loads(text)
    fields = parse_qs(text, keep_blank_values=True, max_num_fields=100)
    if "payload" in fields:
        return json.loads(fields["payload"][0])
    return {name: values[0] for name, values in fields.items()}


def _is_interaction(payload: Mapping[str, Any], kind: str) -> bool:
    if not _has_texts(payload.get("user"), "id"):
        return False
    if not all(
        payload.get(key) is None or isinstance(payload[key], dict)
        for key in ("view", "message", "state", "channel", "container", "team")
    ):
        return False
    if kind == "block_actions":
        actions = payload.get("actions")
        return bool(isinstance(actions, list) and actions and _has_texts(actions[0], "action_id"))
    if kind == "block_suggestion":
        return _has_texts(payload, "action_id")
    return isinstance(payload.get("view"), dict)


def _is_event(event: Any) -> bool:
    if not _has_texts(event, "type"):
        return False
    return event["type"] != "app_home_opened" or _has_texts(event, "user")


def _has_texts(record: Any, *keys: str) -> bool:
    return isinstance(record, dict) and all(isinstance(record.get(key), str) for key in keys)
