"""A hundred thousand users are written, listed, searched and counted while a person waits."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from licbot.domain.people import Holder, HolderFilter, HolderOrder, HolderQuery
from licbot.store.database import SqlDatabase
from tests.roster.samples import ROSTER, SYSTEM, fill

PEOPLE = 100_000
TOLERANCE = 0.2
"""Seconds of computing for one question; waiting for other programs is not counted."""


def person(number: int) -> Holder:
    """One of many, whose id says nothing of when they last signed in."""
    at = datetime(2026, number % 9 + 1, number % 28 + 1, tzinfo=UTC)
    return Holder(
        id=f"user-{number * 7919 % PEOPLE}",
        name=f"Person {number}",
        last_login=at if number % 10 else None,
    )


async def seconds(question: Awaitable[object]) -> float:
    start = time.process_time()
    await question
    return time.process_time() - start


async def fastest(question: Callable[[], Awaitable[object]]) -> float:
    return min([await seconds(question()) for _ in range(5)])


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_hundred_thousand_holders(database: SqlDatabase) -> None:
    """What few of them hold is found without reading every seat, as counting does."""
    people = [person(number) for number in range(PEOPLE)]
    ids = [user.id for user in people]
    held = dict.fromkeys(ids, frozenset({"one"}))
    async with database.begin() as connection:
        assert await seconds(fill(connection, people, held)) < 10

    async with database.read() as connection:
        pages = {
            "first page": HolderQuery(module="one"),
            "by name": HolderQuery(module="one", order=HolderOrder.NAME),
            "search": HolderQuery(module="one", search="person 999"),
            "filter": HolderQuery(module="one", filter=HolderFilter.UNKNOWN),
            "chosen": HolderQuery(module="one", only=frozenset(ids[:20_000])),
        }
        questions: dict[str, Awaitable[object]] = {
            "count": ROSTER.in_use(connection, SYSTEM),
            "held": ROSTER.held(connection, SYSTEM, ids[:30]),
            "people": ROSTER.people(connection, SYSTEM, ids[:30]),
            **{name: ROSTER.holders(connection, SYSTEM, query) for name, query in pages.items()},
        }
        taken = {name: await seconds(question) for name, question in questions.items()}
        picked = await ROSTER.least_recent(
            connection, SYSTEM, HolderQuery(module="one", limit=20_000), frozenset(ids[:9])
        )
        counting = await fastest(lambda: ROSTER.in_use(connection, SYSTEM))
        holding = await fastest(lambda: ROSTER.held(connection, SYSTEM, ids[:30]))

    assert {name: spent for name, spent in taken.items() if spent > TOLERANCE} == {}
    assert len(picked) == 20_000
    assert holding < counting / 2
