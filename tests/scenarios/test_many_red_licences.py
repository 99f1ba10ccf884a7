"""More red licences than a message has room for: each can be reached, and the worst is seen."""

from pathlib import Path

from tests.scenarios.customers import licence, module, tenant
from tests.scenarios.world import world

MANY = [f"r{number:02}" for number in range(40)]
THREE = ["Anna", "Ben", "Clara"]


async def test_every_red_licence_can_be_reached(tmp_path: Path) -> None:
    green = [module(f"a-green-{number:03}", 5, sort_order=number) for number in range(110)]
    red = [module(name, 3, sort_order=500) for name in MANY]
    async with world(
        tmp_path,
        tenant=tenant(dict.fromkeys(MANY, THREE)),
        installed=licence(1, [*green, *red]),
        offers=[
            licence(
                2,
                [
                    *({**each, "number": 6} for each in green),
                    *({**each, "number": 2} for each in red),
                ],
            )
        ],
    ) as here:
        anna = here.person("anna")
        card = await here.card_says(anna, "Activate new licence", "more red licences: choose one")
        assert card.buttons.count("Remove superfluous licences") == 31
        assert card.text.count("(red: 1 must go)") == 40, "the table shows what is red first"

        await anna.select("9 more red licences: choose one", "R39: 1 must go", in_=card)
        modal = anna.modal
        assert modal is not None
        assert "Remove superfluous licences: R39" in modal.text
        await anna.tick("Ben")
        await anna.submit()
        card = await here.card_says(anna, "8 more red licences: choose one")
        assert "Activate" not in card.buttons
