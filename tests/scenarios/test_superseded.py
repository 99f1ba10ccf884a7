"""A newer licence arrives while people still deselect for the one before."""

from pathlib import Path

from tests.scenarios.customers import NAMES, licence, tenant, user
from tests.scenarios.world import modal_of, world

SALES = NAMES[:25]
BOTH = [user("Anna", 1), user("Ben", 2, administrator=True)]
NEWER = "A newer licence took this one's place."


async def test_a_newer_licence_takes_over_who_was_picked(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=tenant({"sales": SALES}, BOTH),
        installed=licence(1, {"sales": 30}),
        offers=[licence(2, {"sales": 22})],
    ) as here:
        anna, ben = here.person("anna"), here.person("ben")
        await here.card_says(anna, "red: 3 must go")
        await anna.press("Remove superfluous licences")
        await anna.tick("Aino", "Farid")
        await ben.press("Remove superfluous licences")

        here.leave("newer.lic", licence(3, {"sales": 23}))
        found = await here.answer(ben, "/license refresh")
        assert "A new licence was found." in found.text
        await here.card_says(ben, "Sales*: 2 of 2 picked")
        before = await here.decided()

        await anna.tick("Ben")
        assert NEWER in modal_of(anna).text, "a helpful word in place of the list"
        assert "picked here is picked there too" in modal_of(anna).text
        await anna.close()
        assert anna.modal is None
        await ben.submit()
        assert NEWER in modal_of(ben).text, "and OK says so too"
        await ben.close()
        assert ben.modal is None
        assert await here.decided() == before, "nothing was changed by either"

        old, new = here.cards(anna)
        await anna.until(lambda: "Replaced by a newer licence" in old.text)
        assert old.buttons == []
        assert old.checkbox_groups == []
        await anna.press("Activate", in_=new, confirm=True)
        await here.card_says(anna, "New licence activated")
        assert await here.holders("sales") == {n.lower() for n in SALES} - {"aino", "farid"}


async def test_no_more_are_taken_over_than_the_newer_licence_needs(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=tenant({"sales": SALES[:5]}),
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 3})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "red: 2 must go")
        await anna.tick("Ben", "David", in_=here.card(anna))
        await here.card_says(anna, "2 of 2 picked")

        here.leave("newer.lic", licence(3, {"sales": 4}))
        await here.answer(anna, "/license refresh")
        card = await here.card_says(anna, "1 of 1 picked")
        assert card.ticked == ["Ben"]
        assert "Activate" in card.buttons

        here.leave("newest.lic", licence(4, {"sales": 6}))
        await here.answer(anna, "/license refresh")
        card = await here.card_says(anna, "\nSales\n5\n5\n+1\n6\n1")
        assert card.checkbox_groups == []
        asked = await anna.press("Activate", in_=card)
        assert asked.confirm is not None
        assert asked.confirm["text"]["text"] == "Nobody loses a licence."
