"""The way to the shop for administrators, and to the administrators for everybody else."""

from pathlib import Path

from tests.scenarios.customers import licence, tenant
from tests.scenarios.world import SHOP, world

TWO = tenant({"sales": ["Anna", "Ben"]})


async def test_an_administrator_is_led_to_the_shop(tmp_path: Path) -> None:
    async with world(tmp_path, tenant=TWO, installed=licence(1, {"sales": 3})) as here:
        anna = here.person("anna")
        for command in ("/license purchase", "/license buy"):
            said = await here.answer(anna, command)
            assert said.button("Purchase new licences").element["url"] == SHOP


async def test_everybody_else_asks_the_administrators_once_a_day(tmp_path: Path) -> None:
    async with world(tmp_path, tenant=TWO, installed=licence(1, {"sales": 3})) as here:
        anna, ben = here.person("anna"), here.person("ben")
        said = await here.answer(ben, "/license purchase")
        assert "Licences are bought by administrators." in said.text
        assert SHOP not in str(said.blocks)

        await ben.press("Ask the administrators")
        await anna.waits_for("asks for new licences")
        [asked] = here.cards(anna)
        assert f"<@{ben.user}>" in str(asked.blocks)
        assert "licbot asked the administrators" in here.whispers(ben)[-1].text

        await ben.press("Ask the administrators", in_=said)
        assert "today already" in here.whispers(ben)[-1].text
        assert len(here.cards(anna)) == 1

        here.clock.advance(days=1)
        await ben.press("Ask the administrators", in_=said)
        assert len(here.cards(anna)) == 2


async def test_without_a_shop_the_issuer_is_named(tmp_path: Path) -> None:
    """Before anything is installed there is no owner whose shop could be known."""
    async with world(tmp_path, administrators=["anna"]) as here:
        said = await here.answer(here.person("anna"), "/license purchase")
        assert "has no shop that licbot knows of" in said.text
