"""Seats are taken once by a run, and given back as far as there is room."""

import asyncio
import dataclasses

import pytest
from sqlalchemy import insert, update

from licbot.domain.removals import Removal
from licbot_local.tables import seats, users
from tests.plugins.local.samples import (
    Installation,
    module,
    offer,
    payload,
    removal,
    seat,
    signed,
    user,
)
from tests.plugins.local.test_installing import DyingDatabase, PowerCut

SALES = "sales-premium"
NAMES = ["Anna", "Bea", "Cem", "Dora"]


@pytest.fixture
async def filled(place: Installation) -> Installation:
    """Four people with a seat each; Emil has one and is deleted."""
    people = [*(user(name) for name in NAMES), user("Emil", deleted=True)]
    await place.fill(people, [*(seat(name) for name in NAMES), seat("Emil")])
    return place


async def holding(place: Installation, key: str = SALES) -> set[str]:
    held = await place.system.held_by([name.lower() for name in NAMES])
    return {user for user, modules in held.items() if key in modules}


async def test_a_seat_is_taken_and_given_back(filled: Installation) -> None:
    await filled.system.take([removal("Anna"), removal("Bea")], "a/1")
    assert await holding(filled) == {"cem", "dora"}

    assert await filled.system.give_back("a/1") == []
    assert await holding(filled) == {"anna", "bea", "cem", "dora"}


async def test_taking_again_changes_nothing(filled: Installation) -> None:
    await filled.system.take([removal("Anna")], "a/1")
    await filled.system.take([removal("Anna"), removal("Anna"), removal("Bea")], "a/1")
    assert await holding(filled) == {"cem", "dora"}

    await filled.system.give_back("a/1")
    await filled.system.take([removal("Anna"), removal("Bea")], "a/1")

    assert await holding(filled) == {"anna", "bea", "cem", "dora"}


async def test_a_seat_that_was_not_held_is_neither_taken_later_nor_given_back(
    filled: Installation,
) -> None:
    absent = removal("Anna", "service")
    await filled.system.take([absent, removal("Emil"), removal("Nobody")], "a/1")

    assert await filled.system.give_back("a/1") == []
    assert await holding(filled, "service") == set()
    assert await filled.system.in_use() == {SALES: 4}


async def test_a_run_gives_back_only_what_it_took_itself(filled: Installation) -> None:
    await filled.system.take([removal("Anna")], "a/1")
    await filled.system.take([removal("Anna"), removal("Bea")], "a/2")

    await filled.system.give_back("a/2")
    assert await holding(filled) == {"bea", "cem", "dora"}

    await filled.system.give_back("a/1")
    assert await holding(filled) == {"anna", "bea", "cem", "dora"}


async def test_giving_back_stops_at_the_installed_total(filled: Installation) -> None:
    await filled.system.take([removal(name) for name in ("Anna", "Bea", "Cem")], "a/1")
    await filled.system.install(offer([module(SALES, 2)], sequence=43))

    left = await filled.system.give_back("a/1")

    assert left == [removal("Bea"), removal("Cem")]
    assert await filled.system.in_use() == {SALES: 2}
    assert await filled.system.give_back("a/1") == left
    assert await filled.system.in_use() == {SALES: 2}


async def test_what_was_lost_once_stays_lost_for_that_run(filled: Installation) -> None:
    await filled.system.take([removal(name) for name in NAMES], "a/1")
    await filled.system.install(offer([module(SALES, 1)], sequence=43))
    left = await filled.system.give_back("a/1")
    await filled.system.install(offer([module(SALES, 50)], sequence=44))

    assert await filled.system.give_back("a/1") == left
    assert await filled.system.in_use() == {SALES: 1}


@pytest.mark.parametrize(
    ("modules", "lost"),
    [
        ([module(SALES, 1, unrestricted=True)], 0),
        ([module("service", 5)], 4),
        ([module(SALES, 9, type="site")], 4),
    ],
)
async def test_giving_back_follows_the_licence_in_force(
    filled: Installation, modules: list[dict[str, object]], lost: int
) -> None:
    await filled.system.take([removal(name) for name in NAMES], "a/1")
    await filled.system.install(offer(modules, sequence=43))

    assert len(await filled.system.give_back("a/1")) == lost


async def test_without_its_plan_nobody_gets_a_part_of_it_back(place: Installation) -> None:
    plan = module("plan", 2, extra_flags=1, extra_info="set=web")
    rows = [plan, module("web", 2, hidden=True), module("extra", 2, prerequisite="plan")]
    keys = ("plan", "web", "extra")
    await place.fill(
        [user("Anna"), user("Bea")],
        [seat(name, key) for name in ("Anna", "Bea") for key in keys],
        signed(payload(rows)),
    )
    await place.system.take([removal(n, key) for n in ("Anna", "Bea") for key in keys], "a/1")
    smaller = [plan | {"number": 1}, *rows[1:]]
    await place.system.install(offer(smaller, sequence=43))

    left = await place.system.give_back("a/1")

    assert left == [removal("Bea", key) for key in ("extra", "plan", "web")]
    assert await place.system.in_use() == {"plan": 1, "web": 1, "extra": 1}


async def test_a_seat_that_somebody_gave_meanwhile_is_left_as_it_is(filled: Installation) -> None:
    await filled.system.take([removal("Anna")], "a/1")
    async with filled.database.begin() as connection:
        row = {"system": "local", "module": SALES, "user_id": "anna", "active": True}
        await connection.execute(insert(seats).values(row))

    assert await filled.system.give_back("a/1") == []
    assert await filled.system.in_use() == {SALES: 4}


async def test_who_was_deleted_meanwhile_gets_nothing_back(filled: Installation) -> None:
    await filled.system.take([removal("Anna")], "a/1")
    async with filled.database.begin() as connection:
        await connection.execute(update(users).where(users.c.id == "anna").values(deleted=True))

    assert await filled.system.give_back("a/1") == [removal("Anna")]
    assert await filled.system.in_use() == {SALES: 3}


async def test_a_power_cut_before_the_commit_takes_nothing(filled: Installation) -> None:
    dying = dataclasses.replace(filled, database=DyingDatabase(filled.database))
    with pytest.raises(PowerCut):
        await dying.system.take([removal("Anna")], "a/1")
    assert await holding(filled) == {"anna", "bea", "cem", "dora"}

    await filled.system.take([removal("Anna")], "a/1")
    with pytest.raises(PowerCut):
        await dying.system.give_back("a/1")
    assert await holding(filled) == {"bea", "cem", "dora"}

    assert await filled.system.give_back("a/1") == []
    assert await holding(filled) == {"anna", "bea", "cem", "dora"}


async def test_the_same_chunk_taken_twice_at_once_is_taken_once(filled: Installation) -> None:
    chunk: list[Removal] = [removal("Anna"), removal("Bea")]
    await asyncio.gather(*(filled.system.take(chunk, "a/1") for _ in range(4)))
    assert await holding(filled) == {"cem", "dora"}

    await asyncio.gather(*(filled.system.give_back("a/1") for _ in range(4)))

    assert await holding(filled) == {"anna", "bea", "cem", "dora"}


async def test_two_runs_at_once_never_pass_the_total_together(filled: Installation) -> None:
    await filled.system.take([removal("Anna"), removal("Bea")], "a/1")
    await filled.system.take([removal("Cem"), removal("Dora")], "b/1")
    await filled.system.install(offer([module(SALES, 3)], sequence=43))

    left = await asyncio.gather(filled.system.give_back("a/1"), filled.system.give_back("b/1"))

    assert sum(map(len, left)) == 1
    assert await filled.system.in_use() == {SALES: 3}
