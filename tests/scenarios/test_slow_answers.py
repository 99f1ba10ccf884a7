"""What takes longer than Slack waits is shown all the same, in a modal that says so meanwhile."""

import asyncio
from contextlib import nullcontext
from pathlib import Path

import pytest

from licbot.ports.conversation import Reply
from licbot.slack import serving, surface
from tests.scenarios import world as world_module
from tests.scenarios.customers import licence, tenant
from tests.scenarios.world import modal_of, world

TWO = tenant({"sales": ["Anna", "Ben"]})
DEMO = {"company": "Demo", "serial": "1010000006"}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's patience is over at once."""
    monkeypatch.setattr(world_module, "patient", nullcontext)
    monkeypatch.setattr(surface, "PATIENCE_SECONDS", 0.0)


class Held:
    """Holds every answer back until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._go = asyncio.Event()
        serve = serving.serve

        async def held(*arguments: object) -> Reply:
            await self._go.wait()
            return await serve(*arguments)  # type: ignore[arg-type]  # passed on as they came

        monkeypatch.setattr(surface, "serve", held)

    def go(self) -> None:
        """Let answers come."""
        self._go.set()


@pytest.mark.usefixtures("hurried")
async def test_a_modal_opens_at_once_and_is_filled_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, tenant=TWO, installed=licence(1, {"sales": 3})) as here:
        held = Held(monkeypatch)
        anna = here.person("anna")
        await anna.command("/license licences")
        await anna.until(lambda: anna.modal is not None)
        assert modal_of(anna).title == "One moment"

        held.go()

        await anna.until(lambda: "Sales" in modal_of(anna).text)


@pytest.mark.usefixtures("hurried")
async def test_who_closes_it_meanwhile_is_left_in_peace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, tenant=TWO, installed=licence(1, {"sales": 3})) as here:
        held = Held(monkeypatch)
        anna = here.person("anna")
        await anna.command("/license licences")
        await anna.until(lambda: anna.modal is not None)
        await anna.close()

        held.go()

        before = len(here.whispers(anna))
        await anna.command("/license help")
        await anna.until(lambda: len(here.whispers(anna)) > before)
        assert anna.modal is None, "nothing opens by itself"


@pytest.mark.usefixtures("hurried")
async def test_ok_in_a_form_is_answered_late_with_what_came_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(
        tmp_path, tenant=TWO, installed=licence(1, {"sales": 3}, customer=DEMO)
    ) as here:
        anna = here.person("anna")
        await anna.command("/license register")
        await anna.until(lambda: anna.sees("A demo version is installed"))
        await anna.fill("Serial number", "12345")
        await anna.fill("Licence owner", "Fjordlicht")
        held = Held(monkeypatch)

        await anna.submit()
        assert modal_of(anna).title == "One moment"
        held.go()

        await anna.until(lambda: "A serial number has 10 digits." in modal_of(anna).text)
        assert "begin again" in modal_of(anna).text
