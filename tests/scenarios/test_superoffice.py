"""The main story on SuperOffice: onsite licbot takes the seats, Online people do, by hand."""

from dataclasses import replace
from pathlib import Path

from licbot.testing.superoffice import Status, customers
from tests.scenarios.tenants import ANNA, BERND, FRANK, Place, online, onsite
from tests.scenarios.world import LOCAL, MovingClock, modal_of

LIST = "Remove superfluous licences"
PICKED = (117, 118, 119, 120)
"""Four with Sales Premium, none of whom has open requests in Service."""


async def she_sees_what_is_short(place: Place) -> None:
    card = await place.here.card_says(place.anna, "Activate new licence", "Still to remove: ")
    assert "Sales Premium (red: 4 must go)\n36\n40\n−8\n32\n−4" in card.text
    assert "Activate" not in card.buttons
    assert "Nordlicht Handel GmbH" in card.text
    status = await place.here.answer(place.anna, "/license")
    assert "Activate new licence: one is waiting." in status.text.replace("*", "")
    assert "Vertrieb Premium" not in status.text, "she reads English"


async def she_picks(place: Place) -> None:
    anna = place.anna
    await place.is_listed()
    await place.here.press_beside(anna, "Sales Premium", LIST)
    # Nobody's last sign-in is known there, so it cannot pick for her.
    assert not any("least recent" in button for button in modal_of(anna).buttons)
    names = [place.tenant.users[number].full_name for number in PICKED]
    for name in names:
        await anna.fill("Search", name)
        await anna.tick(name)
    assert "enough are picked" in modal_of(anna).text
    await anna.submit()
    assert anna.modal is None
    await place.here.card_says(anna, "4 of 4 picked")


async def she_activates(place: Place) -> None:
    here, anna = place.here, place.anna
    await anna.press("Activate", in_=here.card(anna), confirm=True)
    await here.card_says(anna, "New licence activated", "read back and compared")
    assert "New licence activated." in (await here.answer(anna, "/license")).text


def lost(place: Place) -> set[tuple[int, str, bool, bool]]:
    """What was saved about people: who, what, from, to."""
    return {(save.user, save.module, save.before, save.after) for save in place.tenant.saves}


GONE = {(user, module, True, False) for user in PICKED for module in ("ten-sales", "user", "web")}


async def test_onsite_licbot_takes_the_seats(tmp_path: Path) -> None:
    """In the name of the account that licbot has there, each seat once."""
    async with onsite(tmp_path) as place:
        before = {user: place.tenant.held_by(user) for user in place.tenant.users}
        await she_sees_what_is_short(place)
        await she_picks(place)

        await she_activates(place)

        assert place.tenant.in_use("ten-sales") == 32
        assert lost(place) >= GONE
        assert {save.user for save in place.tenant.saves} == set(PICKED)
        assert len(place.tenant.saves) == len(lost(place)), "nothing was done twice"
        assert len(place.tenant.activations) == 1
        after = {user: place.tenant.held_by(user) for user in place.tenant.users}
        assert {user for user in before if before[user] != after[user]} == set(PICKED)
        await the_story_is_told(place)


async def test_online_people_take_the_seats_and_licbot_looks(tmp_path: Path) -> None:
    """Anna signs in, takes the seats by hand, and activates in her own name."""
    async with online(tmp_path) as place:
        await she_signs_in(place)
        await she_sees_what_is_short(place)
        await she_picks(place)
        await she_takes_them_by_hand(place)

        await she_activates(place)

        assert place.tenant.saves == [], "licbot saved nothing"
        [activation] = place.tenant.activations
        assert activation.by == place.tenant.users[ANNA].login
        await the_story_is_told(place)


async def she_signs_in(place: Place) -> None:
    here, anna = place.here, place.anna
    refused = await here.answer(anna, "/license")
    assert "/license connect" in refused.text, "it says what she can do"
    page = await place.sign_in(anna)
    assert page.status_code == 200, page.text
    assert "Anna" in page.text
    await here.answer(anna, "/license refresh")


async def she_takes_them_by_hand(place: Place) -> None:
    here, anna, tenant = place.here, place.anna, place.tenant
    card = await here.card_says(anna, "To do by hand in SuperOffice", "4 to go")
    assert "Activate" not in card.buttons
    await anna.press("What to do", in_=card)
    todo = modal_of(anna).text
    for number in PICKED:
        assert tenant.users[number].full_name in todo
    assert "(No Selection)" in todo
    await anna.close()

    for number in PICKED[:3]:
        tenant.unassign(number, "ten-sales", "user", "web")
    await anna.press("Check again", in_=here.card(anna))
    card = await here.card_says(anna, "3 of 4 picked people done", "1 to go")
    assert "Activate" not in card.buttons

    tenant.unassign(PICKED[3], "ten-sales", "user", "web")
    await anna.press("Check again", in_=here.card(anna))
    await here.card_says(anna, "Done by hand in SuperOffice")


async def the_story_is_told(place: Place) -> None:
    """Who lost what stands in the history, whoever took it."""
    anna = place.anna
    await anna.command("/license history")
    await anna.press("The whole story")
    await anna.press("Show who")
    for number in PICKED:
        assert place.tenant.users[number].full_name in modal_of(anna).text
    await anna.close()


async def test_who_is_no_administrator_in_superoffice_gets_no_further(tmp_path: Path) -> None:
    """Signing in shows it, and nothing of theirs is kept."""
    async with online(tmp_path) as place:
        frank = place.here.person("frank")

        page = await place.sign_in(frank, FRANK)

        assert "administrator" in page.text
        refused = await place.here.answer(frank, "/license")
        assert "Activate" not in refused.text
        assert await place.here.rows("SELECT name FROM secret WHERE name LIKE 'grant/%'") == []


async def test_nobody_signs_in_for_somebody_else(tmp_path: Path) -> None:
    """A link that was handed on leads nowhere: the addresses must agree."""
    async with online(tmp_path) as place:
        page = await place.sign_in(place.here.person("frank"), BERND)

        assert page.status_code == 400
        assert "address" in page.text
        assert await place.here.rows("SELECT name FROM secret WHERE name LIKE 'grant/%'") == []


async def test_licences_are_called_what_the_reader_calls_them(tmp_path: Path) -> None:
    """Anna reads German, the channel English."""
    async with onsite(tmp_path) as place:
        users = place.here.workspace.users
        users[place.anna.user] = replace(users[place.anna.user], locale="de-DE")
        status = await place.here.answer(place.anna, "/license")
        assert "Vertrieb Premium" in status.text
        card = await place.here.card_says(place.anna, "Activate new licence")
        assert "Sales Premium" in card.text


async def test_a_newer_licence_takes_over_who_was_picked(tmp_path: Path) -> None:
    """Though SuperOffice no longer knows the older one by then."""
    async with onsite(tmp_path) as place:
        await she_sees_what_is_short(place)
        await she_picks(place)
        place.tenant.offer(customers.SMALLER_PLANS_LICENSE.with_numbers(ten_sales=33))

        await place.here.answer(place.anna, "/license refresh")

        card = await place.here.card_says(place.anna, "Sales Premium*: 3 of 3 picked")
        assert "Activate" in card.buttons
        await place.anna.until(
            lambda: "Replaced by a newer licence" in place.here.cards(place.anna)[-2].text
        )


async def test_a_licence_that_changes_before_the_press_is_not_activated(tmp_path: Path) -> None:
    """She is told, and the new one follows by itself with those she picked."""
    async with onsite(tmp_path) as place:
        await she_sees_what_is_short(place)
        await she_picks(place)
        card = place.here.card(place.anna)
        place.tenant.offer(customers.SMALLER_PLANS_LICENSE.with_numbers(ten_sales=33))

        await place.anna.press("Activate", in_=card, confirm=True)

        assert "has another licence now" in place.here.whispers(place.anna)[-1].text
        await place.here.card_says(place.anna, "Sales Premium*: 3 of 3 picked")
        assert place.tenant.activations == []
        assert place.tenant.saves == []


async def test_the_home_tab_says_what_is_wrong(tmp_path: Path) -> None:
    """It is drawn once SuperOffice answers again."""
    async with onsite(tmp_path) as place:
        await place.here.card_says(place.anna, "Activate new licence")
        place.tenant.fail("/License/", Status(502), times=3)
        place.here.clock.advance(minutes=1)
        await place.anna.open_home()
        await place.anna.until(lambda: "went wrong on its side" in home(place))

        await place.anna.open_home()

        await place.anna.until(lambda: "Sales Premium" in home(place))


def home(place: Place) -> str:
    """What stands on Anna's Home tab."""
    return place.anna.home.text if place.anna.home else ""


async def test_beside_another_system_the_cure_is_the_one_that_helps(tmp_path: Path) -> None:
    """Anna administers SuperOffice and nothing else, and has not signed in yet."""
    async with online(tmp_path, beside=LOCAL) as place:
        said = await place.here.answer(place.anna, "/license")
        assert "/license connect" in said.text


async def test_several_systems_are_told_apart(tmp_path: Path) -> None:
    """The issuer's name alone does not say whose licence it is."""
    async with online(tmp_path, beside=LOCAL) as place:
        await place.sign_in(place.anna)
        card = await place.here.card_says(place.anna, "Activate new licence")
        assert "system superoffice · " in card.text
        status = await place.here.answer(place.anna, "/license")
        assert "SuperOffice AS: licences (superoffice)" in status.text


async def test_without_the_list_of_users_the_changes_are_shown(tmp_path: Path) -> None:
    """What is missing is said where the list would be."""
    clock = MovingClock()
    tenant = customers.with_plans(clock.now)
    tenant.closed.add("/Archive/InternalUsers")
    async with onsite(tmp_path, tenant, clock) as place:
        card = await place.here.card_says(place.anna, "Still to remove: ")
        assert "Activate" not in card.buttons
