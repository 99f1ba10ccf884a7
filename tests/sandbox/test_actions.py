"""What people do reaches the app as Slack sends it, and its answers have Slack's effects."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.responses import PlainTextResponse

from licbot.sandbox.actions import Actions, Outcome
from licbot.sandbox.records import Json, Message, View
from licbot.sandbox.workspace import SYSTEM_USER, Workspace
from tests.sandbox.conftest import AppStub, Clock


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


CONFIRM: Json = {
    "title": plain("Activate?"),
    "text": plain("3 people lose a licence."),
    "confirm": plain("Activate"),
    "deny": plain("Not now"),
}
BOXES: Json = {
    "type": "checkboxes",
    "action_id": "boxes",
    "options": [option("Anna", "1"), option("Ben", "2"), option("Carl", "3")],
    "initial_options": [option("Ben", "2")],
}
BUTTONS: Json = {
    "type": "actions",
    "block_id": "buttons",
    "elements": [
        {"type": "button", "action_id": "go", "text": plain("Go"), "value": "7"},
        {"type": "button", "action_id": "sure", "text": plain("Activate"), "confirm": CONFIRM},
        {
            "type": "overflow",
            "action_id": "more",
            "options": [option("Cancel", "cancel"), option("Later", "later")],
        },
        BOXES,
        {
            "type": "static_select",
            "action_id": "order",
            "options": [option("Name", "name"), option("Age", "age")],
        },
        {"type": "users_select", "action_id": "who"},
        {"type": "conversations_select", "action_id": "where"},
        {"type": "datepicker", "action_id": "day"},
        {"type": "external_select", "action_id": "find", "min_query_length": 2},
    ],
}


def entry(block_id: str, element: Json, **more: Any) -> Json:
    labelled = {"action_id": "value", **element}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": labelled,
        **more,
    }


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "remove",
        "title": plain("Remove licences"),
        "submit": plain("OK"),
        "blocks": list(blocks) or [{"type": "divider"}],
        **more,
    }


NAME = entry("name", {"type": "plain_text_input", "min_length": 2, "max_length": 5})


@pytest.fixture
def message(workspace: Workspace) -> Message:
    """A message of the app with one element of each kind."""
    app = workspace.app
    return workspace.post("CLICENCES", app.bot_user_id, "Hi", [BUTTONS], bot_id=app.bot_id)


@pytest.fixture
def view(workspace: Workspace) -> View:
    """A modal that Anna has open."""
    return workspace.open_view("UANNA", modal(NAME))


def on(message: Message, action_id: str, user: str = "UANNA") -> Json:
    """How to name an element of the message."""
    names = {"block_id": "buttons", "action_id": action_id}
    return {"user": user, "message_ts": message.ts, **names}


def private_notes(workspace: Workspace, user: str) -> list[str]:
    """What the workspace itself told someone."""
    seen = workspace.visible("CLICENCES", user)
    return [m.text for m in seen if m.user == SYSTEM_USER]


# Commands


async def test_a_command_arrives_as_a_signed_form(
    actions: Actions, stub: AppStub, sample: Callable[[str], Any]
) -> None:
    await actions.command("UANNA", "CLICENCES", "/license review  now")

    kind, payload, headers = stub.requests[-1]
    assert kind == "command"
    assert (payload["command"], payload["text"]) == ("/license", "review  now")
    assert (payload["channel_name"], payload["user_id"]) == ("licences", "UANNA")
    assert payload.keys() <= sample("SlashCommandPayload.json").keys()
    assert SignatureVerifier("shh").is_valid(
        actions.deliveries[-1].body,
        headers["x-slack-request-timestamp"],
        headers["x-slack-signature"],
    )


@pytest.mark.parametrize(
    ("answer", "text", "seen_by_ben"),
    [
        ("Just text", "Just text", False),
        ({"text": "For you"}, "For you", False),
        ({"response_type": "in_channel", "text": "For all"}, "For all", True),
    ],
)
async def test_the_acknowledgement_of_a_command_becomes_a_message(
    actions: Actions,
    stub: AppStub,
    workspace: Workspace,
    answer: Any,
    text: str,
    seen_by_ben: bool,
) -> None:
    stub.answer = lambda _kind, _payload: answer

    assert (await actions.command("UANNA", "CLICENCES", "/license")).ok
    assert workspace.visible("CLICENCES", "UANNA")[-1].text == text
    assert bool(workspace.visible("CLICENCES", "UBEN")) is seen_by_ben


async def test_an_empty_acknowledgement_shows_nothing(
    actions: Actions, workspace: Workspace
) -> None:
    assert (await actions.command("UANNA", "CLICENCES", "/license")).status == 200
    assert workspace.messages == {}


async def test_a_command_that_does_not_exist_reaches_nobody(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    outcome = await actions.command("UANNA", "CLICENCES", "/licence")
    workspace.grant("chat:write")
    without_scope = await actions.command("UANNA", "CLICENCES", "/license")

    assert outcome.error == "There is no command /licence here."
    assert not without_scope.ok
    assert stub.requests == []


async def test_people_act_only_where_they_are_members(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    other = workspace.add_channel("board", members=["UBEN"])
    workspace.change_user("UBEN", deleted=True)

    assert not (await actions.command("UANNA", other.id, "/license")).ok
    assert not (await actions.command("UBEN", other.id, "/license")).ok
    assert not (await actions.command("UNOBODY", other.id, "/license")).ok
    assert stub.requests == []


async def test_an_answer_that_slack_would_refuse_is_not_shown(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    stub.answer = lambda _kind, _payload: {"text": "x", "blocks": [{"type": "marquee"}]}

    outcome = await actions.command("UANNA", "CLICENCES", "/license")

    assert "invalid_blocks" in outcome.error
    assert private_notes(workspace, "UANNA") == [outcome.error]
    assert [refused.error for refused in workspace.refused] == ["invalid_blocks"]


async def test_an_app_that_fails_or_is_silent_is_reported_to_who_asked(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    workspace.ack_seconds = 0.01
    stub.answer = lambda _kind, _payload: asyncio.Event().wait()
    silent = await actions.command("UANNA", "CLICENCES", "/license")
    stub.answer = lambda _kind, _payload: PlainTextResponse("", 500)
    failing = await actions.command("UANNA", "CLICENCES", "/license")

    assert "did not answer in time" in silent.error
    assert silent.status is None
    assert "answered with an error (500)" in failing.error
    assert len(private_notes(workspace, "UANNA")) == 2
    assert private_notes(workspace, "UBEN") == []


async def test_an_acknowledgement_that_only_claims_to_be_json_is_shown_as_text(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    stub.answer = lambda _kind, _payload: PlainTextResponse("{", media_type="application/json")

    await actions.command("UANNA", "CLICENCES", "/license")

    assert workspace.visible("CLICENCES", "UANNA")[-1].text == "{"


@pytest.mark.parametrize(("private", "name"), [(True, "privategroup"), (False, "directmessage")])
async def test_the_names_of_closed_conversations_are_not_told(
    actions: Actions, stub: AppStub, workspace: Workspace, private: bool, name: str
) -> None:
    board = workspace.add_channel("board", private=True, members=["UANNA"])
    channel = board if private else workspace.direct_messages("UANNA")

    await actions.command("UANNA", channel.id, "/license")

    assert stub.last["channel_name"] == name


# Elements on messages


async def test_a_pressed_button_arrives_with_all_that_slack_sends(
    actions: Actions,
    stub: AppStub,
    workspace: Workspace,
    message: Message,
    sample: Callable[[str], Any],
) -> None:
    await actions.press(**on(message, "go"))

    payload, known = stub.last, sample("BlockActionPayload.json")
    assert payload.keys() <= known.keys() | {"message"}
    assert payload["message"].keys() <= known["message"].keys()
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": "CLICENCES",
        "is_ephemeral": False,
    }
    action = payload["actions"][0]
    assert action.keys() <= known["actions"][0].keys()
    assert (action["type"], action["value"], action["action_id"]) == ("button", "7", "go")
    assert payload["state"]["values"]["buttons"]["boxes"]["selected_options"][0]["value"] == "2"
    assert payload["response_url"].startswith(workspace.base_url)
    assert workspace.spend_trigger(payload["trigger_id"]).user == "UANNA"


async def test_a_button_that_asks_for_a_confirmation_is_sent_only_when_confirmed(
    actions: Actions, stub: AppStub, message: Message
) -> None:
    asked = await actions.press(**on(message, "sure"))
    assert (asked.ok, stub.requests) == (False, [])
    assert asked.confirm is not None
    assert asked.confirm["text"]["text"] == "3 people lose a licence."

    assert (await actions.press(**on(message, "sure"), confirmed=True)).ok
    assert stub.last["actions"][0]["action_id"] == "sure"


@pytest.mark.parametrize(
    ("action_id", "values", "key", "expected"),
    [
        ("boxes", ["1", "3"], "selected_options", ["1", "3"]),
        ("boxes", [], "selected_options", []),
        ("order", ["age"], "selected_option", "age"),
        ("order", [], "selected_option", None),
        ("more", ["later"], "selected_option", "later"),
        ("who", ["UBEN"], "selected_user", "UBEN"),
        ("where", ["CLICENCES"], "selected_conversation", "CLICENCES"),
        ("day", ["2026-11-24"], "selected_date", "2026-11-24"),
    ],
)
async def test_a_choice_arrives_as_the_element_writes_it(
    actions: Actions,
    stub: AppStub,
    message: Message,
    action_id: str,
    values: list[str],
    key: str,
    expected: Any,
) -> None:
    assert (await actions.choose(**on(message, action_id), values=values)).ok

    chosen = stub.last["actions"][0][key]
    assert _value(chosen) == expected
    if action_id != "more":
        state = stub.last["state"]["values"]["buttons"][action_id]
        assert _value(state[key]) == expected


def _value(chosen: Any) -> Any:
    if isinstance(chosen, list):
        return [_value(one) for one in chosen]
    return chosen["value"] if isinstance(chosen, dict) else chosen


async def test_what_people_tick_in_a_message_is_their_own(
    actions: Actions, stub: AppStub, message: Message
) -> None:
    await actions.choose(**on(message, "boxes", "UANNA"), values=["1"])
    await actions.choose(**on(message, "boxes", "UBEN"), values=["3"])
    await actions.press(**on(message, "go", "UANNA"))

    assert _value(stub.last["state"]["values"]["buttons"]["boxes"]["selected_options"]) == ["1"]


async def test_ticks_survive_an_update_as_far_as_their_options_do(
    actions: Actions, stub: AppStub, workspace: Workspace, message: Message
) -> None:
    await actions.choose(**on(message, "boxes"), values=["1", "3"])
    fewer = {**BOXES, "options": BOXES["options"][:2]}
    workspace.edit(message, "Hi", [{**BUTTONS, "elements": [*BUTTONS["elements"][:3], fewer]}])
    await actions.press(**on(message, "go"))

    assert _value(stub.last["state"]["values"]["buttons"]["boxes"]["selected_options"]) == ["1"]


@pytest.mark.parametrize(
    ("action_id", "values"),
    [
        ("boxes", ["9"]),
        ("order", ["unknown"]),
        ("more", ["unknown"]),
        ("who", ["UNOBODY"]),
        ("find", ["never suggested"]),
        ("go", ["anything"]),
    ],
)
async def test_what_is_not_offered_cannot_be_chosen(
    actions: Actions, stub: AppStub, message: Message, action_id: str, values: list[str]
) -> None:
    assert not (await actions.choose(**on(message, action_id), values=values)).ok
    assert stub.requests == []


async def test_what_is_not_there_cannot_be_used(
    actions: Actions, stub: AppStub, workspace: Workspace, message: Message
) -> None:
    eva = workspace.add_user("eva", id="UEVA")
    gone = await actions.press(**on(message, "gone"))
    stranger = await actions.press(**on(message, "go", eva.id))
    wrong_kind = await actions.press(**on(message, "boxes"))
    workspace.delete(message)
    deleted = await actions.press(**on(message, "go"))

    assert gone.error == "This is no longer there; please look again."
    assert stranger.error == deleted.error == "This message is no longer there."
    assert wrong_kind.error == "Only buttons can be pressed."
    assert stub.requests == []


async def test_the_content_of_an_ephemeral_message_is_not_sent_back(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    note = workspace.post("CLICENCES", "U0000000001", "x", [BUTTONS], ephemeral_for="UANNA")

    await actions.press(**on(note, "go"))

    assert stub.last["container"]["is_ephemeral"] is True
    assert "message" not in stub.last


async def test_a_press_in_a_thread_tells_which_one(
    actions: Actions, stub: AppStub, workspace: Workspace, message: Message
) -> None:
    reply = workspace.post("CLICENCES", "U0000000001", "x", [BUTTONS], thread_ts=message.ts)
    workspace.edit(reply, "y", [BUTTONS])

    await actions.press(**on(reply, "go"))

    assert stub.last["container"]["thread_ts"] == message.ts
    assert stub.last["message"]["thread_ts"] == message.ts
    assert stub.last["message"]["edited"]["ts"] == reply.edited


async def test_a_press_in_a_modal_that_the_app_does_not_take_is_noted_there(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    stub.answer = lambda _kind, _payload: PlainTextResponse("", 500)
    view = workspace.open_view("UANNA", modal(BUTTONS))

    confirm_first = await actions.choose(
        "UANNA", view_id=view.id, block_id="buttons", action_id="boxes", values=["1"]
    )

    assert confirm_first.error == view.notice
    assert "(500)" in view.notice


async def test_a_choice_that_asks_for_a_confirmation_counts_only_when_confirmed(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    boxes = {**BOXES, "confirm": CONFIRM}
    blocks = [{"type": "actions", "block_id": "buttons", "elements": [boxes]}]
    message = workspace.post("CLICENCES", "U0000000001", "x", blocks)

    asked = await actions.choose(**on(message, "boxes"), values=["1"])
    before = workspace.message_state(message, "UANNA")["buttons"]["boxes"]["selected_options"]
    await actions.choose(**on(message, "boxes"), values=["1"], confirmed=True)

    assert asked.confirm is not None
    assert _value(before) == ["2"]
    assert _value(stub.last["actions"][0]["selected_options"]) == ["1"]


async def test_a_press_that_the_app_does_not_take_is_reported(
    actions: Actions, stub: AppStub, workspace: Workspace, message: Message
) -> None:
    stub.answer = lambda _kind, _payload: PlainTextResponse("", 404)

    outcome = await actions.press(**on(message, "go"))

    assert outcome.status == 404
    assert private_notes(workspace, "UANNA") == [outcome.error]


async def test_suggestions_come_from_the_app_once_enough_is_typed(
    actions: Actions, stub: AppStub, message: Message
) -> None:
    stub.answer = lambda _kind, _payload: {"options": [option("ca", "41")]}

    early = await actions.suggest(**on(message, "find"), value="c")
    found = await actions.suggest(**on(message, "find"), value="ca")
    await actions.choose(**on(message, "find"), values=["41"])

    assert (early, found.options) == (Outcome(), [option("ca", "41")])
    assert stub.requests[0][0] == "block_suggestion"
    assert stub.last["actions"][0]["selected_option"]["value"] == "41"


async def test_suggestions_in_groups_can_be_chosen_too(
    actions: Actions, stub: AppStub, message: Message
) -> None:
    groups = [{"label": plain("Associates"), "options": [option("Carl", "3")]}]
    stub.answer = lambda _kind, _payload: {"option_groups": groups}

    found = await actions.suggest(**on(message, "find"), value="ca")

    assert found.option_groups == groups
    assert (await actions.choose(**on(message, "find"), values=["3"])).ok


@pytest.mark.parametrize("answer", ["", {"options": [option("x" * 76, "1")]}])
async def test_suggestions_that_slack_would_refuse_are_not_shown(
    actions: Actions, stub: AppStub, workspace: Workspace, message: Message, answer: Any
) -> None:
    stub.answer = lambda _kind, _payload: answer

    outcome = await actions.suggest(**on(message, "find"), value="carl")

    assert (outcome.ok, outcome.options) == (False, [])
    assert [refused.error for refused in workspace.refused] == ["invalid_options"]


# Modals


async def enter(actions: Actions, view: View, block_id: str, *values: str) -> Outcome:
    return await actions.type(
        "UANNA", view_id=view.id, block_id=block_id, action_id="value", values=values
    )


async def test_typing_tells_the_app_nothing_until_the_modal_is_submitted(
    actions: Actions,
    stub: AppStub,
    workspace: Workspace,
    view: View,
    sample: Callable[[str], Any],
) -> None:
    await enter(actions, view, "name", "Anna")
    assert stub.requests == []
    outcome = await actions.submit("UANNA", view.id)

    assert outcome.ok
    assert stub.last["type"] == "view_submission"
    assert stub.last["view"]["state"]["values"]["name"]["value"]["value"] == "Anna"
    assert stub.last["view"]["hash"] == view.hash
    assert stub.last.keys() <= sample("ViewSubmissionPayload.json").keys() | {"response_urls"}
    assert stub.last["view"].keys() <= (
        sample("ViewSubmissionPayload.json")["view"].keys() | {"blocks"}
    )
    assert workspace.stack("UANNA") == []


@pytest.mark.parametrize(
    ("element", "good", "bad", "message"),
    [
        ({"type": "plain_text_input"}, "x", "", "Please fill in this field."),
        ({"type": "plain_text_input", "min_length": 2}, "xx", "x", "at least 2 characters"),
        ({"type": "plain_text_input", "max_length": 2}, "xx", "xxx", "no more than 2"),
        ({"type": "number_input", "is_decimal_allowed": False}, "3", "3.5", "a whole number"),
        ({"type": "number_input", "is_decimal_allowed": True}, "3.5", "many", "a number"),
        (
            {"type": "number_input", "is_decimal_allowed": True, "min_value": "2"},
            "2",
            "1",
            "2 or more",
        ),
        (
            {"type": "number_input", "is_decimal_allowed": True, "max_value": "2"},
            "2",
            "3",
            "2 or less",
        ),
        ({"type": "email_text_input"}, "a@example.com", "a", "an e-mail address"),
        ({"type": "url_text_input"}, "https://example.com", "example", "a web address"),
        ({"type": "datepicker"}, "2026-11-24", "", "Please fill in this field."),
    ],
)
async def test_a_client_checks_what_was_entered_before_it_sends_a_form(
    actions: Actions,
    stub: AppStub,
    workspace: Workspace,
    element: Json,
    good: str,
    bad: str,
    message: str,
) -> None:
    view = workspace.open_view("UANNA", modal(entry("field", element)))

    await enter(actions, view, "field", bad)
    refused = await actions.submit("UANNA", view.id)
    await enter(actions, view, "field", good)
    taken = await actions.submit("UANNA", view.id)

    assert message in refused.errors["field"]
    assert taken.ok
    assert len(stub.requests) == 1


async def test_an_optional_field_may_stay_empty(actions: Actions, workspace: Workspace) -> None:
    optional = entry("field", {"type": "email_text_input"}, optional=True)
    view = workspace.open_view("UANNA", modal(optional))

    assert (await actions.submit("UANNA", view.id)).ok


async def test_a_field_that_dispatches_tells_the_app_when_it_is_entered(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    search = entry("search", {"type": "plain_text_input"}, dispatch_action=True)
    view = workspace.open_view("UANNA", modal(search))
    names: Json = {"view_id": view.id, "block_id": "search", "action_id": "value"}

    await actions.choose("UANNA", **names, values=["carl"])

    assert stub.last["container"] == {"type": "view", "view_id": view.id}
    assert stub.last["actions"][0]["value"] == "carl"
    assert "response_url" not in stub.last
    assert "message" not in stub.last
    assert workspace.spend_trigger(stub.last["trigger_id"]).view_id == view.id


async def test_errors_keep_the_modal_open_under_their_fields(
    actions: Actions, stub: AppStub, workspace: Workspace, view: View
) -> None:
    stub.answer = lambda _kind, _payload: {
        "response_action": "errors",
        "errors": {"name": "Two are missing."},
    }
    await enter(actions, view, "name", "Anna")

    outcome = await actions.submit("UANNA", view.id)

    assert outcome.errors == view.errors == {"name": "Two are missing."}
    assert workspace.stack("UANNA") == [view]


async def test_a_submitted_modal_can_be_updated_stacked_or_cleared(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    view = workspace.open_view("UANNA", modal())
    stub.answer = lambda _kind, _payload: {
        "response_action": "push",
        "view": modal(title=plain("Second")),
    }
    await actions.submit("UANNA", view.id)
    first, second = workspace.stack("UANNA")
    behind = await actions.submit("UANNA", first.id)

    stub.answer = lambda _kind, _payload: {
        "response_action": "update",
        "view": modal(title=plain("Changed")),
    }
    await actions.submit("UANNA", second.id)
    changed = workspace.stack("UANNA")[-1]
    stub.answer = lambda _kind, _payload: {"response_action": "clear"}
    await actions.submit("UANNA", changed.id)

    assert second.previous_view_id == first.id
    assert behind.error == "Another view is in front of this one."
    assert (changed.id, changed.payload["title"]["text"]) == (second.id, "Changed")
    assert workspace.stack("UANNA") == []


@pytest.mark.parametrize(
    "answer",
    [
        "Thank you",
        ["errors"],
        {"response_action": "close"},
        {"response_action": "errors"},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"unknown": "?"}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push", "view": {"type": "home", "blocks": [{"type": "divider"}]}},
    ],
)
async def test_an_answer_that_slack_does_not_understand_leaves_the_modal_with_a_notice(
    actions: Actions, stub: AppStub, workspace: Workspace, view: View, answer: Any
) -> None:
    stub.answer = lambda _kind, _payload: answer
    await enter(actions, view, "name", "Anna")

    outcome = await actions.submit("UANNA", view.id)

    assert outcome.error == view.notice == "The answer of licbot could not be shown."
    assert workspace.stack("UANNA") == [view]
    assert len(workspace.refused) == 1


async def test_a_modal_whose_app_fails_stays_open_with_a_notice(
    actions: Actions, stub: AppStub, workspace: Workspace, view: View
) -> None:
    stub.answer = lambda _kind, _payload: PlainTextResponse("", 500)
    await enter(actions, view, "name", "Anna")

    assert not (await actions.submit("UANNA", view.id)).ok
    assert "answered with an error (500)" in view.notice
    assert workspace.stack("UANNA") == [view]


async def test_closing_is_told_only_where_the_view_wants_it(
    actions: Actions, stub: AppStub, workspace: Workspace, sample: Callable[[str], Any]
) -> None:
    quiet = workspace.open_view("UANNA", modal())
    await actions.close("UANNA", quiet.id)
    assert stub.requests == []

    told = workspace.open_view("UANNA", modal(notify_on_close=True))
    await actions.close("UANNA", told.id)
    assert stub.last["type"] == "view_closed"
    assert stub.last["is_cleared"] is False
    assert stub.last.keys() <= sample("ViewClosedPayload.json").keys()


@pytest.mark.parametrize("by_person", [True, False])
async def test_clearing_closes_the_whole_stack(
    actions: Actions, stub: AppStub, workspace: Workspace, by_person: bool
) -> None:
    workspace.open_view("UANNA", modal(notify_on_close=True))
    top = workspace.push_view("UANNA", modal(notify_on_close=True, clear_on_close=not by_person))

    await actions.close("UANNA", top.id, clear=by_person)

    assert workspace.stack("UANNA") == []
    assert [request[1]["is_cleared"] for request in stub.requests] == [True, True]


async def test_closing_the_top_modal_uncovers_the_one_below(
    actions: Actions, workspace: Workspace
) -> None:
    below = workspace.open_view("UANNA", modal())
    top = workspace.push_view("UANNA", modal())

    await actions.close("UANNA", top.id)

    assert workspace.stack("UANNA") == [below]
    assert not (await actions.close("UBEN", below.id)).ok


async def test_no_more_can_be_chosen_than_the_element_allows(
    actions: Actions, workspace: Workspace
) -> None:
    options = [option(name, name) for name in "abc"]
    element = {"type": "multi_static_select", "options": options, "max_selected_items": 2}
    view = workspace.open_view("UANNA", modal(entry("field", element)))

    assert (await enter(actions, view, "field", "a", "b")).ok
    assert "No more than 2" in (await enter(actions, view, "field", "a", "b", "c")).error


async def test_files_are_put_into_a_file_input_and_taken_out_again(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    element = {"type": "file_input", "filetypes": ["lic"], "max_files": 1}
    view = workspace.open_view("UANNA", modal(entry("file", element), NAME))
    into = {"view_id": view.id, "block_id": "file", "action_id": "value"}

    wrong = await actions.upload("UANNA", "offer.txt", b"x", **into)
    put = await actions.upload("UANNA", "offer.LIC", b"signed", **into)
    more = await actions.upload("UANNA", "second.lic", b"x", **into)
    elsewhere = await actions.upload("UANNA", "a.lic", b"x", **{**into, "block_id": "name"})
    await enter(actions, view, "name", "Anna")
    await enter(actions, view, "file", put.file)
    await actions.submit("UANNA", view.id)

    assert wrong.error == "Only these files can be put here: lic."
    assert more.error == "No more files can be put here."
    assert elsewhere.error == "Files cannot be put here."
    files = stub.last["view"]["state"]["values"]["file"]["value"]["files"]
    assert [file["name"] for file in files] == ["offer.LIC"]
    assert workspace.files[put.file].content == b"signed"


# Home, messages, files: events


async def test_opening_the_home_tab_sends_an_event_with_the_view_there_is(
    actions: Actions, stub: AppStub, workspace: Workspace, sample: Callable[[str], Any]
) -> None:
    await actions.open_home("UANNA")
    assert "view" not in stub.last["event"]
    home = workspace.publish_home("UANNA", {"type": "home", "blocks": [BUTTONS]})
    await actions.open_home("UANNA")

    event, known = stub.last["event"], sample("events/AppHomeOpenedPayload.json")
    assert (event["type"], event["tab"], event["view"]["id"]) == (
        "app_home_opened",
        "home",
        home.id,
    )
    assert stub.last.keys() <= known.keys()
    assert event.keys() <= known["event"].keys()


async def test_buttons_on_the_home_tab_carry_the_view(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    home = workspace.publish_home("UANNA", {"type": "home", "blocks": [BUTTONS]})

    await actions.press("UANNA", view_id=home.id, block_id="buttons", action_id="go")

    assert stub.last["view"]["type"] == "home"
    assert workspace.spend_trigger(stub.last["trigger_id"]).view_id is None


async def test_the_app_hears_of_messages_only_in_its_direct_messages(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    direct = workspace.direct_messages("UANNA")

    await actions.post_message("UANNA", "CLICENCES", "Fewer < more")
    assert stub.requests == []
    await actions.post_message("UANNA", direct.id, "Hi & bye")

    assert stub.last["event"]["text"] == "Hi &amp; bye"
    assert stub.last["event"]["channel_type"] == "im"
    assert workspace.visible("CLICENCES", "UBEN")[-1].text == "Fewer &lt; more"


async def test_a_shared_file_sends_an_event(
    actions: Actions, stub: AppStub, workspace: Workspace, sample: Callable[[str], Any]
) -> None:
    outcome = await actions.upload("UANNA", "offer.lic", b"x", channel="CLICENCES")

    assert stub.last["event"]["file_id"] == outcome.file
    assert stub.last["event"].keys() <= sample("events/FileSharedPayload.json")["event"].keys()
    assert workspace.visible("CLICENCES", "UBEN")[-1].files == [outcome.file]


async def test_events_that_the_app_did_not_ask_for_are_not_sent(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    workspace.events = frozenset()

    assert (await actions.open_home("UANNA")).ok
    assert stub.requests == []


async def test_an_event_that_the_app_does_not_take_is_told_to_who_caused_it(
    actions: Actions, stub: AppStub
) -> None:
    stub.answer = lambda _kind, _payload: PlainTextResponse("", 500)

    assert "answered with an error (500)" in (await actions.open_home("UANNA")).error


async def test_a_view_that_the_app_replaced_while_it_was_submitted_stays_replaced(
    actions: Actions, stub: AppStub, workspace: Workspace
) -> None:
    view = workspace.open_view("UANNA", modal())

    def replace(_kind: str, _payload: Json) -> str:
        workspace.open_view("UANNA", modal(title=plain("New")))
        return ""

    stub.answer = replace
    await actions.submit("UANNA", view.id)

    assert [v.payload["title"]["text"] for v in workspace.stack("UANNA")] == ["New"]


async def test_events_that_come_from_nobody_can_be_sent(actions: Actions, stub: AppStub) -> None:
    await actions.announce_event({"type": "app_uninstalled"})

    assert stub.last["event"]["type"] == "app_uninstalled"


# Deliveries that go wrong


async def test_a_redelivered_event_is_the_same_event_with_a_retry_number(
    actions: Actions, stub: AppStub
) -> None:
    await actions.open_home("UANNA")
    first = stub.last
    await actions.redeliver(actions.deliveries[-1], retry_num=2)

    _kind, again, headers = stub.requests[-1]
    assert again == first
    assert headers["x-slack-retry-num"] == "2"
    assert headers["x-slack-retry-reason"] == "http_timeout"


async def test_a_repeated_click_is_a_new_request_for_the_same_element(
    actions: Actions, stub: AppStub, workspace: Workspace, message: Message
) -> None:
    await actions.press(**on(message, "go"))
    first = stub.last
    workspace.delete(message)
    await actions.repeat(actions.deliveries[-1])
    await actions.command("UANNA", "CLICENCES", "/license")
    command = stub.last
    await actions.repeat(actions.deliveries[-1])

    second = stub.requests[1][1]
    assert second["actions"][0]["action_id"] == "go"
    assert second["actions"][0]["action_ts"] != first["actions"][0]["action_ts"]
    assert second["trigger_id"] != first["trigger_id"]
    assert stub.last["trigger_id"] != command["trigger_id"]


async def test_forged_and_late_deliveries_can_be_told_from_good_ones(
    actions: Actions, stub: AppStub
) -> None:
    await actions.command("UANNA", "CLICENCES", "/license")
    delivery = actions.deliveries[-1]
    await actions.forge(delivery)
    await actions.deliver_late(delivery, int(time.time()) - 301)
    await actions.send_raw(delivery.body, {"content-type": delivery.content_type})

    verifier = SignatureVerifier("shh")
    valid = [verifier.is_valid_request(delivery.body, headers) for _, _, headers in stub.requests]
    assert valid == [True, False, False, False]


async def test_an_app_that_is_not_there_did_not_answer(
    actions: Actions, workspace: Workspace, clock: Clock
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:
        outcome = await Actions(workspace, "http://app.test/", http).command(
            "UANNA", "CLICENCES", "/license"
        )

    assert "did not answer in time" in outcome.error
