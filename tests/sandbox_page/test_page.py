"""What people see and do on the page, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from licbot.sandbox.records import Message
from tests.sandbox_page.conftest import Office
from tests.sandbox_page.gallery import MESSAGE, WORDS, section

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def post(office: Office, text: str, blocks: list[dict[str, Any]] | None = None) -> Message:
    """The bot says something in #licences."""
    app = office.workspace.app
    return office.workspace.post(
        office.licences.id, app.bot_user_id, text, blocks or [], bot_id=app.bot_id
    )


async def sent(page: Page, text: str) -> None:
    """Somebody types into the composer and presses Enter."""
    await page.get_by_label("Message to licences").fill(text)
    await page.keyboard.press("Enter")


def window(page: Page, title: str) -> Locator:
    """The modal of this title."""
    return page.get_by_role("dialog", name=title)


async def opened_modal(page: Page) -> Locator:
    """The gallery's modal, opened by a command."""
    await sent(page, "/license modal")
    modal = window(page, "Remove licences")
    await expect(modal).to_be_visible()
    return modal


class TestConversation:
    async def test_a_command_that_is_typed_brings_the_apps_message(
        self, page: Page, office: Office
    ) -> None:
        await sent(page, "/license post")

        message = page.get_by_role("article").filter(has_text="A new licence is waiting")
        await expect(message).to_be_visible()
        await expect(message.get_by_role("cell", name="1,204")).to_have_css("text-align", "right")
        await expect(message.get_by_role("button", name="Activate")).to_be_visible()
        await expect(page.get_by_label("Message to licences")).to_have_value("")

    async def test_commands_are_offered_while_one_types(self, page: Page, office: Office) -> None:
        composer = page.get_by_label("Message to licences")
        await composer.press_sequentially("/lic")
        await expect(page.get_by_role("option", name="/license")).to_be_visible()
        await expect(page.get_by_role("option", name="/remind")).to_be_hidden()

        await composer.press("Tab")
        await expect(composer).to_have_value("/license ")
        await composer.press("Enter")
        await expect(page.get_by_text("Nothing is waiting.")).to_be_visible()

    async def test_an_unknown_command_is_told_to_who_typed_it_and_stays_to_be_mended(
        self, page: Page, office: Office
    ) -> None:
        await sent(page, "/licence")

        await expect(page.get_by_role("alert").filter(has_text="/licence")).to_be_visible()
        await expect(page.get_by_label("Message to licences")).to_have_value("/licence")

    async def test_what_people_write_is_shown_as_text(self, page: Page, office: Office) -> None:
        await sent(page, 'A <b>"quoted"</b> & *bold* word')

        shown = page.get_by_role("article").filter(has_text='A <b>"quoted"</b> & bold word')
        await expect(shown.locator("b").last).to_have_text("bold")

    async def test_ephemeral_messages_are_marked_and_can_be_dismissed(
        self, page: Page, office: Office
    ) -> None:
        await sent(page, "/license")
        message = page.get_by_role("article").filter(has_text="Nothing is waiting.")
        await expect(message).to_contain_text("Only visible to you")

        await message.get_by_role("button", name="Dismiss").click()
        await expect(message).to_have_count(0)

    async def test_new_and_changed_messages_appear_by_themselves(
        self, page: Page, office: Office
    ) -> None:
        composer = page.get_by_label("Message to licences")
        await composer.fill("half a sen")

        message = post(office, "Running: 3 of 10")
        office.workspace.post(office.licences.id, office.ben.id, "Good!", thread_ts=message.ts)
        shown = page.locator(f'[data-ts="{message.ts}"]')
        await expect(shown).to_contain_text("Running: 3 of 10")
        await expect(shown.get_by_role("group", name="Replies")).to_contain_text("Good!")

        office.workspace.edit(message, "Running: 7 of 10", [])
        await expect(shown).to_contain_text("Running: 7 of 10")
        await expect(shown).to_contain_text("edited")
        await expect(composer).to_have_value("half a sen")
        await expect(composer).to_be_focused()

    async def test_a_button_asks_before_it_acts(self, page: Page, office: Office) -> None:
        post(office, "New licence", MESSAGE)
        activate = page.get_by_role("button", name="Activate", exact=True)
        await activate.click()
        question = page.get_by_role("alertdialog", name="Activate this licence?")
        await expect(question).to_contain_text("14 people lose their seat.")

        await question.get_by_role("button", name="Cancel").click()
        await expect(question).to_have_count(0)
        assert office.bot.heard == []

        await activate.click()
        await question.get_by_role("button", name="Activate").click()
        await expect(page.get_by_text("Activated by @Ada Lovelace")).to_be_visible()

    async def test_a_question_about_something_dangerous_waits_on_the_safe_answer(
        self, page: Page, office: Office
    ) -> None:
        post(office, "New licence", MESSAGE)
        await page.get_by_role("button", name="Decline").click()

        question = page.get_by_role("alertdialog", name="Decline it?")
        await expect(question.get_by_role("button", name="Keep")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(question).to_have_count(0)
        assert office.bot.heard == []

    async def test_a_button_shows_that_it_waits_for_the_app(
        self, page: Page, office: Office
    ) -> None:
        post(office, "New licence", MESSAGE)
        button = page.get_by_role("button", name="Show changes")
        office.bot.gate.clear()
        await button.click()
        await expect(button).to_have_attribute("aria-busy", "true")

        office.bot.gate.set()
        await expect(button).not_to_have_attribute("aria-busy", "true")

    async def test_an_app_that_does_not_answer_is_said_so(self, page: Page, office: Office) -> None:
        post(office, "New licence", MESSAGE)
        office.workspace.ack_seconds = 0.1
        office.bot.gate.clear()
        await page.get_by_role("button", name="Show changes").click()

        told = page.get_by_role("article").filter(has_text="licbot did not answer in time")
        await expect(told).to_be_visible()
        office.bot.gate.set()

    async def test_ticks_in_a_message_are_sent_and_kept(self, page: Page, office: Office) -> None:
        post(office, "New licence", MESSAGE)
        await page.get_by_role("checkbox", name="Grace Hopper").check()
        heard = await office.bot.until_heard("block_actions")
        assert [one["value"] for one in heard["actions"][0]["selected_options"]] == ["grace"]

        await page.reload()
        await expect(page.get_by_role("checkbox", name="Grace Hopper")).to_be_checked()
        await expect(page.get_by_role("checkbox", name="Ada Lovelace")).not_to_be_checked()

    async def test_an_overflow_menu_is_used_with_the_arrow_keys(
        self, page: Page, office: Office
    ) -> None:
        post(office, "New licence", MESSAGE)
        await page.get_by_role("button", name="More actions").press("Enter")
        await expect(page.get_by_role("menuitem", name="Remind me tomorrow")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")

        heard = await office.bot.until_heard("block_actions")
        assert heard["actions"][0]["selected_option"]["value"] == "export"

    async def test_a_file_is_shared_and_can_be_fetched_back(
        self, page: Page, office: Office
    ) -> None:
        await page.get_by_label("Attach a file").set_input_files(
            {"name": "offer.json", "mimeType": "application/json", "buffer": b"{}"}
        )

        link = page.get_by_role("link", name="offer.json")
        await expect(link).to_contain_text("2 bytes")
        async with page.expect_download() as download:
            await link.click()
        assert (await download.value).suggested_filename == "offer.json"

    async def test_a_permalink_leads_to_the_message_and_marks_it(
        self, page: Page, office: Office
    ) -> None:
        first = post(office, "The one to find")
        for number in range(30):
            post(office, f"Message {number}", [section(f"Message {number}\n\n\n")])
        address = f"{office.url}/archives/{office.licences.id}/p{first.ts.replace('.', '')}"
        post(office, f"Look at <{address}|this one>")

        await page.get_by_role("link", name="this one").click()
        found = page.locator("article:target")
        await expect(found).to_contain_text("The one to find")
        await expect(found).to_be_in_viewport()
        assert f"as={office.ada.id}" in page.url


class TestModal:
    async def test_an_update_in_place_keeps_focus_text_and_ticks(
        self, page: Page, office: Office
    ) -> None:
        modal = await opened_modal(page)
        await modal.get_by_label("Why").fill("They left")
        box = modal.get_by_role("checkbox", name="Grace Hopper")
        await box.focus()
        await page.keyboard.press("Space")

        await expect(modal).to_contain_text("10 still to remove · 1 chosen")
        await expect(box).to_be_focused()
        await expect(box).to_be_checked()
        await expect(modal.get_by_label("Why")).to_have_value("They left")

        await modal.get_by_label("Order").select_option("Name")
        await expect(modal).to_contain_text("10 still to remove · by name")
        await expect(box).to_be_checked()

    async def test_a_search_field_tells_the_app_while_one_types(
        self, page: Page, office: Office
    ) -> None:
        modal = await opened_modal(page)
        search = modal.get_by_label("Search")
        await expect(search).to_be_focused()
        await search.press_sequentially("ada", delay=20)

        await expect(modal).to_contain_text("looking for “ada”")
        await expect(search).to_be_focused()
        await expect(search).to_have_value("ada")

    async def test_modals_stand_on_one_another_and_come_off_one_by_one(
        self, page: Page, office: Office
    ) -> None:
        first = await opened_modal(page)
        await first.get_by_label("Why").fill("They left")
        await first.get_by_role("button", name="Details").click()
        second = window(page, "Details")
        await expect(second).to_contain_text("Nothing is taken from anyone yet.")

        await second.get_by_role("button", name="Back").click()
        await expect(second).to_have_count(0)
        await expect(first.get_by_label("Why")).to_have_value("They left")

        await page.keyboard.press("Escape")
        await expect(first).to_have_count(0)
        heard = await office.bot.until_heard("view_closed")
        assert heard["view"]["callback_id"] == "second"
        assert [v["callback_id"] for v in office.bot.closed] == ["second", "gallery"]
        await expect(page.get_by_label("Message to licences")).to_be_focused()

    async def test_a_window_that_the_browser_closes_by_itself_is_closed_once(
        self, page: Page, office: Office
    ) -> None:
        modal = await opened_modal(page)
        acts: list[str] = []
        page.on("request", lambda request: acts.append(request.post_data or ""))
        # What Chromium does when Escape comes again before anything else was done.
        await modal.evaluate(
            "dialog => { dialog.dispatchEvent(new Event('cancel')); dialog.close(); }"
        )
        await expect(modal).to_have_count(0)

        await sent(page, "/license")
        await expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
        assert len([act for act in acts if '"kind":"close"' in act]) == 1
        assert len(office.bot.closed) == 1

    async def test_closing_at_the_corner_closes_all_of_the_stack(
        self, page: Page, office: Office
    ) -> None:
        first = await opened_modal(page)
        await first.get_by_role("button", name="Details").click()
        await window(page, "Details").get_by_role("button", name="Close all windows").click()

        await expect(page.locator("dialog[open]")).to_have_count(0)
        assert (await office.bot.until_heard("view_closed"))["is_cleared"]

    async def test_errors_stand_under_their_field_and_keep_the_modal_open(
        self, page: Page, office: Office
    ) -> None:
        modal = await opened_modal(page)
        await modal.get_by_role("button", name="OK").click()
        why = modal.get_by_label("Why")
        await expect(modal.get_by_role("alert")).to_have_text("Please fill in this field.")
        await expect(why).to_be_focused()

        await why.fill("because")
        await modal.get_by_role("button", name="OK").click()
        await expect(modal.get_by_role("alert")).to_have_text("Please say it in a sentence.")
        await expect(why).to_have_attribute("aria-invalid", "true")
        await expect(why).to_have_value("because")

        await why.fill("They left the company.")
        await modal.get_by_role("button", name="OK").click()
        await expect(modal).to_have_count(0)

    async def test_everything_entered_is_submitted(self, page: Page, office: Office) -> None:
        modal = await opened_modal(page)
        tell = modal.get_by_label("Tell these people")
        await tell.fill("person 1")
        await page.get_by_role("option", name="Person 12").click()
        await expect(tell).to_have_value("")
        await tell.fill("person 2")
        await expect(page.get_by_role("option", name="Person 21")).to_be_visible()
        await tell.press("Enter")
        await tell.press("Escape")
        await modal.get_by_role("button", name="Remove Person 01").click()
        await modal.get_by_label("Approver").select_option("Ben Approver")
        await modal.get_by_label("Give another").check()
        await modal.get_by_label("From").fill("2027-02-28")
        await modal.get_by_label("Licence file").set_input_files(
            {"name": "offer.json", "mimeType": "application/json", "buffer": b"{}"}
        )
        await expect(modal.get_by_role("listitem")).to_have_text("offer.json")
        await modal.get_by_label("Seats").fill("13")
        await modal.get_by_label("Why").fill("They left.")
        await modal.get_by_role("button", name="OK").click()
        await expect(modal).to_have_count(0)

        heard = await office.bot.until_heard("view_submission")
        values = heard["view"]["state"]["values"]
        assert [o["value"] for o in values["tell"]["tell"]["selected_options"]] == ["p12", "p20"]
        assert [o["value"] for o in values["modules"]["modules"]["selected_options"]] == ["p2"]
        assert values["approver"]["approver"]["selected_user"] == office.ben.id
        assert values["how"]["how"]["selected_option"]["value"] == "give"
        assert values["from"]["from"]["selected_date"] == "2027-02-28"
        assert values["at"]["at"]["selected_time"] == "08:30"
        assert values["file"]["file"]["files"][0]["name"] == "offer.json"
        assert values["seats"]["seats"]["value"] == "13"
        assert values["why"]["why"]["value"] == "They left."


class TestPeople:
    async def test_each_person_sees_what_is_theirs(self, page: Page, office: Office) -> None:
        office.workspace.tell(office.ada.id, office.licences.id, "For Ada alone")
        post(office, "For everyone")
        await expect(page.get_by_text("For Ada alone")).to_be_visible()

        await page.get_by_role("link", name="Ben Approver").click()
        await expect(page.get_by_text("For everyone")).to_be_visible()
        await expect(page.get_by_text("For Ada alone")).to_have_count(0)
        await expect(page.get_by_role("link", name="board")).to_have_count(0)

        await sent(page, "Hello, I am Ben")
        message = page.get_by_role("article").filter(has_text="Hello, I am Ben")
        await expect(message).to_contain_text("Ben Approver")

    async def test_news_elsewhere_marks_the_channel_until_it_is_read(
        self, page: Page, office: Office
    ) -> None:
        office.workspace.post(office.board.id, office.workspace.app.bot_user_id, "News")
        board = page.get_by_role("link", name="board")
        await expect(board).to_have_accessible_name("board new messages")

        await board.click()
        await expect(page.get_by_role("article")).to_contain_text("News")
        await page.get_by_role("link", name="licences").click()
        await expect(board).to_have_accessible_name("board")

    async def test_the_home_tab_is_asked_for_and_shown(self, page: Page, office: Office) -> None:
        await page.get_by_role("link", name="licbot").click()
        await page.get_by_role("link", name="Home").click()

        await expect(page.get_by_role("heading", name="Licences at a glance")).to_be_visible()
        await expect(page.get_by_role("rowheader", name="Marketing")).to_be_visible()
        await page.get_by_role("button", name="Look for a new licence").click()
        assert (await office.bot.until_heard("block_actions"))["view"]["type"] == "home"

    async def test_names_that_want_to_be_markup_stay_text(self, page: Page, office: Office) -> None:
        name = office.mallory.real_name
        await expect(page.get_by_role("link", name=name)).to_be_visible()
        hostile = '<img src=x onerror="document.title=1"> <script>document.title=2</script>'
        post(
            office,
            "x",
            [
                section(f"<@{office.mallory.id}> <javascript:alert(1)|click> {hostile}"),
                {"type": "header", "text": {"type": "plain_text", "text": hostile}},
                {"type": "markdown", "text": f"{hostile} [go](javascript:alert(1))"},
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": '"><script>',
                            "text": {"type": "plain_text", "text": hostile[:70]},
                            "value": '"><img src=x>',
                        }
                    ],
                },
            ],
        )

        message = page.get_by_role("article")
        await expect(message).to_contain_text(f"@{name}")
        await expect(message.get_by_role("heading")).to_have_text(hostile)
        await expect(message.locator("img:not(.avatar img), script, a:not(.time)")).to_have_count(0)
        assert "licences" in await page.title()


class TestReach:
    async def test_all_of_it_works_with_the_keyboard_alone(
        self, page: Page, office: Office
    ) -> None:
        await page.keyboard.type("/license post")
        await page.keyboard.press("Enter")
        choose = page.get_by_role("button", name="Choose people")
        await expect(choose).to_be_visible()
        for _ in range(60):
            if await choose.evaluate("node => node === document.activeElement"):
                break
            await page.keyboard.press("Shift+Tab")
        await expect(choose).to_be_focused()

        await page.keyboard.press("Enter")
        modal = window(page, "Remove licences")
        await expect(modal.get_by_label("Search")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(modal.get_by_role("checkbox", name="Ada Lovelace")).to_be_focused()
        await page.keyboard.press("Space")
        await expect(modal).to_contain_text("1 chosen")
        for _ in range(3):
            await page.keyboard.press("Tab")
        await page.keyboard.type("They left.")
        await page.keyboard.press("Escape")
        await expect(modal).to_have_count(0)
        await expect(choose).to_be_focused()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_on_a_phone_nothing_runs_over_the_edge(
        self, browser: Browser, office: Office, scheme: Any
    ) -> None:
        post(office, "New licence", MESSAGE)
        post(office, "Words", WORDS)
        phone = await browser.new_context(
            viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True
        )
        page = await phone.new_page()
        await page.goto(office.address(office.ada))
        assert await _width(page) == 390

        await page.get_by_role("button", name="Choose people").tap()
        await expect(window(page, "Remove licences")).to_be_visible()
        assert await _width(page) == 390
        await window(page, "Remove licences").get_by_role("button", name="Cancel").tap()

        await page.get_by_role("button", name="Channels and people").tap()
        await page.get_by_role("link", name="Ben Approver").tap()
        await expect(page.get_by_role("link", name="Ada Lovelace")).to_be_hidden()
        await expect(page.get_by_role("button", name="Channels and people")).to_be_visible()
        await phone.close()


async def _width(page: Page) -> int:
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    return width
