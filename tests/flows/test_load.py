"""An offer that a person brought goes the way of every offer, once."""

import asyncio

import pytest

from licbot.domain.activation import Act, ActivationState, move
from licbot.domain.errors import Conflict
from licbot.flows import load
from licbot.flows.find import receive
from licbot.flows.load import Outcome, load_offer
from licbot.testing import START
from tests.flows.world import World, sales


async def test_of_two_who_bring_the_same_offer_at_once_one_begins_it() -> None:
    here = World()
    offered = here.leave(sales(5))

    loaded = await asyncio.gather(
        *(load_offer(here.ports, "crm", offered, user) for user in ("U1", "U2"))
    )

    assert {each.outcome for each in loaded} == {Outcome.BEGUN, Outcome.WAITING}
    assert len({each.activation.id for each in loaded}) == 1
    assert len(here.jobs("decide")) == 1


async def test_who_was_slower_sees_what_the_quicker_one_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a store that says Conflict, because another process wrote the same row."""
    here = World()
    offered = here.leave(sales(5))

    async def beaten(*args: object) -> None:
        monkeypatch.setattr(load, "receive", receive)
        await receive(here.ports, "crm", offered, "U2")
        raise Conflict

    monkeypatch.setattr(load, "receive", beaten)

    loaded = await load_offer(here.ports, "crm", offered, "U1")

    assert (loaded.outcome, loaded.brought) == (Outcome.WAITING, 1)


async def test_an_offer_whose_rival_has_just_ended_is_to_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = World()
    offered = here.leave(sales(5))
    rival = await here.reviewed(sales(5), sequence=2)

    async def and_then_it_ends(*args: object) -> None:
        assert await receive(here.ports, "crm", offered, "U1") is None
        async with here.store.begin() as uow:
            activation = await uow.activation(rival)
            act = Act(actor="", at=START)
            await uow.save(move(activation, ActivationState.EXPIRED, act, "closed"))
        monkeypatch.setattr(load, "receive", receive)

    monkeypatch.setattr(load, "receive", and_then_it_ends)

    loaded = await load_offer(here.ports, "crm", offered, "U1")

    assert loaded.outcome is Outcome.BEGUN
