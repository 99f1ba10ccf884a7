"""The main story: a smaller licence arrives, the surplus is deselected, it is activated."""

import re
from collections.abc import Iterable
from pathlib import Path

from licbot.demo import story
from licbot.sandbox.person import Person
from licbot.sandbox.records import Message
from licbot.sandbox.sights import Sight
from tests.scenarios.customers import NOW, Json
from tests.scenarios.world import Member, World, modal_of, world

FJORDLICHT = story.fjordlicht(NOW)
NAME = {user["id"]: user["name"] for user in FJORDLICHT.tenant["users"]}
PEOPLE = [Member(name=name, email=story.address(name)) for name in (NAME["u001"], NAME["u002"])]
LIST = "Remove superfluous licences"


def holders_of(module: str) -> list[Json]:
    """Those who hold a licence, as the tenant's file has them."""
    ids = {seat["user"] for seat in FJORDLICHT.tenant["seats"] if seat["module"] == module}
    return [user for user in FJORDLICHT.tenant["users"] if user["id"] in ids]


def longest_away(users: Iterable[Json]) -> list[str]:
    """The names of those whose last sign-in is known, the longest away first."""
    known = [user for user in users if user["last_login"]]
    return [user["name"] for user in sorted(known, key=lambda user: str(user["last_login"]))]


def taken(names: Iterable[str], plan: str) -> frozenset[tuple[str, str]]:
    """The seats that go with a plan of these people."""
    ids = {user: name for user, name in NAME.items() if name in set(names)}
    return frozenset((user, module) for user in ids for module in (plan, "user", "web"))


async def test_a_smaller_licence_is_activated_once_enough_people_are_deselected(
    tmp_path: Path,
) -> None:
    async with world(
        tmp_path,
        tenant=FJORDLICHT.tenant,
        installed=FJORDLICHT.installed,
        offers=[FJORDLICHT.offered],
        people=PEOPLE,
    ) as here:
        anna = here.person("anna")
        before = await here.seats()
        await she_sees_why_it_cannot_be_activated(here, anna)
        sales = await she_deselects_in_the_modal(here, anna)
        service = await she_deselects_in_the_message(here, anna)
        await she_activates(here, anna)
        assert before - await here.seats() == (
            taken(sales, "sales-premium") | taken(service, "service-premium")
        ), "exactly those who were picked lost the plan, with what comes with it"
        assert await here.seats() < before, "and nobody got anything"
        status = await here.answer(anna, "/license")
        assert "New licence activated." in status.text
        assert "Sales Premium\n32\n32\n0" in status.text


async def she_sees_why_it_cannot_be_activated(here: World, anna: Person) -> None:
    card = await here.card_says(anna, "Activate new licence", "Still to remove: ")
    status = await here.answer(anna, "/license")
    assert "Activate new licence: one is waiting." in status.text.replace("*", "")
    assert "Sales Premium\n36\n40\n4" in status.text
    link = status.button("Open the changes").element["url"]
    assert isinstance(card.where, Message)
    assert link.endswith(f"/p{card.where.ts.replace('.', '')}"), "it leads to the message"
    assert "🔴 Sales Premium (red: 4 must go)\n36\n40\n−8\n32\n−4" in card.text
    assert "🔴 Service Premium (red: 3 must go)\n15\n20\n−8\n12\n−3" in card.text
    assert "\nMarketing Premium\n9\n10\n+2\n12\n3" in card.text
    assert "\nWeb\n" not in card.text, "hidden licences are not shown"
    assert "Activate" not in card.buttons
    assert "Activate appears here as soon as nothing is red." in card.text
    assert card.buttons.count(LIST) == 2, "each red licence has a button of its own"
    assert [len(group) for group in card.checkbox_groups] == [10, 5], "the few are listed here"


async def she_deselects_in_the_modal(here: World, anna: Person) -> list[str]:
    idle = longest_away(holders_of("sales-premium"))
    await here.press_beside(anna, "Sales Premium", LIST)
    modal = modal_of(anna)
    assert modal.title == "Superfluous licences"
    assert counts(modal) == (36, 32, 4, 4)
    assert [len(group) for group in modal.checkbox_groups] == [10, 10, 10]
    assert names_in(modal)[:3] == idle[:3], "the longest away come first"

    await anna.submit()
    assert modal_of(anna).errors == ["Too few are picked: pick 4 more people, then press OK."]
    *_, last_list = (block for block in modal.blocks if block["type"] == "input")
    assert modal.error_at(last_list["label"]["text"]), "it says so under the list"

    await anna.tick(idle[5], NAME["u012"])
    assert counts(modal_of(anna)) == (36, 32, 4, 2), "counted as she ticks"
    await anna.close()
    await here.card_says(anna, "2 of 4 picked")
    await here.press_beside(anna, "Sales Premium", LIST)
    assert counts(modal_of(anna)) == (36, 32, 4, 2), "what was ticked survives closing"
    await she_looks_around(anna, [idle[5], NAME["u012"]])

    await anna.press("Pick the 2 least recent")
    picked = {idle[5], NAME["u012"], idle[0], idle[1]}
    assert counts(modal_of(anna))[-1] == 0
    await anna.select("Filter", "Picked")
    assert set(names_in(modal_of(anna))) == picked
    assert set(modal_of(anna).ticked) == picked
    outcome = await anna.submit()
    assert outcome.ok
    assert anna.modal is None
    card = await here.card_says(anna, "Sales Premium*: 4 of 4 picked")
    assert "Activate" not in card.buttons, "another licence is still red"
    return sorted(picked)


async def she_looks_around(anna: Person, picked: list[str]) -> None:
    """Search, pages, filter and order, none of which touches what is ticked."""
    await anna.press("Next page")
    assert "36 users · page 2 of 2" in modal_of(anna).text
    assert len(names_in(modal_of(anna))) == 6
    unknown = {user["name"] for user in holders_of("sales-premium") if not user["last_login"]}
    assert unknown <= set(names_in(modal_of(anna))), "an unknown sign-in never counts as idle"
    await anna.select("Order", "By name")
    assert names_in(modal_of(anna)) == sorted(names_in(modal_of(anna)), key=str.casefold)
    assert "page 1 of 2" in modal_of(anna).text
    await anna.select("Filter", "Other users")
    others = {user["name"] for user in holders_of("sales-premium") if user["kind"] == "other"}
    assert set(names_in(modal_of(anna))) == others
    await anna.select("Filter", "All holders")
    await anna.fill("Search", "nobody of this name")
    assert "Nobody matches “nobody of this name”." in modal_of(anna).text
    outcome = await anna.submit()
    assert outcome.errors == {"search": "Too few are picked: pick 2 more people, then press OK."}
    await anna.fill("Search", picked[0].upper())
    assert names_in(modal_of(anna)) == [picked[0]]
    assert modal_of(anna).ticked == [picked[0]]
    await anna.fill("Search", "")
    assert counts(modal_of(anna)) == (36, 32, 4, 2)
    await anna.select("Order", "Least recently signed in first")


async def she_deselects_in_the_message(here: World, anna: Person) -> list[str]:
    service = longest_away(holders_of("service-premium"))[2:5]
    for number, name in enumerate(service, 1):
        await anna.tick(name, in_=here.card(anna))
        await here.card_says(anna, f"Service Premium*: {number} of 3 picked" if number == 3 else "")
    assert set(here.card(anna).ticked) == set(service)
    return service


async def she_activates(here: World, anna: Person) -> None:
    card = await here.card_says(anna, "Service Premium*: 3 of 3 picked")
    assert "🔴" not in card.text
    asked = await anna.press("Activate", in_=card)
    assert asked.confirm is not None, "Slack asks before anything happens"
    assert asked.confirm["text"]["text"] == (
        "7 people lose licences: 4 × Sales Premium, 3 × Service Premium, "
        "and 14 that come with them. It takes effect at once."
    )
    held = await here.seats()
    assert len(held) == 180, "nothing was taken from anyone yet"
    await anna.press("Activate", in_=card, confirm=True)
    done = await here.card_says(anna, "New licence activated", "Activated, read back and compared")
    assert "21 seats of 7 people were taken." in done.text
    assert "@Anna Berg activated it" in done.text
    assert done.buttons == ["7 people lost licences: show"]
    await anna.press("7 people lost licences: show", in_=done)
    assert "Sales Premium, User, Web" in modal_of(anna).text
    await anna.close()


def counts(modal: Sight) -> tuple[int, ...]:
    """In use, available, to remove, still to remove."""
    [fields] = [block["fields"] for block in modal.blocks if block.get("fields")]
    return tuple(int(re.findall(r"\d+", field["text"])[0]) for field in fields)


def names_in(sight: Sight) -> list[str]:
    """The people in check boxes."""
    return [name for group in sight.checkbox_groups for name in group]
