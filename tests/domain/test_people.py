"""Holders are told apart, and what is unknown of them stays unknown."""

from dataclasses import FrozenInstanceError

import pytest

from licbot.domain.people import (
    Holder,
    HolderFilter,
    HolderKind,
    HolderOrder,
    HolderQuery,
    Person,
)


def test_a_person_without_a_verified_address_has_none() -> None:
    assert Person(id="U1", name="Ada").email is None


def test_a_holder_of_whom_nothing_is_known_counts_as_an_active_associate() -> None:
    holder = Holder(id="7", name="Ada Nordwind")

    assert holder.kind is HolderKind.ASSOCIATE
    assert holder.can_login
    assert not holder.administrator
    assert holder.last_login is None


def test_a_list_begins_with_the_least_recent_of_all_holders() -> None:
    query = HolderQuery(module="sales")

    assert query.filter is HolderFilter.ALL
    assert query.order is HolderOrder.LEAST_RECENT
    assert (query.search, query.only, query.offset) == ("", None, 0)
    assert query.limit > 0


def test_a_holder_cannot_be_altered() -> None:
    holder = Holder(id="7", name="Ada Nordwind")

    with pytest.raises(FrozenInstanceError):
        holder.name = "Bo"  # type: ignore[misc]
