"""A handler's reply, as calls to Slack."""

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block, SectionBlock
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from licbot.ports.conversation import Errors, Replace, Reply, Say, Show, Suggest
from licbot.ports.texts import mrkdwn, plain
from licbot.slack.messenger import as_json
from licbot.slack.payloads import Payload

log = structlog.get_logger(__name__)

WAIT = ":hourglass_flowing_sand: licbot asks the licensed system. This may take a few seconds."
DONE = ":white_check_mark: Done."
OPEN_AGAIN = "Close this and begin again to correct it."
LATE = "That took too long for Slack. Try it once more."
TOO_LATE = frozenset(
    {"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "invalid_trigger_id"}
)


async def to_command(reply: Reply, payload: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
    """Answer a slash command: words in the ack itself, a modal by its trigger."""
    match reply:
        case Say():
            await ack(response_type="ephemeral", **message(reply))
        case Show(view=view):
            words = await _open(client.views_open, payload, view)
            await ack(**_ephemeral(words))
        case _:
            await ack()


async def to_late_command(
    reply: Reply, payload: Payload, client: AsyncWebClient, respond: AsyncRespond
) -> None:
    """Answer a slash command whose ack is sent; a modal while its trigger still works."""
    match reply:
        case Say():
            await respond(response_type="ephemeral", **message(reply))
        case Show(view=view):
            words = await _open(client.views_open, payload, view)
            if words:
                await respond(**_ephemeral(words))
        case _:
            pass


async def to_action(
    reply: Reply, payload: Payload, client: AsyncWebClient, respond: AsyncRespond
) -> None:
    """Answer a click: in the modal it came from, or to the person alone."""
    in_modal = payload.get("view", {}).get("type") == "modal"
    match reply:
        case Show(view=view) if in_modal:
            await _open(client.views_push, payload, view)
        case Show(view=view):
            words = await _open(client.views_open, payload, view)
            if words:
                await _whisper(Say(text=words), payload, client, respond)
        case Replace(view=view):
            await _replace(payload, client, view)
        case Say(instead=True) if in_modal:
            await _replace(payload, client, note_view(reply))
        case Say() if in_modal:
            await _note(reply, payload, client)
        case Say():
            await _whisper(reply, payload, client, respond)
        case _:
            pass


async def to_submission(reply: Reply, ack: AsyncAck) -> None:
    """Answer OK in a modal."""
    match reply:
        case Errors(by_block=by_block):
            await ack(response_action="errors", errors=dict(by_block))
        case Replace(view=view) | Show(view=view):
            await ack(response_action="update", view=view.to_dict())
        case Say():
            await ack(response_action="update", view=note_view(reply).to_dict())
        case _:
            await ack()


async def to_suggestion(reply: Reply, ack: AsyncAck) -> None:
    """Answer type-ahead."""
    options = reply.options if isinstance(reply, Suggest) else ()
    await ack(options=[option.to_dict() for option in options][:100])


async def open_waiting(payload: Payload, client: AsyncWebClient) -> str:
    """Open a modal that is filled later; returns its id, empty where Slack did not open it."""
    in_modal = payload.get("view", {}).get("type") == "modal"
    call = client.views_push if in_modal else client.views_open
    try:
        answer = await call(trigger_id=payload["trigger_id"], view=waiting_view().to_dict())
    except SlackApiError as error:
        log.info("no modal to wait in", reason=error.response.get("error"))
        return ""
    return str(answer["view"]["id"])


async def fill(reply: Reply, view_id: str, client: AsyncWebClient) -> None:
    """Put a reply into a modal that was opened to wait for it."""
    try:
        await client.views_update(view_id=view_id, view=_in_place(reply).to_dict())
    except SlackApiError as error:
        if error.response.get("error") not in ("not_found", "view_not_found"):
            raise  # otherwise the person closed it


def _in_place(reply: Reply) -> View:
    match reply:
        case Show(view=view) | Replace(view=view):
            return view
        case Say():
            return note_view(reply)
        case Errors(by_block=by_block):
            return note_view(Say(text="\n".join([*by_block.values(), OPEN_AGAIN])))
    return note_view(Say(text=DONE))


def blocks_of(reply: Say) -> list[Block]:
    """Words as blocks."""
    return list(reply.blocks) or [SectionBlock(text=mrkdwn(reply.text))]


def waiting_view() -> View:
    """What is seen until the answer is there."""
    return note_view(Say(text=WAIT), title="One moment")


def note_view(reply: Say, title: str = "Please note") -> View:
    """Words where a modal is open."""
    blocks = blocks_of(reply)
    return View(type="modal", title=plain(title, 24), close=plain("Close", 24), blocks=blocks)


def message(reply: Say) -> dict[str, Any]:
    """Words as the arguments of Slack's methods."""
    return {"text": reply.text, "blocks": as_json(reply.blocks) or None}


def _ephemeral(words: str) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": words} if words else {}


async def _open(call: Any, payload: Payload, view: View) -> str:
    """Open a modal; returns words for the person where Slack found it too late."""
    try:
        await call(trigger_id=payload["trigger_id"], view=view.to_dict())
    except SlackApiError as error:
        if error.response.get("error") in TOO_LATE:
            return LATE
        raise
    return ""


async def _replace(payload: Payload, client: AsyncWebClient, view: View) -> None:
    """Replace the view that the click came from.

    Requests of one view are served one after another, so what was rendered last is newest even
    where the view has changed since the click; Slack says not_found where it was closed.
    """
    shown = payload["view"]
    try:
        await client.views_update(view_id=shown["id"], hash=shown.get("hash"), view=view.to_dict())
    except SlackApiError as error:
        reason = error.response.get("error")
        if reason == "hash_conflict":
            await client.views_update(view_id=shown["id"], view=view.to_dict())
        elif reason not in ("not_found", "view_not_found"):
            raise


async def _note(reply: Say, payload: Payload, client: AsyncWebClient) -> None:
    """Words to someone in a modal: on top of it, or in its place where the stack is full."""
    view = note_view(reply)
    try:
        await client.views_push(trigger_id=payload["trigger_id"], view=view.to_dict())
    except SlackApiError as error:
        log.info("words replace the modal", reason=error.response.get("error"))
        await _replace(payload, client, view)


async def _whisper(
    reply: Say, payload: Payload, client: AsyncWebClient, respond: AsyncRespond
) -> None:
    """Words to one person, where they clicked."""
    user = payload["user"]["id"]
    channel = (payload.get("channel") or {}).get("id")
    try:
        await client.chat_postEphemeral(channel=channel or user, user=user, **message(reply))
    except SlackApiError as error:
        # In a channel that licbot is no member of, only the response_url reaches the person.
        log.info("answering by response_url", reason=error.response.get("error"))
        await respond(response_type="ephemeral", replace_original=False, **message(reply))
