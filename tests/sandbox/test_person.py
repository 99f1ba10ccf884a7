"""A person finds things by what is written on them; a real Bolt app answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from jsonschema import Draft7Validator
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from licbot.sandbox.actions import Actions
from licbot.sandbox.person import Person
from licbot.sandbox.records import Json
from licbot.sandbox.sights import NotSeen
from licbot.sandbox.workspace import Workspace

pytestmark = pytest.mark.asyncio(loop_scope="session")


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name.lower()} for name in names]


def entry(label: str, element: Json, **more: Any) -> Json:
    element = {"action_id": label.lower(), **element}
    return {
        "type": "input",
        "block_id": label.lower(),
        "label": plain(label),
        "element": element,
        **more,
    }


REVIEW = [
    section("*A new licence is waiting* for <@UANNA> in <#CLICENCES>, &lt;12&gt; seats"),
    {
        "type": "actions",
        "block_id": "steps",
        "elements": [
            {"type": "button", "action_id": "deselect", "text": plain("Deselect")},
            {
                "type": "button",
                "action_id": "activate",
                "text": plain("Activate"),
                "style": "primary",
                "confirm": {
                    "title": plain("Activate?"),
                    "text": plain("Two people lose a licence."),
                    "confirm": plain("Activate"),
                    "deny": plain("Not now"),
                },
            },
        ],
    },
]

DESELECT: Json = {
    "type": "modal",
    "callback_id": "deselect",
    "title": plain("Remove licences"),
    "submit": plain("OK"),
    "notify_on_close": True,
    "blocks": [
        section("*2 still to remove*"),
        {
            "type": "section",
            "block_id": "holders",
            "text": plain("Associates"),
            "accessory": {
                "type": "checkboxes",
                "action_id": "tick",
                "options": options("Anna Berg", "Ben Holm", "Carl Lie"),
                "initial_options": options("Ben Holm"),
            },
        },
        entry("Reason", {"type": "plain_text_input", "placeholder": plain("Why?")}),
        entry("Search", {"type": "plain_text_input"}, dispatch_action=True, optional=True),
        entry(
            "Order",
            {"type": "static_select", "options": options("Name", "Last sign-in")},
            optional=True,
        ),
        entry("Also", {"type": "multi_external_select", "min_query_length": 1}, optional=True),
        entry("Owner", {"type": "users_select"}, optional=True),
        entry("Watchers", {"type": "multi_users_select"}, optional=True),
        entry("Place", {"type": "conversations_select"}, optional=True),
        entry("Day", {"type": "datepicker"}, optional=True),
        entry("File", {"type": "file_input"}, optional=True),
    ],
}


def a_bolt_app(client: AsyncWebClient) -> AsyncApp:
    """A small app with a command, a modal, a confirmation and a Home tab."""
    app = AsyncApp(client=client, signing_secret="shh", process_before_response=True)

    @app.command("/license")
    async def command(ack: Any, body: Json, client: Any) -> None:
        await client.chat_postMessage(channel=body["channel_id"], text="New", blocks=REVIEW)
        await ack("Only you see this.")

    @app.action("deselect")
    async def deselect(ack: Any, body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=DESELECT)
        await ack()

    @app.action("activate")
    async def activate(ack: Any, body: Json, client: Any, respond: Any) -> None:
        at = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**at, text="Done", blocks=[section("*Activated*")])
        await respond("You did it.")
        await ack()

    @app.action("tick")
    async def tick(ack: Any, body: Json, client: Any) -> None:
        left = 2 - len(body["actions"][0]["selected_options"])
        blocks = [section(f"*{left} still to remove*"), *DESELECT["blocks"][1:]]
        view = {**DESELECT, "blocks": blocks}
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        await ack()

    @app.action("search")
    async def search(ack: Any) -> None:
        await ack()

    @app.options("also")
    async def also(ack: Any, body: Json) -> None:
        await ack(options=[o for o in options("Dora Moe", "Dorian Vik") if body["value"] in str(o)])

    @app.view("deselect")
    async def submitted(ack: Any, body: Json) -> None:
        boxes = body["view"]["state"]["values"]["holders"]["tick"]["selected_options"]
        if len(boxes) < 2:
            await ack(response_action="errors", errors={"reason": "One is still missing."})
        else:
            await ack()

    @app.view_closed("deselect")
    async def closed(ack: Any, body: Json, client: Any) -> None:
        await client.chat_postMessage(channel=body["user"]["id"], text="Nothing was changed.")
        await ack()

    @app.event("app_home_opened")
    async def home(event: Json, client: Any) -> None:
        view = {"type": "home", "blocks": [section("All licences are up to date."), REVIEW[1]]}
        await client.views_publish(user_id=event["user"], view=view)

    return app


@pytest_asyncio.fixture(loop_scope="session")
async def bolt_actions(workspace: Workspace, client: AsyncWebClient) -> AsyncIterator[Actions]:
    """What people do, delivered to the Bolt app."""
    handler = AsyncSlackRequestHandler(a_bolt_app(client))

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    app = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Actions(workspace, "http://app.test/slack/events", http)


@pytest.fixture
def anna(bolt_actions: Actions) -> Person:
    """Anna, with the Bolt app."""
    return Person(bolt_actions, "UANNA", "CLICENCES")


@pytest.fixture
def ben(bolt_actions: Actions) -> Person:
    """Ben, with the Bolt app."""
    return Person(bolt_actions, "UBEN", "CLICENCES")


async def test_a_whole_story_is_told_by_what_people_read(
    anna: Person, ben: Person, workspace: Workspace
) -> None:
    await anna.command("/license")
    assert anna.sees("Only you see this.")
    assert not ben.sees("Only you see this.")
    review = ben.latest()
    assert review.text_content.startswith(
        "A new licence is waiting".join(["*", "* for @Anna Berg in #licences, <12> seats"])
    )
    assert review.buttons == ["Deselect", "Activate"]

    await anna.press("Deselect")
    assert anna.modal is not None
    assert ben.modal is None
    assert (anna.modal.title, anna.modal.submit_label) == ("Remove licences", "OK")
    assert anna.modal.checkbox_groups == [["Anna Berg", "Ben Holm", "Carl Lie"]]
    assert anna.modal.ticked == ["Ben Holm"]

    await anna.fill("Reason", "They left.")
    refused = await anna.submit()
    assert refused.errors == {"reason": "One is still missing."}
    assert anna.modal.errors == ["One is still missing."]
    assert anna.modal.error_at("Reason") == "One is still missing."

    await anna.tick("Carl")
    assert anna.sees("0 still to remove")
    assert anna.modal.value_of("Reason") == "They left."
    assert (await anna.submit()).ok
    assert workspace.stack("UANNA") == []

    asked = await anna.press("Activate", in_=anna.messages()[0])
    assert asked.confirm is not None
    await anna.press("Activate", in_=anna.messages()[0], confirm=True)
    assert ben.sees("*Activated*")
    assert anna.latest().text == "You did it."
    assert workspace.refused == []


async def test_every_field_of_a_modal_can_be_filled_in(anna: Person, workspace: Workspace) -> None:
    await anna.command("/license")
    await anna.press("Deselect", in_=anna.messages()[0])
    view = anna.modal
    assert view is not None

    await anna.untick("Ben Holm")
    await anna.fill("Why?", "No reason", enter=False)
    await anna.fill("search", "carl")
    await anna.select("Order", "Last sign-in")
    assert await anna.suggestions("Also", "Dor") == ["Dora Moe", "Dorian Vik"]
    await anna.select("Also", "Dora Moe")
    await anna.select("Also", "Dorian Vik")
    await anna.select("Owner", "Ben Holm")
    await anna.select("Watchers", "Ben Holm")
    await anna.select("Watchers", "Anna Berg")
    await anna.select("Place", "licences")
    await anna.select("Day", "2026-11-24")
    await anna.attach("File", "a.lic", b"x")

    assert view.ticked == []
    assert view.value_of("Reason") == "No reason"
    assert view.value_of("Search") == "carl"
    order = view.value_of("Order")
    assert isinstance(order, dict)
    assert order["value"] == "last sign-in"
    assert view.value_of("Also") == options("Dora Moe", "Dorian Vik")
    assert view.value_of("Owner") == "UBEN"
    assert view.value_of("Watchers") == ["UBEN", "UANNA"]
    assert view.value_of("Place") == "CLICENCES"
    assert view.value_of("Day") == "2026-11-24"
    assert len(workspace.files) == 1
    assert view.notice == ""


async def test_closing_a_modal_is_told_to_the_app(anna: Person, workspace: Workspace) -> None:
    await anna.command("/license")
    await anna.press("Deselect", in_=anna.messages()[0])
    await anna.close()

    direct = workspace.direct_messages("UANNA").id
    assert anna.sees("Nothing was changed.", direct)
    with pytest.raises(NotSeen, match="no modal open"):
        await anna.submit()


async def test_the_home_tab_is_seen_once_it_is_opened(anna: Person, workspace: Workspace) -> None:
    assert "UANNA" not in workspace.homes
    with pytest.raises(NotSeen, match="no message in this conversation"):
        anna.latest()
    await anna.open_home()
    await anna.waits_for("All licences are up to date.")

    assert anna.home is not None
    assert anna.home.buttons == ["Deselect", "Activate"]
    await anna.press("Deselect")
    assert anna.modal is not None


async def test_who_looks_for_what_is_not_there_is_told_what_is(anna: Person) -> None:
    await anna.command("/license")
    review = anna.messages()[0]

    with pytest.raises(NotSeen, match="no button “Delete” here, but: Deselect, Activate"):
        await anna.press("Delete", in_=review)
    with pytest.raises(NotSeen, match="does not ask for a confirmation"):
        await anna.press("Deselect", in_=review, confirm=True)
    await anna.press("Deselect", in_=review)
    with pytest.raises(NotSeen, match="no option “Eva” here, but: Anna Berg"):
        await anna.tick("Eva")
    with pytest.raises(NotSeen, match="no field “Age” here"):
        await anna.fill("Age", "3")


async def test_waiting_ends_when_something_changes_or_time_is_up(
    anna: Person, workspace: Workspace
) -> None:
    waiting = asyncio.create_task(anna.waits_for("Late news"))
    await asyncio.sleep(0)
    workspace.post("CLICENCES", "UBEN", "Late news")
    await waiting

    with pytest.raises(TimeoutError):
        await anna.waits_for("Never", within=0.01)


async def test_mentions_are_read_as_names(anna: Person, workspace: Workspace) -> None:
    text = "<@U0> <#C0> <@UBEN> <!here> <https://example.com|there> <https://example.com>"
    workspace.post("CLICENCES", "UBEN", text)

    assert anna.latest().text == ("@somebody #somewhere @Ben Holm here there https://example.com")


async def test_check_boxes_in_a_message_are_ticked_in_the_message(
    anna: Person, ben: Person, workspace: Workspace
) -> None:
    boxes = {**DESELECT["blocks"][1]["accessory"], "action_id": "search"}
    holders = {**DESELECT["blocks"][1], "accessory": boxes}
    old = workspace.post("CLICENCES", "U0000000001", "x", [holders])
    workspace.post("CLICENCES", "UBEN", "Something newer")
    await anna.tick("Anna Berg", "Carl Lie")

    assert anna.messages()[0].ticked == ["Anna Berg", "Ben Holm", "Carl Lie"]
    assert ben.messages()[0].ticked == ["Ben Holm"]
    assert old.states.keys() == {"UANNA", "UBEN"}
    assert (await anna.untick("Carl")).status == 200
    assert anna.messages()[0].title == ""
    assert anna.messages()[0].submit_label is None


async def test_people_write_messages(anna: Person, ben: Person) -> None:
    await anna.writes("Is 3 < 4?")

    assert ben.latest().text == "Is 3 < 4?"


async def test_forged_and_late_requests_do_not_pass_the_app(
    anna: Person, bolt_actions: Actions, workspace: Workspace
) -> None:
    await anna.command("/license")
    delivery = bolt_actions.deliveries[-1]

    assert (await bolt_actions.forge(delivery)).status == 401
    assert (await bolt_actions.deliver_late(delivery, 1_000_000)).status == 401
    assert len(workspace.accepted) == 2


async def test_all_that_was_accepted_is_what_the_schema_accepts(
    anna: Person, workspace: Workspace, block_kit_schema: Any
) -> None:
    await anna.command("/license")
    await anna.press("Deselect", in_=anna.messages()[0])
    await anna.open_home()
    await anna.waits_for("up to date")

    roots = {"message": "StrictMessage", "modal": "StrictModalView", "home": "StrictHomeView"}
    for accepted in workspace.accepted:
        root = {**block_kit_schema, "$ref": f"#/definitions/{roots[accepted.surface]}"}
        Draft7Validator(root).validate(accepted.payload)
    assert {accepted.surface for accepted in workspace.accepted} == set(roots)
