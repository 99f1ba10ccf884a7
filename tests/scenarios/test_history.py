"""Every new licence so far: what it changed, who acted, who lost what."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from licbot.sandbox.person import Person
from licbot.slack import surface
from tests.scenarios import world as world_module
from tests.scenarios.customers import NAMES, licence, module, tenant
from tests.scenarios.test_hostile_names import require_only_our_own_markup
from tests.scenarios.world import World, modal_of, world

FOUR = tenant({"sales": ["Anna", "Ben", "Clara", "David"]})


async def press_at(here: World, person: Person, words: str, label: str) -> None:
    """Press the button that stands in the modal beside these words."""
    sight = modal_of(person)
    [block] = [
        each
        for each in sight.blocks
        if words in each.get("text", {}).get("text", "")
        and each.get("accessory", {}).get("text", {}).get("text") == label
    ]
    assert sight.view is not None
    await here.actions.press(
        person.user,
        block_id=block["block_id"],
        action_id=block["accessory"]["action_id"],
        view_id=sight.view.id,
    )


async def open_history(person: Person) -> str:
    outcome = await person.command("/license history")
    assert outcome.ok, outcome.error
    return words(person)


def words(person: Person) -> str:
    """What stands in the modal in front, without marks."""
    return modal_of(person).text.replace("*", "")


async def test_before_the_first_new_licence_there_is_no_history(tmp_path: Path) -> None:
    async with world(tmp_path, tenant=FOUR, installed=licence(1, {"sales": 5})) as here:
        anna = here.person("anna")
        assert "There is no history yet" in (await here.answer(anna, "/license history")).text
        assert anna.modal is None


async def test_each_licence_tells_its_whole_story(tmp_path: Path) -> None:
    """Given one licence that was replaced, one activated with a loss, and one that waits."""
    async with world(
        tmp_path,
        tenant=FOUR,
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 1})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "red: 3 must go")
        here.leave("second.lic", licence(3, {"sales": 3, "service": 2}))
        await here.answer(anna, "/license refresh")
        await here.card_says(anna, "red: 1 must go", "Service")
        await anna.tick("Ben", in_=here.card(anna))
        await here.card_says(anna, "1 of 1 picked")
        await anna.press("Activate", in_=here.card(anna), confirm=True)
        await here.card_says(anna, "New licence activated", "read back and compared")
        here.clock.advance(days=1)
        here.leave("third.lic", licence(4, {"sales": 9, "service": 2}))
        await here.answer(anna, "/license refresh")
        await here.card_says(anna, "Activate new licence")

        listed = await open_history(anna)
        assert modal_of(anna).title == "Licence history"
        assert "3 new licences so far, the latest first" in listed
        waits, done, gone = listed.split("SuperOffice AS")[1:]
        assert "Waiting for people. Would change: Sales 3 → 9." in waits
        assert "Activated. Changed: Sales 5 → 3, Service 0 → 2." in done
        assert "@Anna activated it" in done
        assert "Replaced by a newer licence, never activated. Nothing changed." in gone

        await press_at(here, anna, "Changed: Sales", "The whole story")
        story = words(anna)
        assert "SuperOffice AS: activated" in story
        assert "Sales: 5 before, 3 after (−2) · 4 in use then · 1 seat taken" in story
        assert "Service: 0 before, 2 after (+2) · 0 in use then" in story
        order = [
            "licbot found this licence",
            "@Anna planned to take 1 seat",
            "@Anna started the activation, with 1 seat of 1 person to be taken",
            "@Anna activated it; it was read back and compared",
        ]
        told = story.partition("What happened")[2]
        assert sorted(order, key=told.index) == order
        assert not any(name in story for name in ("OfferFound", "RemovalsPlanned", "Event"))
        assert "1 person lost licences." in story
        await anna.press("Show who")
        assert modal_of(anna).title == "Who lost what"
        assert "Ben: Sales" in words(anna)
        await anna.close()
        await anna.close()

        await press_at(here, anna, "Nothing changed.", "The whole story")
        story = words(anna)
        assert "What it would have granted\nSales: 1\n" in story
        assert "Nobody lost a licence." in story
        assert "licbot found a newer licence, which took this one's place" in story
        await anna.close()
        await press_at(here, anna, "Would change", "The whole story")
        assert "Sales: 3 before, 9 after (+6) · 3 in use now" in words(anna)


async def test_a_refused_licence_says_why_and_that_it_was_set_aside(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=FOUR,
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 4})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Activate new licence")
        await anna.press("The numbers are wrong", confirm=True)
        await here.card_says(anna, "New licence set aside")
        assert "Set aside as wrong. Would change: Sales 5 → 4." in await open_history(anna)
        await anna.press("The whole story")
        story = words(anna)
        assert "@Anna said that this licence is wrong, and set it aside" in story
        assert "Tell the issuer; licbot waits for a newer licence." in story
        assert "Nobody loses a licence." in story


async def test_a_thousand_licences_are_turned_page_by_page(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=FOUR,
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 4})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Activate new licence")
        await here.write(REPLACED)
        await here.write(THEIR_OFFERS)

        assert "1,000 new licences so far" in await open_history(anna)
        assert modal_of(anna).text.count("SuperOffice AS") == 10
        assert modal_of(anna).buttons[-2:] == ["Next page", "Last page"]
        await anna.press("Last page")
        assert "page 100 of 100" in modal_of(anna).text
        assert modal_of(anna).buttons[-2:] == ["First page", "Previous page"]
        await anna.press("Previous page")
        assert "page 99 of 100" in modal_of(anna).text
        await anna.press("First page")
        await anna.press("Next page")
        assert "page 2 of 100" in modal_of(anna).text


OLDER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
SAME = (
    "system, owner, offer_digest, sequence, found_at, acted_at, version, run, actor, verb, note, "
    "automatic, stage, done, of"
)
REPLACED = (
    f"INSERT INTO activation (id, state, {SAME}) {OLDER} "  # noqa: S608  our own words
    f"SELECT 'old' || i, 'superseded', {SAME} FROM activation, n"
)
THEIR_OFFERS = (
    f"INSERT INTO offer (activation, raw) {OLDER} "  # noqa: S608  our own words
    "SELECT 'old' || i, raw FROM offer, n"
)
"""999 licences like the one that waits, each replaced by the next."""


HOSTILE = "*x* <!channel> :tada: &amp; _y_ `z` \u202e<@UANNA>"


async def test_two_hundred_licences_with_hostile_names_fit(tmp_path: Path) -> None:
    """And so do two hundred picks, told as one."""
    wide = "&" * 80
    modules = [
        module(f"m{number}", number, description=f"{HOSTILE}{number}{wide}")
        for number in range(1, 201)
    ]
    staff = tenant({"m25": NAMES[:25]})
    for user in staff["users"]:
        user["name"] = f"{user['name']} {HOSTILE}{wide}"
    offered = [{**each, "number": 5 if each["name"] == "m25" else 500} for each in modules]
    owner = {"name": HOSTILE, "description": HOSTILE + wide}
    customer = {"company": HOSTILE + wide, "serial": HOSTILE}
    names = {"owner": owner, "customer": customer}
    async with world(
        tmp_path,
        tenant=staff,
        installed=licence(1, modules, **names),
        offers=[licence(2, offered, **names)],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "20 must go")
        await anna.press("Remove superfluous licences")
        await anna.press("Pick the 20 least recent")
        await anna.submit()
        await here.card_says(anna, "20 people lose licences")

        assert "and 196 more licences." in await open_history(anna)
        await anna.press("The whole story")
        story = words(anna)
        assert story.count(" before, ") == 200
        assert "@Anna planned to take 20 seats" in story
        assert "20 people lose licences." in story
        await anna.press("Show who")
        assert modal_of(anna).title == "Who loses what"
        assert modal_of(anna).text.count("channel") >= 20
        require_only_our_own_markup(here.workspace)


async def test_whoever_is_no_administrator_sees_no_history(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=FOUR,
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 4})],
    ) as here:
        await here.card_says(here.person("anna"), "Activate new licence")
        ben = here.person("ben")
        said = (await here.answer(ben, "/license history")).text
        assert said == "Only administrators may do this. Ask one of them."
        assert ben.modal is None


async def test_an_answer_that_takes_long_opens_the_modal_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_module, "patient", nullcontext)
    monkeypatch.setattr(surface, "PATIENCE_SECONDS", 0.0)
    async with world(
        tmp_path,
        tenant=FOUR,
        installed=licence(1, {"sales": 5}),
        offers=[licence(2, {"sales": 4})],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Activate new licence")
        await anna.command("/license history")
        await anna.until(lambda: anna.modal is not None)
        await anna.until(lambda: "1 new licence so far" in modal_of(anna).text)
