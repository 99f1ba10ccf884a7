"""What the licences are, for every license owner, and until when they hold."""

from pathlib import Path

from licbot.sandbox.person import Person
from tests.scenarios.customers import Json, licence, module, tenant
from tests.scenarios.test_hostile_names import require_only_our_own_markup
from tests.scenarios.world import World, modal_of, world

THREE = tenant({"plan": ["Anna", "Ben"], "web": ["Anna", "Ben"], "travel": ["Anna"]})
MODULES = [
    module("server", 1, type="system"),
    module("branch", 2, type="site"),
    module("plan", 3, extra_info="set=web,user", tooltip="All of it"),
    module("web", 3, hidden=True),
    module("travel", 1, prerequisite="plan"),
    module("guests", 1, unrestricted=True),
]


async def open_licences(person: Person, command: str = "/license licences") -> str:
    outcome = await person.command(command)
    assert outcome.ok, outcome.error
    return words(person)


def words(person: Person) -> str:
    """What stands in the modal in front, without marks."""
    return modal_of(person).text.replace("*", "")


async def test_before_a_licence_is_installed_there_is_none_to_explain(tmp_path: Path) -> None:
    async with world(tmp_path, administrators=["anna"]) as here:
        anna = here.person("anna")
        said = (await here.answer(anna, "/license licences")).text
        assert "No licence is installed yet." in said


async def test_types_plans_and_what_needs_what_are_explained(tmp_path: Path) -> None:
    async with world(tmp_path, tenant=THREE, installed=licence(1, MODULES)) as here:
        anna = here.person("anna")
        seen = await open_licences(anna)
        order = [
            "System licences hold for the whole installation.",
            "Server: for the whole installation",
            "Site licences hold for a site",
            "Branch: 2 sites",
            "User licences are given to people",
            "Guests: 0 in use, unrestricted",
            "Plan: 2 of 3 seats in use, 1 free",
            "All of it",
            "User plan; comes with Web.",
            "Whoever loses it also loses Travel.",
            "Travel: 1 of 1 seat in use, 0 free",
            "Needs Plan first.",
        ]
        assert sorted(order, key=seen.index) == order
        assert "\nWeb:" not in seen, "hidden licences are told with their plans only"
        assert modal_of(anna).buttons == []
        await anna.close()
        assert await open_licences(anna, "/license dates") == seen


async def test_dates_have_their_days_left_and_warn_when_they_come(tmp_path: Path) -> None:
    maintained = {"maintenance": "2027-05-01"}
    async with world(
        tmp_path, tenant=THREE, installed=licence(1, MODULES, dates=maintained)
    ) as here:
        anna = here.person("anna")
        seen = await open_licences(anna)
        assert "Next check: 24 December 2026 (30 days left)" in seen
        assert "Expiry: 27 March 2027 (123 days left)" in seen
        assert "Maintenance: 1 May 2027 (158 days left)" in seen
        assert "The licence" not in seen
        for days, warning in (
            (95, "The day of the warning has come. The licence ends soon: 27 March 2027 (28 days"),
            (29, "The licence has expired on 27 March 2027. It still works until 8 April 2027."),
            (12, "The licence has stopped working on 8 April 2027. Ask the issuer"),
            (24, "Maintenance has ended on 1 May 2027: upgrades of the product are refused."),
        ):
            here.clock.advance(days=days)
            await anna.close()
            assert warning in await open_licences(anna)


async def test_each_owner_has_a_tab_and_many_licences_have_pages(tmp_path: Path) -> None:
    modules = [module(f"part-{number:03}", number) for number in range(1, 201)]
    async with world(tmp_path, tenant=THREE, installed=licence(1, MODULES)) as here:
        anna = here.person("anna")
        await add_owner(here, modules, {"name": "ZIRKEL", "description": "Partner Ltd"})
        await open_licences(anna)
        assert "SuperOffice AS" in words(anna)
        assert "Part 001" not in words(anna)

        await anna.select("Issuer of the licences", "Partner Ltd")
        assert "Part 001: 0 of 1 seat in use, 1 free" in words(anna)
        assert "200 licences · page 1 of 10" in words(anna)
        assert "Server" not in words(anna)
        await anna.press("Last page")
        assert "Part 200" in words(anna)
        await anna.press("Previous page")
        assert "Part 180" in words(anna)
        assert modal_of(anna).value_of("licences:owner")["value"]  # type: ignore[index]  # JSON
        await anna.select("Issuer of the licences", "SuperOffice AS")
        assert "Server: for the whole installation" in words(anna)


async def test_hostile_names_are_shown_and_fit(tmp_path: Path) -> None:
    hostile = "*x* <!channel> :tada: _y_ `z` \u202e<@UANNA>" + "&" * 80
    hidden = [
        module(f"h{number}", 1, description=f"{hostile}{number}", hidden=True)
        for number in range(60)
    ]
    plan = {"extra_info": "set=" + ",".join(each["name"] for each in hidden), "tooltip": hostile}
    modules = [
        module(f"m{number}", 9, description=f"{number} {hostile}", prerequisite="m0", **plan)
        for number in range(1, 41)
    ]
    root = module("m0", 9, description=hostile)
    owner = {"name": hostile[:90], "description": hostile}
    customer = {"company": hostile, "serial": hostile[:90]}
    async with world(
        tmp_path,
        tenant=tenant({"m0": ["Anna"]}),
        installed=licence(1, [root, *modules, *hidden], owner=owner, customer=customer),
    ) as here:
        anna = here.person("anna")
        seen = await open_licences(anna)
        assert "comes with " in seen
        assert " more." in seen
        await anna.press("Next page")
        assert "page 2 of 3" in words(anna)
        require_only_our_own_markup(here.workspace)


async def test_whoever_is_no_administrator_sees_no_licences(tmp_path: Path) -> None:
    async with world(tmp_path, tenant=THREE, installed=licence(1, MODULES)) as here:
        ben = here.person("ben")
        said = (await here.answer(ben, "/license licences")).text
        assert said == "Only administrators may do this. Ask one of them."
        assert ben.modal is None


async def add_owner(here: World, modules: list[Json], owner: Json) -> None:
    """Have licences of another owner in force too."""
    here.leave("partner.lic", licence(1, modules, owner=owner))
    anna = here.person("anna")
    await here.answer(anna, "/license refresh")
    await here.card_says(anna, "Partner Ltd")
    await anna.press("Activate", in_=here.card(anna), confirm=True)
    await here.card_says(anna, "New licence activated")
