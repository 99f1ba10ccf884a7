"""Other offers through the page: without a surplus, overtaken by a newer one, refused."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.scenarios.customers import NAMES, licence, tenant, user
from tests.scenarios.test_refused_files import CASES
from tests.scenarios.visitors import Visitor, visiting
from tests.scenarios.world import World, world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FOUR = tenant({"sales": ["Anna", "Ben", "Clara", "David"]})
NEWER = "A newer licence took this one's place."


async def test_a_licence_without_surplus_is_activated_at_once(
    tmp_path: Path, browser: Browser
) -> None:
    async with (
        world(
            tmp_path,
            tenant=FOUR,
            installed=licence(1, {"sales": 5}),
            offers=[licence(2, {"sales": 4, "service": 2})],
        ) as here,
        visiting(browser, here, "no-surplus") as anna,
    ):
        card = anna.message("Activate new licence")
        await expect(card.get_by_role("row", name="Sales 4 5 −1 4 0")).to_be_visible()
        await expect(card.get_by_role("checkbox")).to_have_count(0)
        await anna.keeps("1-changes")
        await anna.press(card.get_by_role("button", name="Activate", exact=True))
        question = anna.question("Activate the new licence?")
        await expect(question).to_contain_text("Nobody loses a licence.")
        await anna.keeps("2-question")
        await anna.press(question.get_by_role("button", name="Activate"))

        done = anna.message("New licence activated")
        await expect(done).to_contain_text("Activated, read back and compared")
        await expect(done.get_by_role("button")).to_have_count(0)
        await anna.keeps("3-result")
        await only_administrators_may(anna)


async def only_administrators_may(anna: Visitor) -> None:
    """Ben, who is at the same page, is no administrator."""
    await anna.press(anna.page.get_by_role("link", name="Ben"))
    await expect(anna.message("New licence activated")).to_be_visible()
    answer = await anna.asks("/license")
    await expect(answer).to_contain_text("Only administrators may do this. Ask one of them.")
    await expect(answer.get_by_role("table")).to_have_count(0)
    await anna.keeps("4-not-allowed")


async def test_where_the_settings_allow_it_nobody_has_to_press_anything(
    tmp_path: Path, browser: Browser
) -> None:
    async with (
        world(
            tmp_path,
            tenant=FOUR,
            installed=licence(1, {"sales": 5}),
            offers=[licence(2, {"sales": 9})],
            automatic=True,
        ) as here,
        visiting(browser, here, "automatic") as anna,
    ):
        card = anna.message("New licence activated")
        await expect(card).to_contain_text("licbot activated it")
        await expect(card.get_by_role("table")).to_have_count(0)
        await anna.keeps("1-result")
        await anna.press(card.get_by_role("button", name="Show the changes"))
        changes = anna.window("Changes")
        await expect(changes).to_contain_text("In use 4 · Total 5 · +/− +4 · New total 9")
        await anna.keeps("2-changes")


async def test_a_newer_licence_takes_over_what_was_picked_while_somebody_deselects(
    tmp_path: Path, browser: Browser
) -> None:
    async with (
        world(
            tmp_path,
            tenant=tenant({"sales": NAMES[:25]}, [user("Anna"), user("Ben", administrator=True)]),
            installed=licence(1, {"sales": 30}),
            offers=[licence(2, {"sales": 22})],
        ) as here,
        visiting(browser, here, "superseded") as anna,
    ):
        card = anna.message("Activate new licence")
        await anna.press(card.get_by_role("button", name="Remove superfluous licences: Sales"))
        window = anna.window("Superfluous licences")
        for left, name in ((2, "Aino"), (1, "Farid")):
            await anna.tick(window.get_by_role("checkbox", name=name))
            await expect(window).to_contain_text(f"Still to remove {left}")
        await a_newer_licence_arrives(here)

        await window.get_by_role("checkbox", name="Clara").click()
        note = anna.window("Please note")
        await expect(note).to_contain_text(NEWER)
        await expect(note).to_contain_text("picked here is picked there too")
        await anna.keeps("1-note")
        await anna.press(note.get_by_role("button", name="Close", exact=True))
        await expect(note).to_have_count(0)
        await anna.escapes()
        await expect(window).to_have_count(0)

        old = anna.message("Replaced by a newer licence")
        await expect(old.get_by_role("button")).to_have_count(0)
        await expect(card).to_contain_text("Sales: 2 of 2 picked.")
        await anna.keeps("2-newer")
        await anna.press(card.get_by_role("button", name="Activate", exact=True))
        question = anna.question("Activate the new licence?")
        await expect(question).to_contain_text("2 people lose licences: 2 × Sales.")
        await anna.press(question.get_by_role("button", name="Activate"))
        await expect(anna.message("New licence activated")).to_be_visible()
        names = {name.lower() for name in NAMES[:25]}
        assert await here.holders("sales") == names - {"aino", "farid"}


async def a_newer_licence_arrives(here: World) -> None:
    here.leave("newer.lic", licence(3, {"sales": 23}))
    found = await here.answer(here.person("ben"), "/license refresh")
    assert "A new licence was found." in found.text


async def test_a_file_that_fails_a_check_is_named_with_why_and_what_to_do(
    tmp_path: Path, browser: Browser
) -> None:
    assert {case.check for case in CASES.values()} == set(range(1, 9))
    async with (
        world(
            tmp_path,
            tenant=tenant({"sales": ["Anna", "Ben"]}),
            installed=licence(1, {"sales": 5}),
        ) as here,
        visiting(browser, here, "refused") as anna,
    ):
        await expect(anna.page.get_by_text("Type /license")).to_be_visible()
        await anna.keeps("0-nothing-yet")
        before = await here.decided()
        for name, case in CASES.items():
            here.leave(name, case.raw)
            answer = await anna.asks("/license refresh")
            await expect(answer).to_contain_text(f"{name} cannot be used: ")
            await expect(answer).to_contain_text(case.why)
            await expect(answer).to_contain_text(case.cure)
            (here.stage.offers / name).unlink()
        await anna.keeps("1-one-by-one")
        for name, case in CASES.items():
            here.leave(name, case.raw)
        answer = await anna.asks("/license refresh")
        await expect(answer).to_contain_text(f"… and {len(CASES) - 10} more")
        await anna.keeps("2-together")
        assert await here.decided() == before
        await expect(anna.message("Activate new licence")).to_have_count(0)
