"""What people use may have been drawn anew before it gets there: their wish holds all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from licbot.sandbox.records import Message
from tests.sandbox_page.conftest import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CONFIRM = {
    "title": {"type": "plain_text", "text": "Really?"},
    "text": {"type": "plain_text", "text": "One loses a seat."},
    "confirm": {"type": "plain_text", "text": "Yes"},
    "deny": {"type": "plain_text", "text": "No"},
}


def post(office: Office, element: dict[str, Any]) -> Message:
    """The bot posts an element in the block *before*."""
    app = office.workspace.app
    blocks = [{"type": "actions", "block_id": "before", "elements": [element]}]
    return office.workspace.post(
        office.licences.id, app.bot_user_id, "Who?", blocks, bot_id=app.bot_id
    )


def ticks() -> dict[str, Any]:
    """A group of two check boxes."""
    options = [
        {"text": {"type": "plain_text", "text": name}, "value": name.lower()}
        for name in ("Ada", "Ben")
    ]
    return {"type": "checkboxes", "action_id": "tick", "options": options}


def button(**more: Any) -> dict[str, Any]:
    """A button."""
    text = {"type": "plain_text", "text": "Open"}
    return {"type": "button", "action_id": "open", "text": text, **more}


@asynccontextmanager
async def behind(
    page: Page, office: Office, message: Message, seen: Locator
) -> AsyncIterator[None]:
    """Let the app put it into the block *after*, while the page has not heard of that yet."""
    await expect(seen).to_be_visible()
    draws = asyncio.Event()

    async def late(route: Route) -> None:
        await draws.wait()
        await route.continue_()

    await page.route("**/fragment*", late)
    office.workspace.edit(message, "Who?", [{**message.blocks[0], "block_id": "after"}])
    async with page.expect_response("**/act") as answer:
        yield
    assert (await (await answer.value).json())["redrawn"]
    draws.set()


async def test_a_tick_is_set_in_the_new_check_boxes(page: Page, office: Office) -> None:
    box = page.get_by_role("checkbox", name="Ada")
    async with behind(page, office, post(office, ticks()), box):
        await box.click()

    [action] = (await office.bot.until_heard("block_actions"))["actions"]
    assert action["block_id"] == "after"
    assert [option["value"] for option in action["selected_options"]] == ["ada"]
    await expect(box).to_be_checked()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_button_is_pressed_where_it_is_now(page: Page, office: Office) -> None:
    opens = page.get_by_role("button", name="Open")
    async with behind(page, office, post(office, button()), opens):
        await opens.click()

    [action] = (await office.bot.until_heard("block_actions"))["actions"]
    assert (action["block_id"], action["action_id"]) == ("after", "open")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_was_confirmed_before_is_asked_again(page: Page, office: Office) -> None:
    opens = page.get_by_role("button", name="Open")
    async with behind(page, office, post(office, button(confirm=CONFIRM)), opens):
        await opens.click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Yes").click()

    await expect(page.get_by_role("alert")).to_contain_text("please look again")
    assert office.bot.heard == []
