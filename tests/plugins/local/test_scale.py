"""A hundred thousand holders are listed, searched and counted while a person waits."""

import time
from collections.abc import Awaitable

from licbot.domain.people import HolderFilter, HolderOrder, HolderQuery
from licbot.domain.removals import Removal
from tests.plugins.local.samples import Installation, module, payload, signed

PEOPLE = 100_000
TOLERANCE = 0.2
"""Seconds of computing for one question; waiting for other programs is not counted."""


async def seconds(question: Awaitable[object]) -> float:
    start = time.process_time()
    await question
    return time.process_time() - start


async def test_a_hundred_thousand_holders(small_place: Installation) -> None:
    users = [
        {
            "id": f"user-{number * 7919 % PEOPLE}",
            "name": f"Person {number}",
            "last_login": f"2026-0{number % 9 + 1}-{number % 28 + 1:02}" if number % 10 else None,
        }
        for number in range(PEOPLE)
    ]
    seats = [{"user": str(each["id"]), "module": "one"} for each in users]
    raw = signed(payload([module("one", PEOPLE)]))
    assert await seconds(small_place.fill(users, seats, raw)) < 10
    system = small_place.system
    ids = [str(each["id"]) for each in users]

    questions = {
        "count": system.in_use(),
        "first page": system.holders(HolderQuery(module="one")),
        "by name": system.holders(HolderQuery(module="one", order=HolderOrder.NAME)),
        "search": system.holders(HolderQuery(module="one", search="person 999")),
        "filter": system.holders(HolderQuery(module="one", filter=HolderFilter.UNKNOWN)),
        "chosen": system.holders(HolderQuery(module="one", only=frozenset(ids[:20_000]))),
        "held": system.held_by(ids[:30]),
        "people": system.people(ids[:30]),
    }
    taken = {name: await seconds(question) for name, question in questions.items()}
    assert {name: spent for name, spent in taken.items() if spent > TOLERANCE} == {}

    picked = await system.least_recent(HolderQuery(module="one", limit=20_000), frozenset(ids[:9]))
    assert len(picked) == 20_000
    removals = [Removal(user=user, module="one", picked=True) for user in picked]
    await system.take(removals, "a/1")
    assert await system.in_use() == {"one": PEOPLE - 20_000}
    assert await system.give_back("a/1") == []
    assert await system.in_use() == {"one": PEOPLE}
