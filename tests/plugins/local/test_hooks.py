"""What the plugin gives to licbot."""

from pathlib import Path

import pluggy
import pytest

import licbot_local
from licbot.domain.people import Holder
from licbot.domain.removals import Lane
from licbot.hookspecs import Hooks
from licbot_local.system import LocalSystem
from tests.plugins.local.samples import Installation


def test_its_hooks_are_those_that_licbot_has() -> None:
    manager = pluggy.PluginManager("licbot")
    manager.add_hookspecs(Hooks)
    manager.register(licbot_local)

    manager.check_pending()


async def test_hook_licbot_systems(small_place: Installation) -> None:
    (kind,) = licbot_local.licbot_systems()

    assert kind.name == "local"
    assert kind.check({"offers": "offers"}, str(small_place.folder.parent)) == []
    system = kind.build(small_place.context)
    assert isinstance(system, LocalSystem)
    assert (system.name, (await system.find_offers()).offers) == ("local", ())


@pytest.mark.parametrize("administrator", [True, False])
def test_hook_licbot_removal_advice(administrator: bool) -> None:
    holder = Holder(id="anna", name="Anna", administrator=administrator)

    advice = licbot_local.licbot_removal_advice(holder)

    if administrator:
        assert advice is not None
        assert (advice.lane, advice.why) == (Lane.NEEDS_REVIEW, "administrator")
    else:
        assert advice is None


def test_the_migrations_are_part_of_the_package() -> None:
    folder = Path(licbot_local.__file__).parent / "migrations"

    names = sorted(path.name for path in folder.glob("*.py"))
    assert names == ["local_0001.py", "local_0002.py", "local_0003.py"]
