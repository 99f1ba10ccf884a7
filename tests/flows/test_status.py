"""How things stand, for each licence set in force."""

from dataclasses import replace
from datetime import timedelta

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import OfferRefused, SystemUnavailable
from licbot.domain.licenses import Owner
from licbot.flows.decline import decline_offer
from licbot.flows.find import find_offers
from licbot.flows.run import end_failed, end_verified
from licbot.flows.status import NEWS, OwnerStatus, Standing, licence_status
from licbot.testing import license_set, module_license, offer
from tests.flows.world import World, sales

S = ActivationState
PARTNER = Owner(name="PARTNER")


async def status(world: World) -> OwnerStatus:
    """Of the one owner."""
    [only] = await licence_status(world.ports)
    return only


async def test_without_an_offer_all_is_up_to_date(world: World) -> None:
    row = await status(world)
    assert (row.system, row.standing, row.activation) == ("crm", Standing.UP_TO_DATE, None)
    assert row.license == world.installed
    assert row.in_use == {"sales": 4, "travel": 2}


async def test_an_offer_waits_until_it_is_decided(world: World) -> None:
    activation_id = await world.found(sales(2))
    assert (await status(world)).standing is Standing.WAITING
    activation_id = await world.reviewed(sequence=2)
    assert (await status(world)).standing is Standing.WAITING
    await decline_offer(world.ports, activation_id, "U1")
    assert (await status(world)).standing is Standing.SET_ASIDE


async def test_a_run_is_shown_and_its_result_is_news_for_a_week(world: World) -> None:
    activation_id = await world.started()
    assert (await status(world)).standing is Standing.RUNNING
    await end_verified(world.ports, activation_id, 1)
    assert (await status(world)).standing is Standing.ACTIVATED
    world.clock.advance(NEWS - timedelta(seconds=1))
    assert (await status(world)).standing is Standing.ACTIVATED
    world.clock.advance(timedelta(seconds=1))
    assert (await status(world)).standing is Standing.UP_TO_DATE


async def test_what_failed_waits_and_what_expired_does_not(world: World) -> None:
    activation_id = await world.started()
    await end_failed(world.ports, activation_id, 1, "refused")
    assert (await status(world)).standing is Standing.WAITING
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("It ended.", check=8))
    await find_offers(world.ports, "crm")
    assert (await status(world)).standing is Standing.UP_TO_DATE


async def test_what_is_open_comes_before_what_ended(world: World) -> None:
    """Given a newer offer waits, when an older one was superseded later on the clock."""
    await world.reviewed(sales(2))
    newer = await world.reviewed(sales(3), sequence=2)
    activation = (await status(world)).activation
    assert activation is not None
    assert activation.id == newer


async def test_owners_stand_for_themselves(world: World) -> None:
    world.system.put_in_force(license_set(module_license("forms"), owner=PARTNER))
    await world.found(sales(2))
    assert {row.license.owner.key: row.standing for row in await licence_status(world.ports)} == {
        "acme": Standing.WAITING,
        "partner": Standing.UP_TO_DATE,
    }


async def test_a_lively_owner_does_not_hide_what_waits_for_another(world: World) -> None:
    """Given more ended activations than are looked at, an old one that waits is still shown."""
    world.system.put_in_force(license_set(module_license("forms"), owner=PARTNER))
    forms = license_set(module_license("forms", 3), owner=PARTNER)
    world.system.leave(offer(forms, 1))
    await find_offers(world.ports, "crm")
    for sequence in range(1, 13):
        world.clock.advance(timedelta(hours=1))
        await world.found(sales(2), sequence=sequence)
    standings = {row.license.owner.key: row.standing for row in await licence_status(world.ports)}
    assert standings["partner"] is Standing.WAITING


async def test_a_system_out_of_reach_is_told(world: World) -> None:
    world.system.down = True
    with pytest.raises(SystemUnavailable):
        await licence_status(world.ports)


async def test_systems_stand_for_themselves(world: World) -> None:
    other = World()
    other.system.name = "test"
    both = replace(world.ports, systems={"crm": world.system, "test": other.system})
    await world.found(sales(2))
    assert [(row.system, row.standing) for row in await licence_status(both)] == [
        ("crm", Standing.WAITING),
        ("test", Standing.UP_TO_DATE),
    ]
