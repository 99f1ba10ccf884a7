"""The licensed system changes, or refuses, between a press on Activate and the result."""

from pathlib import Path

from licbot.sandbox.person import Person
from tests.scenarios.customers import NAMES, Json, licence, module, tenant, user
from tests.scenarios.world import World, world

SIX = NAMES[:6]
STAFF = tenant({"sales": SIX, "web": SIX}, [user("Zoe", 1)])


def plans(sequence: int, number: int) -> Json:
    """A licence with a plan and the hidden licence that comes along."""
    return licence(
        sequence,
        [
            module("sales", number, extra_info="set=web"),
            module("web", 9, hidden=True, sort_order=20),
        ],
    )


async def zoe_gets_a_seat_when(here: World, happens: str) -> None:
    """Let somebody else give Zoe a seat at the very moment when something is written."""
    await here.write(
        f"CREATE TRIGGER outside AFTER {happens} BEGIN "  # noqa: S608  words of this file
        "INSERT OR IGNORE INTO local_seats (system, module, user_id, active) "
        "VALUES ('local', 'sales', 'zoe', 1); END"
    )


async def zoe_loses_it(here: World) -> None:
    """Let somebody else take it again."""
    await here.write("DROP TRIGGER outside")
    await here.write("DELETE FROM local_seats WHERE user_id = 'zoe'")


async def two_are_picked(here: World, anna: Person) -> None:
    """Clara and David are to lose their plans."""
    await here.card_says(anna, "red: 2 must go")
    await anna.tick("Clara", "David", in_=here.card(anna))
    await here.card_says(anna, "2 of 2 picked")


async def test_seats_are_given_back_when_the_system_refuses_the_licence(tmp_path: Path) -> None:
    async with world(tmp_path, tenant=STAFF, installed=plans(1, 7), offers=[plans(2, 4)]) as here:
        anna = here.person("anna")
        await two_are_picked(here, anna)
        before = await here.seats()
        await zoe_gets_a_seat_when(here, "INSERT ON local_seat_log")

        await anna.press("Activate", confirm=True)
        card = await here.card_says(anna, "New licence not activated")

        assert "Sales has 5 seats in use and would have 4, which is 1 too few" in card.text
        assert "Remove the surplus first." in card.text
        assert "licbot could not activate it" in card.text
        assert card.buttons == ["Try again"]
        assert await here.seats() - {("zoe", "sales")} == before, "all have what they had"

        await zoe_loses_it(here)
        await anna.press("Try again")
        card = await here.card_says(anna, "2 of 2 picked")
        await anna.press("Activate", in_=card, confirm=True)
        await here.card_says(anna, "New licence activated", "4 seats of 2 people were taken.")
        assert before - await here.seats() == {
            (who, what) for who in ("clara", "david") for what in ("sales", "web")
        }
        log = await here.rows("SELECT run, state, count(*) FROM local_seat_log GROUP BY 1, 2")
        assert [(state, number) for _, state, number in log] == [("given_back", 4), ("taken", 4)]


async def test_what_cannot_be_given_back_is_said(tmp_path: Path) -> None:
    """Given a full licence, somebody got the seat that was just taken."""
    async with world(tmp_path, tenant=STAFF, installed=plans(1, 6), offers=[plans(2, 4)]) as here:
        anna = here.person("anna")
        await two_are_picked(here, anna)
        await zoe_gets_a_seat_when(here, "INSERT ON local_seat_log")

        await anna.press("Activate", confirm=True)
        card = await here.card_says(anna, "New licence not activated")

        assert "2 seats of 1 person could not be given back: no seat was free." in card.text
        assert len(await here.holders("sales")) == 6


async def test_a_new_seat_found_by_the_last_check_leads_back_to_review(tmp_path: Path) -> None:
    async with world(tmp_path, tenant=STAFF, installed=plans(1, 7), offers=[plans(2, 4)]) as here:
        anna = here.person("anna")
        await two_are_picked(here, anna)
        before = await here.seats()
        await zoe_gets_a_seat_when(
            here, "UPDATE OF state ON activation WHEN NEW.state = 'activating'"
        )

        await anna.press("Activate", confirm=True)
        card = await here.card_says(anna, "More seats came into use since it was confirmed")

        assert "still to remove: sales (1)" in card.text.lower()
        assert "Activate" not in card.buttons
        assert "red: 1 must go" in card.text
        assert await here.seats() == before | {("zoe", "sales")}
        assert await here.rows("SELECT * FROM local_seat_log") == []

        await anna.tick("Elif", in_=card)
        card = await here.card_says(anna, "3 of 3 picked")
        await anna.press("Activate", in_=card, confirm=True)
        await here.card_says(anna, "New licence activated")
        assert await here.holders("sales") == {"anna", "ben", "farid", "zoe"}


async def test_who_lost_a_seat_meanwhile_is_noticed_too(tmp_path: Path) -> None:
    """Given that one of those picked has lost the plan, the confirmed list is not the list."""
    async with world(tmp_path, tenant=STAFF, installed=plans(1, 7), offers=[plans(2, 4)]) as here:
        anna = here.person("anna")
        await two_are_picked(here, anna)
        await here.write("DELETE FROM local_seats WHERE user_id = 'clara' AND module = 'sales'")
        before = await here.decided()

        await anna.press("Activate", confirm=True)

        assert "The list of people changed since this was shown." in here.whispers(anna)[-1].text
        assert await here.decided() == before
