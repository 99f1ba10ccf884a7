"""The same story with PostgreSQL as the database."""

from pathlib import Path

from tests.scenarios.customers import licence, tenant
from tests.scenarios.world import world

FOUR = ["Anna", "Ben", "Clara", "David"]


async def test_a_smaller_licence_is_activated_on_postgresql(
    tmp_path: Path, postgres_url: str
) -> None:
    async with world(
        tmp_path,
        tenant=tenant({"sales": FOUR}),
        installed=licence(1, {"sales": 4}),
        offers=[licence(2, {"sales": 3})],
        database=postgres_url,
    ) as here:
        anna = here.person("anna")
        card = await here.card_says(anna, "red: 1 must go")
        await anna.tick("David", in_=card)
        card = await here.card_says(anna, "1 of 1 picked")
        await anna.press("Activate", in_=card, confirm=True)
        await here.card_says(anna, "New licence activated", "1 seat of 1 person was taken")

        assert await here.holders("sales") == {"anna", "ben", "clara"}
