"""Processes say that they live; the silent ones are found."""

from licbot.ports.replicas import Replicas
from licbot.store.unit_of_work import SqlStore
from tests.store.samples import DAY, NOW


async def test_the_ticker_knows_it_by_the_port(store: SqlStore) -> None:
    known: Replicas = store
    assert await known.dead_replicas(NOW) == []


async def test_who_was_silent_too_long_is_found_the_longest_silent_first(store: SqlStore) -> None:
    await store.beat("b", NOW)
    await store.beat("a", NOW + DAY)
    await store.beat("c", NOW + 3 * DAY)
    assert await store.dead_replicas(NOW) == []
    assert await store.dead_replicas(NOW + 2 * DAY) == ["b", "a"]


async def test_who_beats_again_is_alive(store: SqlStore) -> None:
    await store.beat("a", NOW)
    await store.beat("a", NOW + 2 * DAY)
    assert await store.dead_replicas(NOW + DAY) == []


async def test_who_is_forgotten_is_found_no_more(store: SqlStore) -> None:
    await store.beat("a", NOW)
    await store.beat("b", NOW)
    await store.forget_replica("a")
    await store.forget_replica("unknown")
    assert await store.dead_replicas(NOW + DAY) == ["b"]
