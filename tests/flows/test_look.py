"""A look at an activation: asked of the system while it is planned, as it was once it started."""

import pytest

from licbot.domain.activation import plan_digest
from licbot.domain.errors import SystemUnavailable, UnknownActivation
from licbot.domain.licenses import Owner
from licbot.flows.decline import decline_offer
from licbot.flows.find import find_offers
from licbot.flows.look import glance, look
from licbot.flows.pick import pick_holders
from licbot.testing import license_set, module_license, offer
from tests.flows.world import World, removal, sales, travel


async def test_a_look_says_what_the_plan_comes_to(world: World) -> None:
    activation_id = await world.reviewed(sales(2), travel(1))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"])
    review = await look(world.ports, activation_id)
    assert [(c.module.key, c.in_use, c.planned, c.remaining) for c in review.changes] == [
        ("sales", 4, 1, 1),
        ("travel", 2, 1, 0),
    ]
    assert list(review.removals) == [removal("ada"), removal("ada", "travel", picked=False)]
    assert (review.people, review.seats, dict(review.lost)) == (1, 2, {"sales": 1, "travel": 1})
    assert not review.is_clear


async def test_who_gave_up_the_seat_since_is_no_longer_in_the_plan(world: World) -> None:
    """The stored plan is what was known when people picked; a look asks the system."""
    activation_id = await world.reviewed(sales(2))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada", "cleo"])
    world.system.seats.revoke("ada", "sales", "travel")
    review = await look(world.ports, activation_id)
    assert list(review.removals) == [removal("cleo")]
    assert dict(review.lost) == {"sales": 1}
    assert dict((await glance(world.ports, activation_id)).lost) == {"sales": 2, "travel": 1}


async def test_the_digest_binds_offer_removals_and_policy(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    before = await look(world.ports, activation_id)
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"])
    after = await look(world.ports, activation_id)
    assert before.digest != after.digest
    assert after.digest == plan_digest(
        after.offer.digest, after.removals, world.ports.policy.as_words()
    )


async def test_a_glance_counts_the_stored_plan(world: World) -> None:
    activation_id = await world.reviewed(sales(2), travel(1))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"])
    seen = await look(world.ports, activation_id)
    glimpsed = await glance(world.ports, activation_id)
    assert list(glimpsed.changes) == list(seen.changes)
    assert (glimpsed.people, dict(glimpsed.lost)) == (seen.people, dict(seen.lost))


async def test_an_owner_without_a_set_in_force_starts_from_nothing(world: World) -> None:
    partner = license_set(module_license("forms", 3), owner=Owner(name="PARTNER"))
    world.system.leave(offer(partner))
    [activation_id] = (await find_offers(world.ports, "crm")).found
    review = await look(world.ports, activation_id)
    assert [(c.module.key, c.total, c.new_total) for c in review.changes] == [("forms", 0, 3)]


async def test_what_never_started_is_looked_at_anew_even_once_set_aside(world: World) -> None:
    activation_id = await world.reviewed(sales(3), travel(2))
    await decline_offer(world.ports, activation_id, "U1")
    world.system.seats.revoke("cleo", "sales")
    [change, _] = (await look(world.ports, activation_id)).changes
    assert change.in_use == 3


async def test_a_look_needs_the_system_and_an_activation(world: World) -> None:
    activation_id = await world.reviewed()
    for see in (look, glance):
        with pytest.raises(UnknownActivation):
            await see(world.ports, "gone")
        world.system.down = True
        with pytest.raises(SystemUnavailable):
            await see(world.ports, activation_id)
        world.system.down = False
