"""Starting: only what was seen, only without surplus, only when nothing is missing, only once."""

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import (
    ActivationEnded,
    ActivationRunning,
    Conflict,
    OfferRefused,
    PlanChanged,
    RequirementUnmet,
    Superseded,
    SurplusRemains,
    UnknownActivation,
)
from licbot.domain.licenses import LicenseDates
from licbot.flows.decline import decline_offer
from licbot.flows.find import find_offers
from licbot.flows.look import look
from licbot.flows.pick import pick_holders
from licbot.flows.publish import publish_card
from licbot.flows.start import TRIES, start_activation
from licbot.testing import START, license_set, offer
from tests.flows.world import DAY, SALES, TRAVEL, World, removal, sales, travel

S = ActivationState


async def digest(world: World, activation_id: str) -> str:
    return (await look(world.ports, activation_id)).digest


async def start(world: World, activation_id: str, confirmed: str | None = None) -> None:
    seen = await digest(world, activation_id) if confirmed is None else confirmed
    await start_activation(world.ports, activation_id, "U1", confirmed=seen)


async def test_a_confirmed_plan_is_handed_over(world: World) -> None:
    activation_id = await world.reviewed(sales(3), travel(2))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"])
    world.clock.advance(DAY)
    await start(world, activation_id)
    activation = await world.activation(activation_id)
    assert (activation.state, activation.actor, activation.run) == (S.ACTIVATING, "U1", 1)
    assert (activation.done, activation.of, activation.automatic) == (0, 2, False)
    assert world.jobs("activate")[0].arguments == (activation_id, 1)
    assert world.jobs("card")[-1].arguments == (activation_id,)
    kind, event = world.advice.told[-1]
    assert (kind, event.actor, event.detail) == ("ActivationStarted", "U1", "2 seats of 1 person")
    async with world.store.read() as uow:
        kept = await uow.changes(activation_id)
    assert [(each.module.key, each.in_use, each.planned) for each in kept] == [
        ("sales", 4, 1),
        ("travel", 2, 1),
    ]


async def test_another_digest_is_refused(world: World) -> None:
    activation_id = await world.reviewed()
    seen = await digest(world, activation_id)
    await pick_holders(world.ports, activation_id, "sales", "U2", ["ada"])
    with pytest.raises(PlanChanged):
        await start(world, activation_id, seen)
    assert (await world.activation(activation_id)).state is S.REVIEW
    assert world.jobs("activate") == []


async def test_a_surplus_is_refused(world: World) -> None:
    activation_id = await world.reviewed(sales(3))
    with pytest.raises(SurplusRemains):
        await start(world, activation_id)


async def test_a_seat_that_came_into_use_meanwhile_is_a_surplus(world: World) -> None:
    activation_id = await world.reviewed(sales(4), travel(2))
    seen = await digest(world, activation_id)
    world.system.seats.give("eve", "sales")
    with pytest.raises(SurplusRemains):
        await start(world, activation_id, seen)


async def test_what_is_missing_is_said(world: World) -> None:
    activation_id = await world.reviewed()
    world.advice.missing = ["A second approval."]
    with pytest.raises(RequirementUnmet, match="A second approval"):
        await start(world, activation_id)


async def test_an_offer_waits_for_its_day() -> None:
    world = World()
    ends = LicenseDates(grace=(START + 3 * DAY).date())
    left = offer(license_set(SALES, TRAVEL, dates=ends), not_before=(START + DAY).date())
    world.system.leave(left)
    [activation_id] = (await find_offers(world.ports, "crm")).found
    with pytest.raises(RequirementUnmet, match="valid from 25 November 2026"):
        await start(world, activation_id)
    world.clock.advance(2 * DAY)
    await start(world, activation_id)
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_what_the_system_no_longer_accepts_is_closed(world: World) -> None:
    activation_id = await world.reviewed()
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("It ended on Monday.", check=8))
    with pytest.raises(OfferRefused, match="It ended on Monday"):
        await start(world, activation_id)
    activation = await world.activation(activation_id)
    assert (activation.state, activation.note) == (S.EXPIRED, "It ended on Monday.")


async def test_a_clock_that_is_wrong_closes_nothing(world: World) -> None:
    activation_id = await world.reviewed()
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("The clock was set back.", check=5))
    with pytest.raises(OfferRefused):
        await start(world, activation_id)
    assert (await world.activation(activation_id)).state is S.REVIEW


async def test_a_refused_start_has_the_message_drawn_anew(world: World) -> None:
    """Given a pick that someone undid outside, the message must not go on offering Activate."""
    activation_id = await world.reviewed(sales(3))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["cleo"])
    confirmed = await digest(world, activation_id)
    await publish_card(world.ports, activation_id)
    world.store.take_jobs()
    world.system.seats.revoke("cleo", "sales")
    world.system.seats.give("eve", "sales")
    with pytest.raises(PlanChanged):
        await start(world, activation_id, confirmed)
    assert len(world.jobs("card")) == 1
    await publish_card(world.ports, activation_id)
    assert await world.removals(activation_id) == []


async def test_the_plan_that_is_kept_is_the_one_that_was_confirmed(world: World) -> None:
    """Given seats were given up outside since people picked, only what is left is planned."""
    activation_id = await world.reviewed(sales(2), travel(2))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada", "bo", "cleo"])
    world.system.seats.revoke("ada", "travel")
    world.system.seats.revoke("cleo", "sales")
    await start(world, activation_id)
    assert await world.removals(activation_id) == [
        removal("ada"),
        removal("bo"),
        removal("bo", "travel", picked=False),
    ]
    assert (await world.activation(activation_id)).of == 3


async def test_one_of_two_wins(world: World) -> None:
    activation_id = await world.reviewed()
    seen = await digest(world, activation_id)
    await start(world, activation_id, seen)
    with pytest.raises(ActivationRunning):
        await start(world, activation_id, seen)
    assert len(world.jobs("activate")) == 1


async def test_outside_review_it_is_refused(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await decline_offer(world.ports, activation_id, "U1")
    with pytest.raises(ActivationEnded):
        await start(world, activation_id)
    await world.found(sales(2), sequence=2)
    with pytest.raises(Superseded):
        await start(world, activation_id)
    with pytest.raises(UnknownActivation):
        await start(world, "gone", "")


async def test_a_pick_at_the_same_moment_is_looked_at_again(world: World) -> None:
    """Given a confirmation is being checked, when someone picks, it is checked anew and refused."""
    activation_id = await world.reviewed()
    seen = await digest(world, activation_id)

    async def pick(method: str) -> None:
        if method == "in_use":
            world.system.meanwhile = None
            await pick_holders(world.ports, activation_id, "travel", "U2", ["ada"])

    world.system.meanwhile = pick
    with pytest.raises(PlanChanged):
        await start(world, activation_id, seen)
    assert await world.removals(activation_id) == [removal("ada", "travel")]


async def test_a_change_that_came_to_nothing_does_not_stand_in_the_way(world: World) -> None:
    """Given a tick and its taking back while it is checked, when checked anew, it starts."""
    activation_id = await world.reviewed()
    seen = await digest(world, activation_id)

    async def touch(method: str) -> None:
        if method == "in_use":
            world.system.meanwhile = None
            await _touch(world, activation_id)

    world.system.meanwhile = touch
    await start(world, activation_id, seen)
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_who_never_gets_a_quiet_moment_is_asked_to_try_again(world: World) -> None:
    activation_id = await world.reviewed()
    seen = await digest(world, activation_id)
    touched = 0

    async def touch(method: str) -> None:
        nonlocal touched
        if method == "in_use":
            touched += 1
            await _touch(world, activation_id)

    world.system.meanwhile = touch
    with pytest.raises(Conflict):
        await start(world, activation_id, seen)
    assert touched == TRIES
    assert (await world.activation(activation_id)).state is S.REVIEW


async def _touch(world: World, activation_id: str) -> None:
    async with world.store.begin() as uow:
        await uow.save(await uow.activation(activation_id))


async def test_what_was_kept_is_shown_once_it_runs(world: World) -> None:
    """The figures stay those that were confirmed, whatever the system says later."""
    activation_id = await world.started(sales(3), travel(2), sales=("ada",))
    async with world.store.read() as uow:
        kept = await uow.changes(activation_id)
    world.system.seats.revoke("ada", "sales", "travel")
    after = await look(world.ports, activation_id)
    assert list(after.changes) == list(kept)
    assert (after.people, dict(after.lost)) == (1, {"sales": 1, "travel": 1})
