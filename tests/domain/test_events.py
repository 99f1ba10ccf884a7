"""Events say what happened, in the past tense, and never change."""

import inspect
from dataclasses import FrozenInstanceError
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licbot.domain import events
from licbot.domain.events import Event
from tests.domain.strategies import NOW, times

KINDS = [
    thing
    for thing in vars(events).values()
    if isinstance(thing, type) and issubclass(thing, Event) and thing is not Event
]
PARTICIPLES = ("ed", "Found")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_in_the_past_tense_and_described(kind: type[Event]) -> None:
    assert kind.__name__.endswith(PARTICIPLES)
    assert (inspect.getdoc(kind) or "").endswith(".")
    assert inspect.getdoc(kind) != inspect.getdoc(Event)


@given(first=st.sampled_from(KINDS), second=st.sampled_from(KINDS), at=times)
def test_events_of_different_kinds_are_different(
    first: type[Event], second: type[Event], at: datetime
) -> None:
    assert (first(activation="a1", at=at) == second(activation="a1", at=at)) is (first is second)


@pytest.mark.parametrize("kind", KINDS)
def test_what_happened_cannot_be_altered(kind: type[Event]) -> None:
    event = kind(activation="a1", at=NOW, actor="U1", detail="3 seats")

    with pytest.raises(FrozenInstanceError):
        event.actor = "U2"  # type: ignore[misc]
    assert (event.activation, event.at, event.actor, event.detail) == ("a1", NOW, "U1", "3 seats")


def test_an_event_without_an_actor_is_licbots_own() -> None:
    assert events.OfferFound(activation="a1", at=NOW).actor == ""
