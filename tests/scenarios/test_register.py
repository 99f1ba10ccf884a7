"""A demo version is registered for the customer who bought it."""

from pathlib import Path

import pytest

from licbot.sandbox.person import Person
from tests.scenarios.customers import licence, tenant
from tests.scenarios.world import World, modal_of, world

TWO = tenant({"sales": ["Anna", "Ben"]})
DEMO = {"company": "Demo", "serial": "1010000006"}
BOUGHT = {"company": "Fjordlicht & Söhne <b>", "serial": "1234567890"}


async def fill(anna: Person, serial: str, company: str) -> None:
    """What she enters, and OK."""
    await anna.fill("Serial number", serial)
    await anna.fill("Licence owner", company)
    await anna.submit()


async def test_the_number_is_checked_sent_and_the_licence_asked_for(tmp_path: Path) -> None:
    """From then on, only that customer's licences are accepted."""
    stranger = licence(3, {"sales": 9}, customer={"company": "Other", "serial": "9999999999"})
    async with world(
        tmp_path, tenant=TWO, installed=licence(1, {"sales": 3}, customer=DEMO)
    ) as here:
        anna = here.person("anna")
        await anna.command("/license register")
        assert "A demo version is installed: Demo" in modal_of(anna).text.replace("*", "")
        await she_mistypes(anna)
        here.leave("bought.lic", licence(2, {"sales": 5}, customer=BOUGHT))
        here.leave("stranger.lic", stranger)

        await fill(anna, "1234 567-890", BOUGHT["company"])

        assert "Registered for Fjordlicht & Söhne" in modal_of(anna).text.replace("*", "")
        await here.card_says(anna, "Activate new licence", "1234567890")
        await it_is_activated(here, anna)
        said = (await here.answer(anna, "/license register")).text
        assert "No demo version is installed" in said


async def she_mistypes(anna: Person) -> None:
    await fill(anna, "12345", BOUGHT["company"])
    assert "A serial number has 10 digits." in modal_of(anna).errors[0]
    await fill(anna, "1020000004", BOUGHT["company"])
    assert "number of a demo version" in modal_of(anna).errors[0]


async def it_is_activated(here: World, anna: Person) -> None:
    await anna.press("Activate", in_=here.card(anna), confirm=True)
    await here.card_says(anna, "New licence activated")


@pytest.mark.parametrize("command", ["/license register", "/license serial"])
async def test_only_administrators_register(tmp_path: Path, command: str) -> None:
    async with world(
        tmp_path, tenant=TWO, installed=licence(1, {"sales": 3}, customer=DEMO)
    ) as here:
        ben = here.person("ben")
        assert "Only administrators may do this." in (await here.answer(ben, command)).text
        assert ben.modal is None
