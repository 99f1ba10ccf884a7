"""Asking the issuer: what is new begins its course once, and what can no longer be used ends."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import Conflict, OfferRefused, SystemUnavailable
from licbot.domain.licenses import LicenseDates, Owner
from licbot.flows.decide import decide_course
from licbot.flows.decline import decline_offer
from licbot.flows.find import find_offers, next_poll, receive
from licbot.flows.pick import pick_holders
from licbot.flows.run import end_failed
from licbot.testing import START, license_set, offer
from tests.flows.world import DAY, World, sales, travel

S = ActivationState
PARTNER = Owner(name="PARTNER")


async def test_an_offer_begins_an_activation(world: World) -> None:
    left = world.leave(sales(2), sequence=5)
    finding = await find_offers(world.ports, "crm")
    [activation_id] = finding.found
    activation = await world.activation(activation_id)
    assert (activation.state, activation.offer_digest, activation.sequence) == (
        S.FOUND,
        left.digest,
        5,
    )
    assert await world.events(activation_id) == ["OfferFound"]
    [job] = world.store.jobs
    assert (job.kind, job.arguments, job.id) == (
        "decide",
        (activation_id, ""),
        f"decide/{activation_id}",
    )
    assert [kind for kind, _ in world.advice.told] == ["OfferFound"]


async def test_without_an_offer_nothing_happens(world: World) -> None:
    finding = await find_offers(world.ports, "crm")
    assert (finding.found, finding.waiting, finding.refused) == ([], [], ())
    assert list(world.store.jobs) == []


async def test_what_is_known_waits(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    world.store.take_jobs()
    finding = await find_offers(world.ports, "crm")
    assert (finding.found, finding.waiting) == ([], [activation_id])
    assert list(world.store.jobs) == []


async def test_what_cannot_be_accepted_is_said(world: World) -> None:
    rejected = world.leave(sales(2), source="a letter")
    world.system.reject(rejected, OfferRefused("Its key is not trusted.", check=3))
    finding = await find_offers(world.ports, "crm")
    assert finding.found == []
    assert [(each.source, each.reason) for each in finding.refused] == [
        ("a letter", "Its key is not trusted.")
    ]


@pytest.mark.parametrize("state", [S.FOUND, S.REVIEW, S.DECLINED, S.FAILED])
async def test_a_newer_offer_takes_the_place_of_an_older_one(state: S) -> None:
    world = World()
    older = await _in_state(world, state)
    newer = await world.found(sales(3), sequence=2)
    former = await world.activation(older)
    assert (former.state, former.actor) == (S.SUPERSEDED, "")
    assert "newer licence" in former.note
    assert (await world.events(older))[-1] == "OfferSuperseded"
    assert (await world.activation(newer)).state is S.FOUND
    assert world.jobs("decide")[-1].arguments == (newer, older)
    assert (older,) in [job.arguments for job in world.jobs("card")]


async def _in_state(world: World, state: S) -> str:
    if state is S.FOUND:
        return await world.found(sales(2))
    if state is S.FAILED:
        activation_id = await world.started()
        await end_failed(world.ports, activation_id, 1, "refused")
        return activation_id
    activation_id = await world.reviewed(sales(2))
    if state is S.DECLINED:
        await decline_offer(world.ports, activation_id, "U1")
    return activation_id


@pytest.mark.parametrize("sequence", [4, 5])
async def test_only_a_higher_number_takes_another_ones_place(world: World, sequence: int) -> None:
    activation_id = await world.found(sales(2), sequence=5)
    other = offer(license_set(sales(3)), sequence)
    assert await receive(world.ports, "crm", other) is None
    assert (await world.activation(activation_id)).state is S.FOUND


async def test_the_same_bytes_never_take_their_own_place(world: World) -> None:
    """Though the number were higher: what counts are the bytes."""
    known = world.leave(sales(2))
    await find_offers(world.ports, "crm")
    assert await receive(world.ports, "crm", replace(known, sequence=9)) is None


async def test_while_one_is_activated_another_waits(world: World) -> None:
    activation_id = await world.started(sales(2), sales=("ada", "bo"))
    world.leave(sales(3), sequence=2)
    finding = await find_offers(world.ports, "crm")
    assert (finding.found, finding.waiting) == ([], [activation_id])
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_owners_do_not_take_each_others_place(world: World) -> None:
    mine = await world.found(sales(2))
    world.system.leave(offer(license_set(travel(1), owner=PARTNER), 2))
    finding = await find_offers(world.ports, "crm")
    assert len(finding.found) == 1
    assert finding.waiting == [mine]


async def test_an_offer_that_is_accepted_no_longer_ends(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("It ended on Monday.", check=8))
    finding = await find_offers(world.ports, "crm")
    assert finding.waiting == []
    activation = await world.activation(activation_id)
    assert (activation.state, activation.note) == (S.EXPIRED, "It ended on Monday.")
    assert (await world.events(activation_id))[-1] == "OfferExpired"
    assert world.jobs("card")[-1].arguments == (activation_id,)


async def test_a_wrong_clock_ends_nothing(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("The clock was set back.", check=5))
    assert (await find_offers(world.ports, "crm")).waiting == [activation_id]


async def test_what_is_being_activated_does_not_end_by_itself(world: World) -> None:
    activation_id = await world.started(sales(2), sales=("ada", "bo"))
    [left] = (await world.system.find_offers()).offers
    world.system.reject(left, OfferRefused("It ended on Monday.", check=8))
    await find_offers(world.ports, "crm")
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_what_started_or_ended_meanwhile_is_left_alone(world: World) -> None:
    """Given an offer that is no longer accepted, when it moves on while the system is asked."""
    activation_id = await world.reviewed()
    [left] = (await world.system.find_offers()).offers

    async def start(method: str) -> None:
        if method == "read_offer":
            world.system.meanwhile = None
            await world.confirm(activation_id)
            world.system.reject(left, OfferRefused("It ended on Monday.", check=8))

    world.system.meanwhile = start
    await find_offers(world.ports, "crm")
    assert (await world.activation(activation_id)).state is S.ACTIVATING


async def test_two_who_find_the_same_begin_it_once(world: World) -> None:
    world.leave(sales(2))

    async def find_first(method: str) -> None:
        if method == "find_offers":
            world.system.meanwhile = None
            await find_offers(world.ports, "crm")

    world.system.meanwhile = find_first
    finding = await find_offers(world.ports, "crm")
    assert finding.found == []
    assert len(finding.waiting) == 1


async def test_a_system_out_of_reach_leaves_the_date_as_it_was(world: World) -> None:
    world.system.down = True
    with pytest.raises(SystemUnavailable):
        await find_offers(world.ports, "crm")
    async with world.store.read() as uow:
        assert await uow.poll_due("crm") is None


async def test_what_was_never_decided_is_taken_up_again_with_what_it_replaced(
    world: World,
) -> None:
    """Given an offer whose decision was given up, when the issuer is asked the next time."""
    older = await world.reviewed(sales(2))
    await pick_holders(world.ports, older, "sales", "U1", ["ada", "bo"])
    world.clock.advance(DAY)
    newer = await world.found(sales(3), sequence=2)
    world.store.take_jobs()
    world.clock.advance(DAY)
    await find_offers(world.ports, "crm")
    [job] = world.store.jobs
    assert (job.kind, job.arguments, job.id) == ("decide", (newer, older), None)
    await decide_course(world.ports, newer, older)
    assert [each.user for each in await world.removals(newer)] == ["ada", "ada"]


async def test_a_store_that_met_another_writer_says_so(world: World) -> None:
    """The caller tries again."""
    await world.found(sales(2))
    async with world.store.begin() as uow:
        [activation] = await uow.open_activations("crm")
        with pytest.raises(Conflict):
            await uow.add_activation(replace(activation, id="another"), world.leave())


# When to ask again


@pytest.mark.parametrize(
    ("check", "due"),
    [
        (None, START + timedelta(hours=6)),
        (START + timedelta(hours=2), START + timedelta(hours=2)),
        (START + timedelta(hours=7), START + timedelta(hours=6)),
        (START - timedelta(hours=1), START + timedelta(hours=6)),
        (START, START + timedelta(hours=6)),
        (START.date(), START + timedelta(hours=6)),
        (START.date() + DAY, START + timedelta(hours=6)),
    ],
    ids=["never", "before", "after", "past", "now", "today", "tomorrow"],
)
def test_the_next_check_date_comes_before_the_interval(
    check: datetime | date | None, due: datetime
) -> None:
    assert next_poll([check], START, 6 * 3600) == due


def test_a_day_begins_at_midnight_utc() -> None:
    evening = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    assert next_poll([date(2026, 11, 25), date(2026, 11, 26)], evening, 6 * 3600) == datetime(
        2026, 11, 25, tzinfo=UTC
    )
    assert next_poll([], evening, 60) == evening + timedelta(minutes=1)


async def test_the_date_is_kept() -> None:
    world = World(dates=LicenseDates(next_check=START + timedelta(hours=1)))
    await find_offers(world.ports, "crm")
    async with world.store.read() as uow:
        assert await uow.poll_due("crm") == START + timedelta(hours=1)
