"""The main story through the page: with a mouse, with a keyboard alone, and on a phone."""

import asyncio
import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, expect

from licbot.domain.removals import Removal
from licbot.flows import run
from licbot_local.system import LocalSystem
from tests.scenarios.test_main_story import FJORDLICHT, NAME, PEOPLE, holders_of, longest_away
from tests.scenarios.visitors import KeyboardVisitor, PhoneVisitor, Visitor, visiting
from tests.scenarios.world import world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SALES, SERVICE = "Sales Premium", "Service Premium"
REMOVE = "Remove superfluous licences"


@contextmanager
def halted(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Have seats taken five at a time, and the system wait before the third time.

    Gives what lets it go on.
    """
    goes_on, times = threading.Event(), itertools.count(1)
    take = LocalSystem.take

    async def slow(self: LocalSystem, removals: Sequence[Removal], key: str, actor: str) -> None:
        if next(times) == 3:
            await asyncio.to_thread(goes_on.wait)
        await take(self, removals, key, actor)

    monkeypatch.setattr(LocalSystem, "take", slow)
    monkeypatch.setattr(run, "CHUNK", 5)
    try:
        yield goes_on
    finally:
        goes_on.set()


@pytest.mark.parametrize(
    ("shots", "kind", "scheme"),
    [
        ("mouse", Visitor, "light"),
        ("keyboard-dark", KeyboardVisitor, "dark"),
        ("phone", PhoneVisitor, "light"),
    ],
    ids=["with a mouse", "with the keyboard alone", "on a phone"],
)
async def test_the_surplus_is_removed_and_the_new_licence_activated(
    tmp_path: Path,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    shots: str,
    kind: type[Visitor],
    scheme: Literal["light", "dark"],
) -> None:
    async with (
        world(
            tmp_path,
            tenant=FJORDLICHT.tenant,
            installed=FJORDLICHT.installed,
            offers=[FJORDLICHT.offered],
            people=PEOPLE,
        ) as here,
        visiting(browser, here, shots, kind=kind, scheme=scheme) as anna,
    ):
        before = await here.seats()
        await here.card_says(here.person("anna"), "Still to remove: ")
        await she_opens_the_changes(anna)
        await she_sees_why_it_cannot_be_activated(anna)
        sales = await she_deselects_in_the_window(anna)
        service = await she_deselects_in_the_message(anna)
        await she_thinks_twice(anna)
        assert await here.seats() == before, "nothing is taken from anyone before Activate"
        with halted(monkeypatch) as goes_on:
            await she_activates_and_watches(anna, goes_on)
        await she_reads_the_result(anna)
        lost = {NAME[user] for user, _ in before - await here.seats()}
        assert lost == {*sales, *service}, "exactly those who were picked"


async def she_opens_the_changes(anna: Visitor) -> None:
    await expect(anna.message("Activate new licence")).to_be_visible()
    status = await anna.asks("/license")
    await expect(status).to_contain_text("Activate new licence: one is waiting.")
    await expect(status.get_by_role("row", name=f"{SALES} 36 40 4")).to_be_visible()
    await anna.keeps("1-status")
    await anna.press(status.get_by_role("link", name="Open the changes"))
    await expect(anna.page).to_have_url(re.compile("#m"))
    led_to = anna.page.locator("article:target")
    heading = led_to.get_by_role("heading", name="Activate new licence")
    await expect(heading).to_be_in_viewport()
    await anna.keeps("2-changes")


async def she_sees_why_it_cannot_be_activated(anna: Visitor) -> None:
    card = anna.message("Activate new licence")
    sales = card.get_by_role("row", name=f"{SALES} (red: 4 must go) 36 40 −8 32 −4")
    await expect(sales).to_be_visible()
    service = card.get_by_role("row", name=f"{SERVICE} (red: 3 must go) 15 20 −8 12 −3")
    await expect(service).to_be_visible()
    marketing = card.get_by_role("row", name="Marketing Premium 9 10 +2 12 3")
    await expect(marketing).to_be_visible()
    await expect(card).to_contain_text("Activate appears here as soon as nothing is red.")
    await expect(card.get_by_role("button", name="Activate", exact=True)).to_have_count(0)


async def she_deselects_in_the_window(anna: Visitor) -> list[str]:
    idle = longest_away(holders_of("sales-premium"))
    mine = [idle[5], NAME["u012"]]
    window = await she_opens_the_list(anna)
    await expect(window).to_contain_text("Still to remove 4")
    await expect(window.get_by_role("checkbox")).to_have_count(30)
    await expect(window.get_by_role("checkbox").first).to_have_accessible_name(re.compile(idle[0]))
    await anna.keeps("3-list")
    await anna.press(window.get_by_role("button", name="OK"))
    refusal = window.get_by_role("alert")
    await expect(refusal).to_have_text("Too few are picked: pick 4 more people, then press OK.")
    await expect(refusal).to_be_in_viewport()
    await anna.keeps("4-too-few")

    for left, name in zip((3, 2), mine, strict=True):
        await anna.tick(window.get_by_role("checkbox", name=name))
        await expect(window).to_contain_text(f"Still to remove {left}")
    await anna.escapes()
    await expect(window).to_have_count(0)
    await expect(anna.message("Activate new licence")).to_contain_text("2 of 4 picked")

    window = await she_opens_the_list(anna)
    for name in mine:
        await expect(window.get_by_role("checkbox", name=name)).to_be_checked()
    await she_looks_around(anna, window, mine)
    await anna.press(window.get_by_role("button", name="Pick the 2 least recent"))
    await expect(window).to_contain_text("Still to remove 0: enough are picked")
    await anna.choose(window.get_by_label("Filter"), "Picked")
    await expect(window.get_by_role("checkbox")).to_have_count(4)
    picked = [*mine, *idle[:2]]
    for name in picked:
        await expect(window.get_by_role("checkbox", name=name)).to_be_checked()
    await anna.keeps("5-enough")
    await anna.press(window.get_by_role("button", name="OK"))
    await expect(window).to_have_count(0)
    return picked


async def she_opens_the_list(anna: Visitor) -> Locator:
    card = anna.message("Activate new licence")
    await anna.press(card.get_by_role("button", name=f"{REMOVE}: {SALES}"))
    window = anna.window("Superfluous licences")
    await expect(window.get_by_role("heading", name=f"{REMOVE}: {SALES}")).to_be_visible()
    return window


async def she_looks_around(anna: Visitor, window: Locator, picked: list[str]) -> None:
    """Search, pages, order and filter, none of which touches what is ticked."""
    boxes = window.get_by_role("checkbox")
    await anna.write(window.get_by_label("Search"), picked[0].upper())
    await expect(boxes).to_have_count(1)
    await expect(boxes).to_be_checked()
    await anna.write(window.get_by_label("Search"), "nobody of this name")
    await expect(window).to_contain_text("Nobody matches “nobody of this name”.")
    await anna.write(window.get_by_label("Search"), "")
    await expect(boxes).to_have_count(30)

    await anna.press(window.get_by_role("button", name="Next page"))
    await expect(window).to_contain_text("36 users · page 2 of 2")
    await expect(boxes).to_have_count(6)
    await expect(boxes.last).to_have_accessible_name(re.compile("sign-in unknown"))

    await anna.choose(window.get_by_label("Order"), "By name")
    await expect(window).to_contain_text("page 1 of 2")
    by_name = sorted((user["name"] for user in holders_of("sales-premium")), key=str.casefold)
    await expect(boxes.first).to_have_accessible_name(re.compile(by_name[0]))

    await anna.choose(window.get_by_label("Filter"), "Other users")
    others = [user for user in holders_of("sales-premium") if user["kind"] == "other"]
    await expect(boxes).to_have_count(len(others))
    await anna.choose(window.get_by_label("Filter"), "All holders")
    await anna.choose(window.get_by_label("Order"), "Least recently signed in first")
    await expect(boxes.first).to_have_accessible_name(re.compile("signed in"))
    await expect(window).to_contain_text("Still to remove 2")


async def she_deselects_in_the_message(anna: Visitor) -> list[str]:
    card = anna.message("Activate new licence")
    await expect(card).to_contain_text("Sales Premium: 4 of 4 picked.")
    picked = longest_away(holders_of("service-premium"))[2:5]
    for name in picked:
        await anna.tick(card.get_by_role("checkbox", name=name))
    await expect(card).to_contain_text("Service Premium: 3 of 3 picked.")
    return picked


async def she_thinks_twice(anna: Visitor) -> None:
    card = anna.message("Activate new licence")
    activate = card.get_by_role("button", name="Activate", exact=True)
    await expect(activate).to_be_visible()
    await activate.scroll_into_view_if_needed()
    await anna.keeps("6-ready")
    await anna.press(activate)
    question = anna.question("Activate the new licence?")
    await expect(question).to_contain_text(
        "7 people lose licences: 4 × Sales Premium, 3 × Service Premium, "
        "and 14 that come with them. It takes effect at once."
    )
    await anna.keeps("7-question")
    await anna.press(question.get_by_role("button", name="Cancel"))
    await expect(question).to_have_count(0)
    await expect(activate).to_be_visible()


async def she_activates_and_watches(anna: Visitor, goes_on: threading.Event) -> None:
    card = anna.message("Activate new licence")
    await anna.press(card.get_by_role("button", name="Activate", exact=True))
    question = anna.question("Activate the new licence?")
    await anna.press(question.get_by_role("button", name="Activate"))
    running = anna.message("Activating the new licence")
    await expect(running).to_contain_text("2/4 Taking the seats")
    await expect(running).to_contain_text("6 of 21 seats")
    await expect(running).to_contain_text("@Anna Berg started the activation")
    await running.get_by_role("heading").first.scroll_into_view_if_needed()
    await anna.keeps("8-progress")
    goes_on.set()


async def she_reads_the_result(anna: Visitor) -> None:
    done = anna.message("New licence activated")
    await expect(done).to_contain_text(
        "Activated, read back and compared: the licence is in force."
    )
    await expect(done).to_contain_text("21 seats of 7 people were taken.")
    await expect(done).to_contain_text("@Anna Berg activated it")
    await done.get_by_role("heading").first.scroll_into_view_if_needed()
    await anna.keeps("9-result")
    await anna.press(done.get_by_role("button", name="7 people lost licences: show"))
    who = anna.window("Who lost what")
    await expect(who).to_contain_text("Sales Premium, User, Web")
    await anna.keeps("10-who")
    await anna.press(who.get_by_role("button", name="Close", exact=True))
    status = await anna.asks("/license")
    await expect(status).to_contain_text("New licence activated.")
    await expect(status.get_by_role("row", name=f"{SALES} 32 32 0")).to_be_visible()
    await anna.keeps("11-status")
