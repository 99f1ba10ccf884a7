"""Words that nobody knows, and customers with next to nothing."""

from pathlib import Path

from tests.scenarios.customers import NAMES, Json, licence, module, tenant
from tests.scenarios.world import modal_of, world


async def test_unknown_words_are_answered_with_the_nearest_step(tmp_path: Path) -> None:
    async with world(
        tmp_path, tenant=tenant({"sales": ["Anna"]}), installed=licence(1, {"sales": 5})
    ) as here:
        anna = here.person("anna")
        for typed, meant in (
            ("refesh", "refresh"),
            ("statsu", "status"),
            ("REVEIW now", "review"),
            ("actvate", "activate"),
            ("hlp", "help"),
        ):
            said = (await here.answer(anna, f"/license {typed}")).text
            assert f"licbot has no step “{typed.split()[0]}”." in said
            assert f"Did you mean /license {meant}?" in said.replace("`", "")
        listed = (await here.answer(anna, "/license help")).text.replace("`", "")
        for step in (
            "activate",
            "deselect",
            "help",
            "history",
            "licences",
            "refresh",
            "review",
            "status",
        ):
            assert f"/license {step} – " in listed
        assert "SuperOffice" not in listed, "nobody can sign in to what is not there"
        for alias in ("?", "HELP", "  help  "):
            said = (await here.answer(anna, f"/license {alias}")).text
            assert said.replace("`", "") == listed
        for step in ("review", "changes", "deselect", "activate"):
            assert "No new licence is waiting" in (await here.answer(anna, f"/license {step}")).text
        assert "your licence is up to date" in (await here.answer(anna, "/license check")).text


async def test_before_a_licence_is_installed_there_is_nothing_to_see(tmp_path: Path) -> None:
    async with world(tmp_path, offers=[licence(1, {"sales": 5})], administrators=["anna"]) as here:
        anna = here.person("anna")
        assert "No licence is installed yet." in (await here.answer(anna, "/license")).text
        said = (await here.answer(anna, "/license refresh")).text
        assert "offer-1.lic* cannot be used" in said
        assert "which is not trusted here" in said
        await anna.open_home()
        await anna.until(lambda: anna.home is not None)
        assert anna.home is not None
        assert "No licence is installed yet." in anna.home.text
        assert here.cards(anna) == []


async def test_the_only_holder_can_be_deselected(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=tenant({"sales": ["Anna"], "service": ["Anna"]}),
        installed=licence(1, {"sales": 1, "service": 1}),
        offers=[licence(2, {"service": 1})],
    ) as here:
        anna = here.person("anna")
        card = await here.card_says(anna, "\n🔴 Sales (red: 1 must go)\n1\n1\n−1\n0\n−1")
        assert "administrator" in card.text, "a second look before she goes"
        await anna.tick("Anna", in_=card)
        card = await here.card_says(anna, "1 of 1 picked")
        asked = await anna.press("Activate", in_=card)
        assert asked.confirm is not None
        assert asked.confirm["text"]["text"].startswith("1 person loses licences: 1 × Sales.")
        await anna.press("Activate", in_=card, confirm=True)
        await here.card_says(anna, "New licence activated", "1 seat of 1 person")
        assert await here.seats() == {("anna", "service")}


async def test_a_hidden_licence_that_runs_short_keeps_everything_from_being_activated(
    tmp_path: Path,
) -> None:
    """Given a plan whose number stays, the hidden licence that comes with it still blocks."""
    plan = module("sales", 10, extra_info="set=web")
    hidden = module("web", 10, hidden=True, sort_order=20)
    five = NAMES[:5]
    async with world(
        tmp_path,
        tenant=tenant({"sales": five, "web": five}),
        installed=licence(1, [plan, hidden]),
        offers=[licence(2, [plan, {**hidden, "number": 3}])],
    ) as here:
        anna = here.person("anna")
        card = await here.card_says(anna, "2 must go", "It is hidden and comes with user plans.")
        assert "No number changes" in card.text, "a hidden licence is not among the changes"
        assert "Activate" not in card.buttons
        assert "Still to remove: Web 2." in card.text.replace("*", "")

        await anna.press("Remove superfluous licences", in_=card)
        assert "whoever is picked loses the plan too" in modal_of(anna).text
        await anna.press("Pick the 2 least recent")
        await anna.submit()
        card = await here.card_says(anna, "2 people lose licences: show")
        await anna.press("Activate", in_=card, confirm=True)
        await here.card_says(anna, "New licence activated", "4 seats of 2 people")
        assert await here.holders("web") == await here.holders("sales") == {"anna", "ben", "clara"}


async def test_licences_that_nobody_holds_are_never_red(tmp_path: Path) -> None:
    """Neither those of a site or the system nor unrestricted ones."""

    def modules(number: int, *, unrestricted: bool) -> list[Json]:
        return [
            module("sales", 3, unrestricted=unrestricted),
            module("crm-api", number, type="site"),
            module("server", number, type="system"),
        ]

    async with world(
        tmp_path,
        tenant=tenant({"sales": ["Anna"]}),
        installed=licence(1, modules(5, unrestricted=False)),
        offers=[licence(2, modules(1, unrestricted=True))],
    ) as here:
        anna = here.person("anna")
        card = await here.card_says(anna, "Activate new licence", "Crm Api", "Server")
        assert "\nSales\n1\n3\n–\nunrestricted\n–" in card.text
        assert "Activate" in card.buttons
