"""Reassigning: whoever loses the plan that is short gets another one with free seats, in one go."""

from collections import Counter
from pathlib import Path

from licbot.sandbox.sights import Sight
from tests.scenarios.customers import Json, licence, module, tenant
from tests.scenarios.tenants import Place, online, onsite
from tests.scenarios.world import World, modal_of, world

LIST = "Remove superfluous licences"
THOSE = "Those you tick"
HOLDERS = ("Anna", "Ben", "Clara", "David")
PLANS = tenant(
    {
        "premium": HOLDERS,
        "basic": ["Elif"],
        "user": [*HOLDERS, "Elif"],
        "web": HOLDERS,
        "mail": ["Elif"],
    }
)


def granting(premium: int, basic: int) -> list[Json]:
    """Two plans that share the hidden licence ``user``; each has one of its own."""
    return [
        module("premium", premium, extra_flags=1, extra_info="set=user,web", sort_order=1),
        module("basic", basic, extra_flags=1, extra_info="set=user,mail", sort_order=2),
        *(module(name, 9, hidden=True, sort_order=3) for name in ("user", "web", "mail")),
    ]


def facts(sight: Sight) -> dict[str, str]:
    """What stands below the names in check boxes."""
    return {
        option["text"]["text"]: option["description"]["text"]
        for block in sight.blocks
        for element in [block.get("element", {}), *block.get("elements", ())]
        if element.get("type") == "checkboxes"
        for option in element["options"]
    }


async def test_a_person_loses_the_short_plan_and_gets_one_with_a_free_seat(tmp_path: Path) -> None:
    """Two of four may keep Premium; one of the others gets the last seat of Basic."""
    async with world(
        tmp_path,
        tenant=PLANS,
        installed=licence(1, granting(4, 2)),
        offers=[licence(2, granting(2, 9))],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Premium*: 4 seats in use")
        await here.press_beside(anna, "Premium", LIST)
        await anna.select(THOSE, "get Basic instead (1 free)")
        await anna.tick("David", "Clara")
        assert facts(modal_of(anna))["Clara"].startswith("gets Basic instead · ")
        assert not facts(modal_of(anna))["Ben"].startswith("gets")

        await anna.submit()
        assert modal_of(anna).errors == [
            "More people get another plan than there are free seats (Basic: 1 too many). Untick "
            "some of them or let them lose the licence, then press OK."
        ]
        await anna.close()
        card = await here.card_says(anna, "2 of 2 picked (2 get Basic instead)")
        assert "Basic*: 2 people would get it instead of another plan" in card.text
        assert "*1 must not*" in card.text
        assert "🔴 Basic (red: 1 too many are to get it)" in card.text
        assert "Activate" not in card.buttons

        await she_lets_one_of_them_lose_it(here)
        await she_activates(here)
        assert await here.seats() == {
            *((user, each) for user in ("anna", "ben") for each in ("premium", "user", "web")),
            *((user, each) for user in ("clara", "elif") for each in ("basic", "user", "mail")),
        }


async def she_lets_one_of_them_lose_it(here: World) -> None:
    anna = here.person("anna")
    await here.press_beside(anna, "Premium", "Change the list")
    await anna.untick("David")
    await anna.tick("David")
    assert not facts(modal_of(anna))["David"].startswith("gets")
    assert facts(modal_of(anna))["Clara"].startswith("gets Basic instead · ")
    assert (await anna.submit()).ok
    assert anna.modal is None


async def she_activates(here: World) -> None:
    anna = here.person("anna")
    card = await here.card_says(anna, "2 of 2 picked (one gets Basic instead)")
    assert "Basic (to be given: 1)" in card.text
    await anna.press("2 people lose licences: show", in_=card)
    assert "Clara: Premium, Web; gets Basic instead" in modal_of(anna).text.replace("*", "")
    assert "David: Premium, User, Web" in modal_of(anna).text.replace("*", "")
    await anna.close()
    asked = await anna.press("Activate", in_=card)
    assert asked.confirm is not None
    assert asked.confirm["text"]["text"] == (
        "2 people lose licences: 2 × Premium, and 3 that come with them. Instead, 1 gets Basic. "
        "It takes effect at once."
    )
    await anna.press("Activate", in_=card, confirm=True)
    done = await here.card_says(anna, "New licence activated", "read back and compared")
    assert "5 seats of 2 people were taken. 1 person got another plan." in done.text
    await anna.command("/license history")
    await anna.press("The whole story")
    story = modal_of(anna).text
    assert "2 people lost licences. 1 of them got another plan instead." in story
    assert "to give another plan for 2 of them" in story, "as she first planned it"


async def test_the_least_recent_get_it_as_far_as_seats_are_free(tmp_path: Path) -> None:
    """Given one free seat and two people too many, the button offers one."""
    async with world(
        tmp_path,
        tenant=PLANS,
        installed=licence(1, granting(4, 2)),
        offers=[licence(2, granting(2, 2))],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Premium*: 4 seats in use")
        await here.press_beside(anna, "Premium", LIST)
        assert "Pick the 2 least recent" in modal_of(anna).buttons

        await anna.select(THOSE, "get Basic instead (1 free)")
        await anna.press("Pick the 1 least recent")

        assert modal_of(anna).ticked == ["David"]
        assert facts(modal_of(anna))["David"].startswith("gets Basic instead · ")
        assert "Pick the 0 least recent" not in modal_of(anna).buttons
        await anna.select(THOSE, "lose the licence")
        await anna.press("Pick the 1 least recent")
        assert set(modal_of(anna).ticked) == {"David", "Clara"}
        assert (await anna.submit()).ok
        await here.card_says(anna, "2 of 2 picked (one gets Basic instead)")


async def test_a_seat_that_went_to_somebody_else_is_no_longer_given(tmp_path: Path) -> None:
    """Given a plan that fitted, when the seat is taken outside, she is told and nobody loses."""
    async with world(
        tmp_path,
        tenant=PLANS,
        installed=licence(1, granting(4, 2)),
        offers=[licence(2, granting(3, 2))],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Premium*: 4 seats in use")
        await here.press_beside(anna, "Premium", LIST)
        await anna.select(THOSE, "get Basic instead (1 free)")
        await anna.tick("David")
        assert (await anna.submit()).ok
        card = await here.card_says(anna, "1 of 1 picked (one gets Basic instead)")
        await here.write(
            "INSERT INTO local_seats (system, module, user_id, active) "
            "VALUES ('local', 'basic', 'anna', true)"
        )
        before = await here.seats()

        await anna.press("Activate", in_=card, confirm=True)

        card = await here.card_says(anna, "it has 0 free seats, so *1 must not*")
        assert "Activate" not in card.buttons
        assert await here.seats() == before


# SuperOffice

SERVICE, LOSING = (117, 118), (119, 120)
"""Who gets Service Premium, of which two seats are free, and who just loses Sales Premium."""


async def she_picks(place: Place) -> None:
    anna, users = place.anna, place.tenant.users
    await place.here.card_says(anna, "Activate new licence", "Still to remove: ")
    await place.here.press_beside(anna, "Sales Premium", LIST)
    for number in LOSING:
        await anna.fill("Search", users[number].full_name)
        await anna.tick(users[number].full_name)
    await anna.fill("Search", "")
    await anna.select(THOSE, "get Service Premium instead (2 free)")
    for number in SERVICE:
        await anna.fill("Search", users[number].full_name)
        await anna.tick(users[number].full_name)
    assert (await anna.submit()).ok
    await place.here.card_says(anna, "4 of 4 picked (2 get Service Premium instead)")


async def test_onsite_each_person_is_saved_once(tmp_path: Path) -> None:
    """The old plan off and the new one on, in the same save; what both bring stays."""
    async with onsite(tmp_path) as place:
        tenant_ = place.tenant
        await she_picks(place)

        await place.anna.press("Activate", in_=place.here.card(place.anna), confirm=True)
        await place.here.card_says(place.anna, "New licence activated", "read back and compared")

        saves = {(save.user, save.module, save.before, save.after) for save in tenant_.saves}
        assert saves == {
            *((user, "ten-sales", True, False) for user in (*SERVICE, *LOSING)),
            *((user, "ten-service", False, True) for user in SERVICE),
            *((user, each, True, False) for user in LOSING for each in ("user", "web")),
        } | {(user, "visible-for", True, False) for user in LOSING if user % 5 == 1}
        puts = Counter(each.below for each in tenant_.requests if each.method == "PUT")
        assert puts == {f"/User/{user}": 1 for user in (*SERVICE, *LOSING)}
        assert (tenant_.in_use("ten-sales"), tenant_.in_use("ten-service")) == (32, 12)


async def test_online_people_are_told_which_plan_to_choose(tmp_path: Path) -> None:
    """It is done as soon as the old plan is gone."""
    async with online(tmp_path) as place:
        here, anna, tenant_ = place.here, place.anna, place.tenant
        await place.sign_in(anna)
        await here.answer(anna, "/license refresh")
        await she_picks(place)
        card = await here.card_says(anna, "To do by hand in SuperOffice", "4 to go")
        await anna.press("What to do", in_=card)
        todo = modal_of(anna).text
        assert todo.count("choose the user plan “Service Premium”") == 2
        assert todo.count("choose the user plan “(No Selection)”") == 2
        await anna.close()

        for number in SERVICE:
            tenant_.unassign(number, "ten-sales")
            tenant_.assign(number, "ten-service")
        for number in LOSING:
            tenant_.unassign(number, *tenant_.held_by(number))
        await anna.press("Check again", in_=here.card(anna))
        card = await here.card_says(anna, "Done by hand in SuperOffice")

        asked = await anna.press("Activate", in_=card)
        assert asked.confirm is not None
        assert "Instead, 2 were to get Service Premium." in asked.confirm["text"]["text"]
        await anna.press("Activate", in_=card, confirm=True)
        await here.card_says(anna, "New licence activated", "read back and compared")
        assert tenant_.saves == [], "licbot saved nothing"
