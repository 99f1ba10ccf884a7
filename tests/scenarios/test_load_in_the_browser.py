"""A licence file handed over through the page: a wrong one, and then the right one."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, expect

from licbot.slack import files
from tests.scenarios.customers import licence, tenant
from tests.scenarios.test_refused_files import CASES
from tests.scenarios.visitors import Visitor, visiting
from tests.scenarios.world import ACK_SECONDS, signed, world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_wrong_file_is_refused_under_its_field_and_the_right_one_is_shown(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE_SECONDS", ACK_SECONDS)
    async with (
        world(
            tmp_path,
            tenant=tenant({"sales": ["Anna", "Ben"]}),
            installed=licence(1, {"sales": 5}),
        ) as here,
        visiting(browser, here, "load") as anna,
    ):
        answer = await anna.asks("/license load")
        await expect(answer).to_contain_text("licbot may not read files in this workspace.")
        await anna.keeps("1-without-the-scope")
        here.workspace.grant(*here.workspace.app.scopes, "files:read")

        await hands_over(anna, "other-customer.lic", CASES["other-customer.lic"].raw)
        form = anna.window("Load a licence file")
        await expect(form).to_contain_text("Ask its issuer for the right one.")
        await anna.keeps("2-refused")
        await anna.press(form.get_by_role("button", name="Cancel"))

        await hands_over(anna, "new.lic", signed(licence(2, {"sales": 7})))
        taken = anna.window("Licence file")
        await expect(taken).to_contain_text("new.lic holds a new licence.")
        await anna.keeps("3-taken")
        await anna.press(taken.get_by_role("button", name="Close").last)
        card = anna.message("Activate new licence")
        await expect(card.get_by_role("row", name="Sales 2 5 +2 7 5")).to_be_visible()


async def hands_over(anna: Visitor, name: str, content: bytes) -> None:
    """Open the form, choose a file, and press OK."""
    await anna.says("/license load")
    form = anna.window("Load a licence file")
    file = FilePayload(name=name, mimeType="text/plain", buffer=content)
    await form.get_by_label("Licence file").set_input_files([file])
    await expect(form.get_by_role("listitem")).to_have_text(name)
    await anna.press(form.get_by_role("button", name="OK"))
