"""The main story on SuperOffice Online, at the pages that people really see."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.scenarios.tenants import ANNA, Place, online
from tests.scenarios.test_superoffice import PICKED
from tests.scenarios.visitors import Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_she_signs_in_picks_removes_by_hand_and_activates(
    tmp_path: Path, browser: Browser
) -> None:
    async with (
        online(tmp_path, admin_page=True) as place,
        visiting(browser, place.here, "superoffice") as anna,
    ):
        await she_signs_in(anna)
        await place.here.card_says(place.anna, "Still to remove: ")
        await she_picks(anna, place)
        users = await she_sees_what_to_do(anna, place)
        await she_removes_the_licences(users, place)
        await she_activates(anna)
        assert place.tenant.in_use("ten-sales") == 32
        [activation] = place.tenant.activations
        assert activation.by == place.tenant.users[ANNA].login


async def she_signs_in(anna: Visitor) -> None:
    # What appears by itself between a command and its answer would be taken for the answer.
    await expect(anna.message("Activate new licence")).to_be_visible()
    refused = await anna.asks("/license")
    await expect(refused).to_contain_text("type /license connect, then try again")
    said = await anna.asks("/license connect")
    await anna.keeps("1-connect")
    async with anna.page.context.expect_page() as opening:
        await anna.press(said.get_by_role("link", name="Sign in to SuperOffice"))
    login = await opening.value
    await login.get_by_role("button", name="Anna").first.click()
    await expect(login.get_by_role("heading")).to_contain_text("signed in")
    await kept(login, "2-signed-in")
    await login.close()
    status = await anna.asks("/license")
    await expect(status).to_contain_text("Sales Premium")
    await anna.keeps("3-status")


async def kept(page: Page, name: str) -> None:
    await Visitor(page, "superoffice").keeps(name)


async def she_picks(anna: Visitor, place: Place) -> None:
    card = anna.message("Activate new licence")
    await place.is_listed()
    await anna.press(card.get_by_role("button", name="Remove superfluous licences"))
    window = anna.window("Superfluous licences")
    await expect(window).to_contain_text("Who holds what was read")
    await anna.keeps("4-list")
    for left, number in zip(reversed(range(len(PICKED))), PICKED, strict=True):
        name = place.tenant.users[number].full_name
        await anna.write(window.get_by_role("textbox", name="Search"), name)
        # The list is drawn anew while she types: she ticks when only the one is left in it.
        await expect(window.get_by_role("checkbox")).to_have_count(1)
        await anna.tick(window.get_by_role("checkbox", name=name))
        if left:
            await expect(window).to_contain_text(f"Still to remove {left}")
    await expect(window).to_contain_text("enough are picked")
    await anna.press(window.get_by_role("button", name="OK"))
    await expect(window).to_have_count(0)


async def she_sees_what_to_do(anna: Visitor, place: Place) -> Page:
    card = anna.message("Activate new licence")
    await expect(card).to_contain_text("To do by hand in SuperOffice")
    await anna.keeps("5-by-hand")
    await anna.press(card.get_by_role("button", name="What to do"))
    window = anna.window("What to do by hand")
    for number in PICKED:
        await expect(window).to_contain_text(place.tenant.users[number].full_name)
    await anna.keeps("6-what-to-do")
    async with anna.page.context.expect_page() as opening:
        await anna.press(window.get_by_role("link", name="Open SuperOffice"))
    users = await opening.value
    await anna.press(window.get_by_role("button", name="Close", exact=True))
    return users


async def she_removes_the_licences(users: Page, place: Place) -> None:
    for number in PICKED:
        name = place.tenant.users[number].full_name
        await users.get_by_role("searchbox", name="Search").fill(name)
        await users.get_by_role("button", name="Search", exact=True).click()
        await users.get_by_role("button", name=f"Remove user licences: {name}").click()
        await expect(users.get_by_role("button", name="Remove user licences")).to_have_count(0)
    await users.close()


async def she_activates(anna: Visitor) -> None:
    card = anna.message("Activate new licence")
    await anna.press(card.get_by_role("button", name="Check again"))
    await expect(card).to_contain_text("Done by hand in SuperOffice")
    await anna.keeps("7-done-by-hand")
    await anna.press(card.get_by_role("button", name="Activate", exact=True))
    question = anna.question("Activate the new licence?")
    await expect(question).to_contain_text("4 people have lost licences")
    await anna.keeps("8-question")
    await anna.press(question.get_by_role("button", name="Activate"))
    done = anna.message("New licence activated")
    await expect(done).to_contain_text("taken by hand")
    await anna.keeps("9-activated")
