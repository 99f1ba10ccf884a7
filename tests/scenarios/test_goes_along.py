"""Whoever loses a licence because another one is picked is shown so in its list."""

from pathlib import Path

from tests.scenarios.customers import licence, module, tenant
from tests.scenarios.world import modal_of, world

PLANS = tenant(
    {
        "sales-premium": ["Anna", "Ben", "Clara"],
        "user": ["Anna", "Ben", "Clara", "David"],
    }
)


async def test_who_goes_along_with_another_pick_is_listed_as_such(tmp_path: Path) -> None:
    """Given a plan and the hidden licence that comes with it, both with fewer seats."""
    async with world(
        tmp_path,
        tenant=PLANS,
        installed=licence(1, plans(3, 4)),
        offers=[licence(2, plans(2, 2))],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Sales Premium*: 3 seats in use", "User*: 4 seats in use")
        await anna.tick("Ben", in_=here.card(anna))
        await here.card_says(anna, "Sales Premium*: 1 of 1 picked", "1 of 2 picked")

        await here.press_beside(anna, "User*", "Remove superfluous licences")
        modal = modal_of(anna)
        facts = {
            option["text"]["text"]: option["description"]["text"]
            for block in modal.blocks
            if block.get("element", {}).get("type") == "checkboxes"
            for option in block["element"]["options"]
        }
        assert modal.ticked == []
        assert facts["Ben"].startswith("goes along with another pick · ")
        assert all("goes along" not in facts[name] for name in ("Anna", "Clara", "David"))
        await anna.tick("David")
        assert "0*: enough are picked" in modal_of(anna).text


def plans(sales: int, users: int) -> list[dict[str, object]]:
    """A plan, and the hidden licence in it."""
    return [
        module("sales-premium", sales, extra_flags=1, extra_info="set=user"),
        module("user", users, hidden=True),
    ]
