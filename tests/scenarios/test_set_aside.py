"""The numbers are wrong: a licence is set aside, and taken up again."""

from pathlib import Path

from tests.scenarios.customers import NAMES, licence, tenant
from tests.scenarios.world import world


async def test_a_licence_with_wrong_numbers_is_set_aside_and_taken_up_again(
    tmp_path: Path,
) -> None:
    async with world(
        tmp_path,
        tenant=tenant({"sales": NAMES[:6]}),
        installed=licence(1, {"sales": 6}),
        offers=[licence(2, {"sales": 4})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "red: 2 must go", "do *not* activate")
        await anna.tick("Clara", "David", in_=here.card(anna))
        await here.card_says(anna, "2 of 2 picked")

        asked = await anna.press("The numbers are wrong")
        assert asked.confirm is not None
        assert "Who was picked stays picked." in asked.confirm["text"]["text"]
        await anna.press("The numbers are wrong", confirm=True)
        card = await here.card_says(
            anna, "New licence set aside", "said that this licence is wrong"
        )
        assert card.buttons == ["Take up again"]
        assert card.checkbox_groups == []
        assert "licbot waits for a newer licence" in card.text
        status = await here.answer(anna, "/license")
        assert "was set aside because its numbers are wrong" in status.text
        asked_for = await here.answer(anna, "/license activate")
        assert "was set aside because its numbers are wrong" in asked_for.text
        assert "There you" not in asked_for.text, "nothing can be done there now but that"

        await anna.press("Take up again", in_=card)
        card = await here.card_says(anna, "took this licence up again", "2 of 2 picked")
        assert set(card.ticked) == {"Clara", "David"}
        await anna.press("Activate", in_=card, confirm=True)
        await here.card_says(anna, "New licence activated")
        assert len(await here.holders("sales")) == 4


async def test_a_corrected_licence_takes_the_place_of_the_one_set_aside(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=tenant({"sales": NAMES[:6]}),
        installed=licence(1, {"sales": 6}),
        offers=[licence(2, {"sales": 1})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "red: 5 must go")
        await anna.press("The numbers are wrong", confirm=True)
        await here.card_says(anna, "New licence set aside")

        here.leave("corrected.lic", licence(3, {"sales": 6, "service": 3}))
        await here.answer(anna, "/license refresh")
        card = await here.card_says(anna, "Activate new licence", "\nService\n0\n0\n+3\n3\n3")

        assert "Activate" in card.buttons
        await anna.until(lambda: here.cards(anna)[0].buttons == [])
