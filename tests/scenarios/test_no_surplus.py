"""A licence that takes nothing from anyone: activated at a press, or by licbot itself."""

from pathlib import Path

from tests.scenarios.customers import licence, tenant
from tests.scenarios.world import modal_of, world

FOUR = tenant({"sales": ["Anna", "Ben", "Clara", "David"]})


async def test_a_licence_without_surplus_is_activated_at_once(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=FOUR,
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 4, "service": 2})],
    ) as here:
        anna = here.person("anna")
        card = await here.card_says(anna, "Activate new licence")
        assert "\nSales\n4\n5\n−1\n4\n0" in card.text
        assert card.buttons == ["The numbers are wrong", "Activate"]
        assert card.checkbox_groups == []
        before = await here.seats()

        asked = await anna.press("Activate")
        assert asked.confirm is not None
        assert asked.confirm["text"]["text"] == "Nobody loses a licence."
        assert asked.confirm["style"] == "primary"
        await anna.press("Activate", confirm=True)
        done = await here.card_says(anna, "New licence activated", "read back and compared")

        assert done.buttons == []
        assert "seats of" not in done.text
        assert len(here.cards(anna)) == 1, "one message, updated in place"
        assert await here.seats() == before
        status = await here.answer(anna, "/license status")
        assert "New licence activated." in status.text
        assert "Sales\n4\n4\n0\nService\n0\n2\n2" in status.text


async def test_where_the_settings_allow_it_nobody_has_to_press_anything(tmp_path: Path) -> None:
    """Given automatic activation, a licence with a surplus waits and one without does not."""
    async with world(
        tmp_path,
        tenant=FOUR,
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 3})],
        automatic=True,
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Activate new licence", "red: 1 must go")
        before = await here.seats()

        here.leave("larger.lic", licence(3, {"sales": 9}))
        found = await here.answer(anna, "/license refresh")
        assert "A new licence was found." in found.text
        card = await here.card_says(anna, "New licence activated", "licbot activated it")

        assert "Sales" not in card.text, "the changes stand behind a button"
        assert card.buttons == ["Show the changes"]
        await anna.press("Show the changes", in_=card)
        assert "In use 4 · Total 5 · +/− +4 · New total 9 · New free 5" in modal_of(anna).text
        await anna.close()
        assert await here.seats() == before
        status = await here.answer(anna, "/license")
        assert "New licence activated." in status.text
        assert "Show the changes" in status.buttons
        await anna.until(lambda: "Replaced by a newer licence" in here.cards(anna)[0].text)
