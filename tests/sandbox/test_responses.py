"""An interaction can be answered five times within half an hour by its response_url."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from licbot.sandbox import limits
from licbot.sandbox.records import Message
from licbot.sandbox.workspace import Workspace
from tests.sandbox.conftest import Clock

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def message(workspace: Workspace, served: str) -> Message:
    """A message of the app."""
    app = workspace.app
    return workspace.post("CLICENCES", app.bot_user_id, "Hi", bot_id=app.bot_id)


def webhook(workspace: Workspace, message: Message | None = None) -> AsyncWebhookClient:
    ts = message.ts if message else None
    return AsyncWebhookClient(workspace.issue_response_url("UANNA", "CLICENCES", ts))


async def test_an_answer_is_private_unless_it_is_meant_for_the_channel(
    workspace: Workspace, message: Message
) -> None:
    answers = webhook(workspace, message)
    await answers.send(text="Private")
    await answers.send(text="Public", response_type="in_channel")

    assert [m.text for m in workspace.visible("CLICENCES", "UANNA")] == ["Hi", "Private", "Public"]
    assert [m.text for m in workspace.visible("CLICENCES", "UBEN")] == ["Hi", "Public"]


async def test_the_original_can_be_replaced_and_deleted(
    workspace: Workspace, message: Message
) -> None:
    answers = webhook(workspace, message)
    await answers.send(text="Changed", replace_original=True)
    assert message.text == "Changed"
    await answers.send(delete_original=True)
    assert message.deleted

    assert (await answers.send(text="Again", replace_original=True)).status_code == 404


async def test_ephemeral_messages_can_be_replaced(workspace: Workspace, served: str) -> None:
    app = workspace.app
    note = workspace.post(
        "CLICENCES", app.bot_user_id, "x", bot_id=app.bot_id, ephemeral_for="UANNA"
    )
    await webhook(workspace, note).send(text="y", replace_original=True)

    assert note.text == "y"


async def test_only_messages_of_the_app_can_be_replaced(workspace: Workspace, served: str) -> None:
    theirs = workspace.post("CLICENCES", "UBEN", "Mine")

    answer = await webhook(workspace, theirs).send(text="Yours", replace_original=True)
    assert answer.status_code == 404
    assert theirs.text == "Mine"


async def test_an_address_takes_five_answers(workspace: Workspace, message: Message) -> None:
    answers = webhook(workspace, message)
    statuses = [
        (await answers.send(text=str(n))).status_code for n in range(limits.RESPONSE_URL_USES + 1)
    ]

    assert statuses == [200] * limits.RESPONSE_URL_USES + [404]


async def test_an_address_ends_after_half_an_hour(
    workspace: Workspace, message: Message, clock: Clock
) -> None:
    answers = webhook(workspace, message)
    clock.now += limits.RESPONSE_URL_SECONDS + 1

    assert "expired_url" in (await answers.send(text="Late")).body


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"text": "a < b"}, "invalid_text_escaping"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": [{"type": "marquee"}]}, "invalid_blocks"),
    ],
)
async def test_answers_pass_the_same_rules_as_messages(
    workspace: Workspace, message: Message, body: Any, error: str
) -> None:
    async with httpx.AsyncClient() as http:
        url = workspace.issue_response_url("UANNA", "CLICENCES", message.ts)
        answer = await http.post(url, json=body)

    assert answer.status_code == 400
    assert answer.json()["error"] == error


async def test_made_up_addresses_and_bodies_are_refused(workspace: Workspace, served: str) -> None:
    async with httpx.AsyncClient() as http:
        unknown = await http.post(f"{served}/response/R0", json={"text": "x"})
        url = workspace.issue_response_url("UANNA", "CLICENCES")
        garbage = await http.post(url, content=b"{")

    assert unknown.json()["error"] == "used_url"
    assert garbage.text == "invalid_payload"
