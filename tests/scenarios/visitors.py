"""People at the page in a real browser: with a mouse, with a keyboard alone, with a finger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, Literal

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser import complaints_of
from tests.scenarios.world import World

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
MOST_TABS = 150
NEXT_KEY = """node => {
    const at = document.activeElement;
    if (node === at) return "";
    const ahead = at.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
    return ahead ? "Tab" : "Shift+Tab";
}"""
"""Which key brings the focus nearer to a node; none where it is there."""


class Visitor:
    """Someone who uses the page with a mouse.

    shots: what the names of their screenshots begin with.
    """

    screen: ClassVar[ViewportSize] = {"width": 1280, "height": 900}
    has_touch: ClassVar[bool] = False

    def __init__(self, page: Page, shots: str) -> None:
        self.page = page
        self._shots = shots

    # What they see

    def message(self, title: str) -> Locator:
        """The messages with this title."""
        heading = self.page.get_by_role("heading", name=title)
        return self.page.get_by_role("article").filter(has=heading)

    @property
    def newest(self) -> Locator:
        """The newest message."""
        return self.page.get_by_role("article").last

    def window(self, title: str) -> Locator:
        """The modal of this title."""
        return self.page.get_by_role("dialog", name=title)

    def question(self, title: str) -> Locator:
        """The question of this title that Slack itself asks."""
        return self.page.get_by_role("alertdialog", name=title)

    async def keeps(self, name: str) -> None:
        """Keep a picture of what they see."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{self._shots}-{name}.png"
        await self.page.screenshot(path=path, animations="disabled")

    # What they do

    async def press(self, target: Locator) -> None:
        """A button or a link."""
        await target.click()

    async def tick(self, box: Locator) -> None:
        """A check box that is not ticked yet."""
        await box.click()
        await expect(box).to_be_checked()

    async def choose(self, field: Locator, option: str) -> None:
        """An option of a drop-down list."""
        await field.select_option(label=option)

    async def write(self, field: Locator, words: str) -> None:
        """Words into a field, in place of what stands there."""
        await self.press(field)
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.press("Delete")
        await self.page.keyboard.type(words)

    async def says(self, words: str) -> None:
        """Words, or a command, to the channel."""
        await self.write(self.page.get_by_role("combobox", name="Message to"), words)
        await self.page.keyboard.press("Enter")

    async def asks(self, command: str) -> Locator:
        """A command; gives the answer once it is there."""
        before = await self.page.get_by_role("article").count()
        await self.says(command)
        answer = self.page.get_by_role("article").nth(before)
        await expect(answer).to_contain_text("Only visible to you")
        return answer

    async def escapes(self) -> None:
        """The key that closes the window in front."""
        await self.page.keyboard.press("Escape")


class KeyboardVisitor(Visitor):
    """Someone who uses no pointer."""

    async def press(self, target: Locator) -> None:
        """A button or a link."""
        await self._reach(target)
        await self.page.keyboard.press("Enter")

    async def tick(self, box: Locator) -> None:
        """A check box that is not ticked yet."""
        await self._reach(box)
        await self.page.keyboard.press("Space")
        await expect(box).to_be_checked()

    async def choose(self, field: Locator, option: str) -> None:
        """An option of a drop-down list, by the arrow keys."""
        await self._reach(field)
        offered = [words.strip() for words in await field.locator("option").all_inner_texts()]
        steps = offered.index(option) - await field.evaluate("node => node.selectedIndex")
        for _ in range(abs(steps)):
            await self.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        await expect(field.locator("option:checked")).to_have_text(option)

    async def write(self, field: Locator, words: str) -> None:
        """Words into a field, in place of what stands there."""
        await self._reach(field)
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.press("Delete")
        await self.page.keyboard.type(words)

    async def _reach(self, target: Locator) -> None:
        """Move the focus there, as many keys as it takes."""
        await expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            key = await target.evaluate(NEXT_KEY)
            if not key:
                return
            await self.page.keyboard.press(key)
        raise AssertionError(f"The keyboard does not get to {target}.")


class PhoneVisitor(Visitor):
    """Someone with a phone."""

    screen: ClassVar[ViewportSize] = {"width": 390, "height": 844}
    has_touch: ClassVar[bool] = True

    async def press(self, target: Locator) -> None:
        """A button or a link."""
        await target.tap()

    async def tick(self, box: Locator) -> None:
        """A check box that is not ticked yet."""
        await box.tap()
        await expect(box).to_be_checked()

    async def keeps(self, name: str) -> None:
        """Keep a picture of what they see, and see nothing run over the edge."""
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        assert width == self.screen["width"], name
        await super().keeps(name)


@asynccontextmanager
async def visiting(
    browser: Browser,
    here: World,
    shots: str,
    *,
    kind: type[Visitor] = Visitor,
    scheme: Literal["light", "dark"] = "light",
) -> AsyncIterator[Visitor]:
    """Open the page as its first person; errors in its scripts fail the test.

    shots: what the names of the screenshots begin with.
    """
    context = await browser.new_context(
        viewport=kind.screen, has_touch=kind.has_touch, color_scheme=scheme
    )
    page = await context.new_page()
    complaints = complaints_of(page)
    try:
        await page.goto(here.address)
        yield kind(page, shots)
    finally:
        # The page listens for news: a server that ends before it would wait for it.
        await context.close()
    assert complaints == []
