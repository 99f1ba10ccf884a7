"""A hundred thousand holders are imported, and thousands of seats taken and given back."""

import time
from collections.abc import Awaitable

from licbot.domain.people import HolderQuery
from licbot.domain.removals import Removal
from tests.plugins.local.samples import Installation, module, payload, signed

PEOPLE = 100_000


async def seconds(work: Awaitable[object]) -> float:
    """Of computing; waiting for other programs is not counted."""
    start = time.process_time()
    await work
    return time.process_time() - start


async def test_a_hundred_thousand_holders(small_place: Installation) -> None:
    """How fast they are listed and searched: tests/roster/test_scale.py."""
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

    picked = await system.least_recent(HolderQuery(module="one", limit=20_000), frozenset())
    removals = [Removal(user=user, module="one", picked=True) for user in picked]
    assert len(removals) == 20_000

    assert await seconds(system.take(removals, "a/1")) < 5
    assert await system.in_use() == {"one": PEOPLE - 20_000}
    assert await seconds(system.give_back("a/1")) < 5
    assert await system.in_use() == {"one": PEOPLE}
