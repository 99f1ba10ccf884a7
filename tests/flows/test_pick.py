"""Planning who loses a seat: by two people at once, with what goes along, and only in review."""

from collections.abc import Awaitable, Callable

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import ActivationEnded, ActivationRunning, Superseded, UnknownActivation
from licbot.domain.people import HolderOrder, HolderQuery
from licbot.flows.decline import decline_offer
from licbot.flows.pick import clear_picks, pick_holders, pick_least_recent, tick_holders
from licbot.flows.run import end_failed
from licbot.ports.conversation import Selection
from licbot.ports.store import Pick
from tests.flows.world import DAY, World, removal, sales, travel

S = ActivationState


def boxes(
    shown: set[str], ticked: set[str], *, drawing: str = "d1", listed: set[str] | None = None
) -> Selection:
    """A group of check boxes as it came: what was ticked when drawn, and what is ticked."""
    return Selection(
        block_id=drawing,
        listed=frozenset(listed or {"ada", "bo", "cleo", "dev"}),
        shown=frozenset(shown),
        ticked=frozenset(ticked),
    )


async def tick(world: World, activation_id: str, actor: str, *groups: Selection) -> int:
    return await tick_holders(world.ports, activation_id, "sales", actor, groups)


async def picked(world: World, activation_id: str, module: str = "sales") -> dict[str, str]:
    """Who is picked, by whom."""
    async with world.store.read() as uow:
        picks = await uow.picks(activation_id, module)
    return {user: pick.actor for user, pick in picks.items() if pick.picked}


async def test_a_tick_plans_what_goes_along_and_takes_nothing(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    world.clock.advance(DAY)
    assert await tick(world, activation_id, "U1", boxes(set(), {"ada", "cleo"})) == 2
    assert await world.removals(activation_id) == [
        removal("ada"),
        removal("ada", "travel", picked=False),
        removal("cleo"),
    ]
    assert (await world.system.in_use())["sales"] == 4
    activation = await world.activation(activation_id)
    assert (activation.actor, activation.verb) == ("U1", "picked people")
    assert activation.acted_at == world.clock.now()
    assert world.jobs("card")[-1].arguments == (activation_id,)
    [event] = [event for kind, event in world.advice.told if kind == "RemovalsPlanned"]
    assert (event.actor, event.detail) == ("U1", "+2 -0")


async def test_unticking_lets_everything_go_that_went_along(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await tick(world, activation_id, "U1", boxes(set(), {"ada", "bo"}))
    assert await tick(world, activation_id, "U2", boxes({"ada", "bo"}, {"bo"})) == 1
    assert await world.removals(activation_id) == [
        removal("bo"),
        removal("bo", "travel", picked=False),
    ]
    activation = await world.activation(activation_id)
    assert (activation.actor, activation.verb) == ("U2", "let people keep their seats")


async def test_two_people_tick_without_undoing_each_other(world: World) -> None:
    """Given both see nothing ticked, when one ticks Ada and the other Bo, both are picked."""
    activation_id = await world.reviewed(sales(2))
    await tick(world, activation_id, "U1", boxes(set(), {"ada"}, drawing="d1"))
    await tick(world, activation_id, "U2", boxes(set(), {"bo"}, drawing="d2"))
    assert await picked(world, activation_id) == {"ada": "U1", "bo": "U2"}


async def test_one_may_take_back_a_tick_of_the_same_drawing(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await tick(world, activation_id, "U1", boxes(set(), {"ada"}))
    await tick(world, activation_id, "U1", boxes(set(), set()))
    assert await picked(world, activation_id) == {}


async def test_a_tick_in_another_drawing_is_nobodys_wish(world: World) -> None:
    """Given Ada was ticked in a modal, when a box of an older message changes, she stays."""
    activation_id = await world.reviewed(sales(2))
    await tick(world, activation_id, "U1", boxes(set(), {"ada"}, drawing="modal"))
    await tick(world, activation_id, "U1", boxes(set(), {"bo"}, drawing="message"))
    assert await picked(world, activation_id) == {"ada": "U1", "bo": "U1"}


async def test_several_groups_are_one_wish(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    groups = [
        boxes(set(), {"ada"}, drawing="d1", listed={"ada", "bo"}),
        boxes(set(), {"dev"}, drawing="d2", listed={"cleo", "dev"}),
    ]
    assert await tick(world, activation_id, "U1", *groups) == 2
    async with world.store.read() as uow:
        assert await uow.picks(activation_id, "sales") == {
            "ada": Pick(user="ada", picked=True, actor="U1", group="d1"),
            "dev": Pick(user="dev", picked=True, actor="U1", group="d2"),
        }


async def test_what_is_as_it_was_changes_nothing(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await tick(world, activation_id, "U1", boxes(set(), {"ada"}))
    before = await world.activation(activation_id)
    assert await tick(world, activation_id, "U2", boxes({"ada"}, {"ada"})) == 0
    assert await tick(world, activation_id, "U2") == 0
    assert await world.activation(activation_id) == before


async def test_only_who_holds_it_can_be_picked_but_anyone_let_go(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await tick(world, activation_id, "U1", boxes(set(), {"ada", "bo"}))
    for user in ("ada", "cleo"):
        world.system.seats.revoke(user, "sales", "travel")
    assert await tick(world, activation_id, "U1", boxes({"ada", "bo"}, {"bo", "cleo"})) == 1
    assert await picked(world, activation_id) == {"bo": "U1"}
    assert {each.user for each in await world.removals(activation_id)} == {"bo"}


async def test_picks_of_one_licence_stay_beside_those_of_another(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await pick_holders(world.ports, activation_id, "travel", "U1", ["ada", "bo"])
    await pick_holders(world.ports, activation_id, "sales", "U2", ["ada"])
    assert await world.removals(activation_id) == [
        removal("ada"),
        removal("ada", "travel"),
        removal("bo", "travel"),
    ]


async def test_picking_who_is_picked_changes_nothing(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    assert await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"]) == 1
    assert await pick_holders(world.ports, activation_id, "sales", "U2", ["ada"]) == 0
    assert await picked(world, activation_id) == {"ada": "U1"}


async def test_the_least_recent_are_those_who_do_not_lose_it_yet(world: World) -> None:
    """Unknown never counts as idle: Cleo is not among them."""
    activation_id = await world.reviewed(sales(2))
    query = HolderQuery(module="sales", order=HolderOrder.NAME, limit=1)
    assert await pick_least_recent(world.ports, activation_id, query, "U1") == 1
    assert await picked(world, activation_id) == {"bo": "U1"}
    assert await pick_least_recent(world.ports, activation_id, query, "U2") == 1
    assert await picked(world, activation_id) == {"bo": "U1", "dev": "U2"}
    every = HolderQuery(module="sales", limit=30)
    assert await pick_least_recent(world.ports, activation_id, every, "U2") == 1
    assert await pick_least_recent(world.ports, activation_id, every, "U2") == 0
    assert set(await picked(world, activation_id)) == {"ada", "bo", "dev"}


async def test_who_loses_it_along_with_another_is_skipped_too(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["bo"])
    query = HolderQuery(module="travel", limit=1)
    assert await pick_least_recent(world.ports, activation_id, query, "U1") == 1
    assert await picked(world, activation_id, "travel") == {"ada": "U1"}


async def test_picks_of_one_licence_are_taken_back_together(world: World) -> None:
    activation_id = await world.reviewed(sales(2))
    await pick_holders(world.ports, activation_id, "sales", "U1", ["ada", "cleo"])
    await pick_holders(world.ports, activation_id, "travel", "U1", ["ada"])
    world.system.seats.revoke("cleo", "sales")
    assert await clear_picks(world.ports, activation_id, "sales", "U2") == 2
    assert await clear_picks(world.ports, activation_id, "sales", "U2") == 0
    assert await world.removals(activation_id) == [removal("ada", "travel")]
    assert (await world.activation(activation_id)).verb == "let people keep their seats"


Pickers = Callable[[World, str], Awaitable[int]]

PICKERS: dict[str, Pickers] = {
    "tick": lambda world, a: tick(world, a, "U1", boxes(set(), {"ada"})),
    "pick": lambda world, a: pick_holders(world.ports, a, "sales", "U1", ["ada"]),
    "least recent": lambda world, a: pick_least_recent(
        world.ports, a, HolderQuery(module="sales", limit=1), "U1"
    ),
    "clear": lambda world, a: clear_picks(world.ports, a, "sales", "U1"),
}


@pytest.mark.parametrize("way", PICKERS)
@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (S.FOUND, ActivationEnded),
        (S.ACTIVATING, ActivationRunning),
        (S.FAILED, ActivationEnded),
        (S.DECLINED, ActivationEnded),
        (S.SUPERSEDED, Superseded),
    ],
)
async def test_outside_review_nothing_can_be_planned(
    way: str, state: S, refusal: type[Exception]
) -> None:
    world = World()
    activation_id = await _brought_to(world, state)
    before = await world.removals(activation_id)
    with pytest.raises(refusal):
        await PICKERS[way](world, activation_id)
    assert await world.removals(activation_id) == before


async def _brought_to(world: World, state: S) -> str:
    if state is S.FOUND:
        return await world.found(sales(2))
    if state in (S.ACTIVATING, S.FAILED):
        activation_id = await world.started(sales(3), travel(2), sales=("ada",))
        if state is S.FAILED:
            await end_failed(world.ports, activation_id, 1, "refused")
        return activation_id
    activation_id = await world.reviewed(sales(2))
    if state is S.DECLINED:
        await decline_offer(world.ports, activation_id, "U1")
    else:
        await world.found(sales(3), sequence=2)
    return activation_id


@pytest.mark.parametrize("way", PICKERS)
async def test_an_unknown_activation_is_told(world: World, way: str) -> None:
    with pytest.raises(UnknownActivation):
        await PICKERS[way](world, "gone")


async def test_a_pick_that_meets_the_end_of_the_review_is_refused(world: World) -> None:
    """Given Ada is being picked, when it is superseded while the system is asked what she holds."""
    activation_id = await world.reviewed(sales(2))

    async def supersede(method: str) -> None:
        if method == "held_by":
            world.system.meanwhile = None
            await world.found(sales(3), sequence=2)

    world.system.meanwhile = supersede
    with pytest.raises(Superseded):
        await pick_holders(world.ports, activation_id, "sales", "U1", ["ada"])
    assert await picked(world, activation_id) == {}
