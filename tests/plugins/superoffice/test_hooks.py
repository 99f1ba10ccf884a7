"""What the plugin gives to licbot."""

from pathlib import Path
from typing import Any

import pytest

from licbot.domain.people import Holder
from licbot.domain.removals import Lane, RemovalAdvice
from licbot.ports.database import Migrations
from licbot.testing import FakeClock, ports
from licbot.testing.vault import MemoryVault
from licbot_superoffice import (
    licbot_migrations,
    licbot_pages,
    licbot_removal_advice,
    licbot_steps,
    licbot_systems,
)
from licbot_superoffice.connect import accesses
from licbot_superoffice.system import SuperOfficeSystem
from tests.plugins.superoffice.auth_support import (
    SYSTEM,
    a_database,
    context,
    online_settings,
    pem,
)

ONSITE = {"address": "https://crm.example.com/WebApi", "username": "licbot", "password": "x"}


@pytest.mark.parametrize("settings", [online_settings(private_key_pem=pem()), ONSITE])
async def test_hook_licbot_systems(settings: dict[str, Any], tmp_path: Path) -> None:
    [kind] = licbot_systems()
    assert kind.name == "superoffice"
    assert kind.check(settings, str(tmp_path)) == []

    async with a_database(tmp_path) as database:
        system = kind.build(context(settings, database, FakeClock(), MemoryVault()))

    assert isinstance(system, SuperOfficeSystem)
    assert system.name == SYSTEM


async def test_the_way_in_is_found_by_the_system(tmp_path: Path) -> None:
    [kind] = licbot_systems()
    async with a_database(tmp_path) as database:
        system = kind.build(context(online_settings(), database, FakeClock(), MemoryVault()))

    [access] = accesses(ports(system))
    assert (access.system, access.customer) == (SYSTEM, "Cust12345")


def test_secrets_are_kept_online_only() -> None:
    [kind] = licbot_systems()

    assert kind.keeps_secrets(online_settings())
    assert not kind.keeps_secrets(ONSITE)


def test_hook_licbot_steps() -> None:
    assert [step.name for step in licbot_steps()] == ["connect", "disconnect"]


def test_hook_licbot_pages() -> None:
    assert [page.path for page in licbot_pages()] == ["/oauth/superoffice"]


def test_hook_licbot_migrations() -> None:
    assert licbot_migrations() == [
        Migrations(name="superoffice", location="licbot_superoffice:migrations")
    ]


@pytest.mark.parametrize(
    ("holder", "advice"),
    [
        (Holder(id="1", name="Ada"), None),
        (
            Holder(id="1", name="Ada", administrator=True),
            RemovalAdvice(lane=Lane.NEEDS_REVIEW, why="administrator"),
        ),
        (
            Holder(id="1", name="Ada", open_requests=1),
            RemovalAdvice(lane=Lane.PROTECTED, why="1 open request in Service"),
        ),
        (
            Holder(id="1", name="Ada", administrator=True, open_requests=3),
            RemovalAdvice(lane=Lane.PROTECTED, why="3 open requests in Service"),
        ),
    ],
)
def test_hook_licbot_removal_advice(holder: Holder, advice: RemovalAdvice | None) -> None:
    assert licbot_removal_advice(holder) == advice
