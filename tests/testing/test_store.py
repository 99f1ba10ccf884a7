"""The store in memory and the one in a database keep, undo and refuse the same."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.activation import ENDED, Activation, ActivationState
from licbot.domain.changes import compare
from licbot.domain.errors import Conflict, UnknownActivation
from licbot.domain.events import ActivationStarted, Event, OfferFound
from licbot.domain.removals import Removal
from licbot.ports.store import Card, Job, Pick, PlanCounts, Store, UnitOfWork
from licbot.store.database import open_database
from licbot.store.migrate import migrate
from licbot.store.unit_of_work import SqlStore
from licbot.testing.clock import START
from licbot.testing.licenses import license_set, module_license, offer
from licbot.testing.store import MemoryStore

DAY = timedelta(days=1)
OFFER = offer(license_set(module_license("sales")))
REVIEW = Activation(
    id="a1",
    system="crm",
    owner="acme",
    offer_digest=OFFER.digest,
    sequence=1,
    state=ActivationState.REVIEW,
    found_at=START,
    acted_at=START,
)
FOUND = OfferFound(activation="a1", at=START)


SALES = Removal(user="ada", module="sales", picked=True)
TRAVEL = Removal(user="ada", module="travel", picked=False)
BO = Removal(user="bo", module="sales", picked=True)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the tables, to be copied."""
    path = tmp_path_factory.mktemp("store") / "migrated.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@dataclass(kw_only=True)
class Outside:
    """What a store tells the outside."""

    jobs: list[Job] = field(default_factory=list)
    told: list[tuple[str, Event]] = field(default_factory=list)

    async def enqueue(self, _connection: AsyncConnection, job: Job) -> None:
        self.jobs.append(job)

    async def hear(self, recorded: Sequence[tuple[str, Event]]) -> None:
        self.told.extend(recorded)


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture(params=["memory", "database"])
async def store(
    request: pytest.FixtureRequest, migrated: Path, tmp_path: Path, outside: Outside
) -> AsyncIterator[Store]:
    """A store with nothing in it, of each kind in turn."""
    if request.param == "memory":
        yield MemoryStore(outside.hear)
        return
    shutil.copy(migrated, tmp_path / "licbot.db")
    database = await open_database(f"sqlite:///{tmp_path / 'licbot.db'}")
    yield SqlStore(database, outside.enqueue, outside.hear)
    await database.close()


@pytest.fixture
async def reviewed(store: Store) -> Store:
    """A store with one activation, in review."""
    async with store.begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
    return store


def activation(**changes: Any) -> Activation:
    """An activation in review, with these fields different."""
    return replace(REVIEW, **changes)


async def write_everything(unit: UnitOfWork) -> None:
    """Write to every place there is."""
    await unit.add_activation(activation(id="a2", owner="partner"), OFFER)
    await unit.save(activation(actor="U1"))
    await unit.write_picks("a1", "sales", {"ada": True}, "U1", START)
    await unit.write_removals("a1", ["ada"], [SALES])
    await unit.write_changes("a1", compare(None, OFFER.license, {}))
    await unit.write_card("a1", Card(channel="C1", ts="1"))
    assert await unit.want_card("a1")
    await unit.write_poll_due("crm", START)
    await unit.first_time("k", START)
    await unit.enqueue(Job(kind="poll", id="poll/1"))
    unit.record(FOUND)


async def everything(unit: UnitOfWork) -> list[object]:
    """Read from every place there is."""
    return [
        await unit.open_activations("crm"),
        await unit.picks("a1", "sales"),
        await unit.picked("a1"),
        await unit.removals("a1"),
        await unit.changes("a1"),
        await unit.card("a1"),
        await unit.poll_due("crm"),
        await unit.events("a1"),
    ]


async def test_an_activation_comes_back_with_its_offer(reviewed: Store) -> None:
    async with reviewed.read() as unit:
        assert await unit.activation("a1") == REVIEW
        assert await unit.offer_bytes("a1") == OFFER.raw
        with pytest.raises(UnknownActivation):
            await unit.activation("a9")
        with pytest.raises(UnknownActivation):
            await unit.offer_bytes("a9")


async def test_what_is_written_is_seen_inside_at_once_and_outside_after_the_commit(
    reviewed: Store, outside: Outside
) -> None:
    async with reviewed.read() as before:
        nothing = await everything(before)
    async with reviewed.begin() as unit:
        await write_everything(unit)
        inside = await everything(unit)
        async with reviewed.read() as other:
            assert await everything(other) == nothing
        assert outside.told == []
    async with reviewed.read() as after:
        assert await everything(after) == inside
    assert all(one != other for one, other in zip(nothing, inside, strict=True))
    assert outside.told == [("OfferFound", FOUND)]


async def test_a_reader_sees_the_state_at_its_beginning(reviewed: Store) -> None:
    async with reviewed.read() as reader:
        nothing = await everything(reader)
        async with reviewed.begin() as unit:
            await write_everything(unit)
        assert await everything(reader) == nothing


async def test_a_transaction_that_fails_undoes_everything(
    reviewed: Store, outside: Outside
) -> None:
    async with reviewed.read() as before:
        nothing = await everything(before)

    async def fail() -> None:
        async with reviewed.begin() as unit:
            await write_everything(unit)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with reviewed.begin() as after:
        assert await everything(after) == nothing
        assert await after.want_card("a1")
        assert await after.first_time("k", START)
    assert outside.told == []


async def test_saving_is_conditional_on_the_version(reviewed: Store) -> None:
    async with reviewed.begin() as unit:
        saved = await unit.save(activation(actor="U1"))
        assert saved == activation(actor="U1", version=1)
        with pytest.raises(Conflict):
            await unit.save(activation(actor="U2"))
        with pytest.raises(Conflict):
            await unit.save(activation(id="a9"))
    async with reviewed.read() as unit:
        assert await unit.activation("a1") == saved


@pytest.mark.parametrize("state", [ActivationState.REVIEW, ActivationState.EXPIRED])
async def test_an_owner_has_one_open_activation_at_a_time(
    store: Store, state: ActivationState
) -> None:
    async with store.begin() as unit:
        await unit.add_activation(activation(state=state), OFFER)
        if state in ENDED:
            await unit.add_activation(activation(id="a2"), OFFER)
        else:
            with pytest.raises(Conflict):
                await unit.add_activation(activation(id="a2"), OFFER)
        await unit.add_activation(activation(id="a3", owner="partner"), OFFER)
        await unit.add_activation(activation(id="a4", system="test"), OFFER)
        with pytest.raises(Conflict):
            await unit.add_activation(activation(id="a3", system="third"), OFFER)
        still_open = [each.id for each in await unit.open_activations("crm")]
    assert still_open == ["a2" if state in ENDED else "a1", "a3"]


async def test_activations_are_listed_by_their_times(store: Store) -> None:
    async with store.begin() as unit:
        for name, found, acted in [("b", 3, 4), ("c", 1, 9), ("a", 2, 5)]:
            times = {"found_at": START + found * DAY, "acted_at": START + acted * DAY}
            await unit.add_activation(activation(id=name, owner=name, **times), OFFER)
        assert [each.id for each in await unit.open_activations("crm")] == ["c", "a", "b"]
        assert [each.id for each in await unit.latest_activations("crm")] == ["c", "a", "b"]
        assert [each.id for each in await unit.latest_activations("crm", limit=1)] == ["c"]
        assert await unit.latest_activations("test") == []


async def test_all_activations_are_read_page_by_page(store: Store) -> None:
    async with store.begin() as unit:
        for name, system, found in [("b", "crm", 3), ("c", "test", 2), ("a", "crm", 1)]:
            one = activation(id=name, owner=name, system=system, found_at=START + found * DAY)
            await unit.add_activation(one, OFFER)
        await unit.add_activation(activation(id="d", system="other"), OFFER)
    async with store.read() as unit:
        both = ["crm", "test", "nothing"]
        pages = [await unit.past_activations(both, offset=at, limit=2) for at in (0, 2, 4)]
        assert [[each.id for each in page] for page in pages] == [["b", "c"], ["a"], []]
        assert await unit.count_activations(both) == 3
        assert await unit.count_activations(["other", "other"]) == 1
        assert await unit.count_activations([]) == 0
        assert await unit.past_activations([], offset=0, limit=9) == []


async def test_the_last_word_on_a_holder_counts(reviewed: Store) -> None:
    async with reviewed.begin() as unit:
        await unit.write_picks("a1", "sales", {"ada": True, "bo": True}, "U1", START, {"bo": "b1"})
        await unit.write_picks("a1", "sales", {"ada": False}, "U2", START, {"ada": "b2"})
        await unit.write_picks("a1", "travel", {"bo": True}, "U2", START)
        assert await unit.picks("a1", "sales") == {
            "ada": Pick(user="ada", picked=False, actor="U2", group="b2"),
            "bo": Pick(user="bo", picked=True, actor="U1", group="b1"),
        }
        assert set(await unit.picks("a1", "sales", ["ada", "cleo"])) == {"ada"}
        assert await unit.picked("a1") == {"bo": {"sales", "travel"}}
        assert await unit.picked("a1", ["ada"]) == {}
        assert await unit.picks("a2", "sales") == {}


async def test_removals_are_replaced_by_their_users_and_read_in_pages(reviewed: Store) -> None:
    async with reviewed.begin() as unit:
        await unit.write_removals("a1", ["ada", "bo"], [BO, TRAVEL, SALES])
        assert await unit.removals("a1") == [SALES, TRAVEL, BO]
        assert await unit.removals("a1", limit=2) == [SALES, TRAVEL]
        assert await unit.removals("a1", after=("ada", "sales"), limit=1) == [TRAVEL]
        assert await unit.removals("a1", after=("bo", "sales")) == []
        assert await unit.plan_counts("a1") == PlanCounts(
            lost={"sales": 2, "travel": 1}, freed={"sales": 2, "travel": 1}, people=2, to_do=2
        )
        await unit.write_removals("a1", ["ada"], [])
        assert await unit.removals("a1") == [BO]
        assert await unit.plan_counts("a9") == PlanCounts()


async def test_what_people_took_by_hand_is_lost_and_frees_nothing_more(reviewed: Store) -> None:
    async with reviewed.begin() as unit:
        await unit.write_removals("a1", ["ada", "bo"], [replace(BO, done=True), TRAVEL, SALES])

    async with reviewed.read() as unit:
        assert await unit.removals("a1") == [SALES, TRAVEL, replace(BO, done=True)]
        assert await unit.plan_counts("a1") == PlanCounts(
            lost={"sales": 2, "travel": 1}, freed={"sales": 1, "travel": 1}, people=2, to_do=1
        )


async def test_a_pick_remembers_the_plan_that_is_to_be_given_instead(reviewed: Store) -> None:
    """Until it is taken back, or said anew without one."""
    both = {"ada": "basic", "bo": "service"}
    async with reviewed.begin() as unit:
        await unit.write_picks(
            "a1", "sales", {"ada": True, "bo": True, "cleo": True}, "U1", START, instead=both
        )
        await unit.write_picks("a1", "travel", {"ada": True}, "U1", START)

    async with reviewed.begin() as unit:
        picks = await unit.picks("a1", "sales")
        assert picks["ada"] == Pick(user="ada", picked=True, actor="U1", instead="basic")
        assert picks["cleo"].instead == ""
        assert await unit.replacements("a1") == {
            ("ada", "sales"): "basic",
            ("bo", "sales"): "service",
        }
        assert await unit.replacements("a1", ["bo", "cleo"]) == {("bo", "sales"): "service"}
        assert await unit.replacements("a2") == {}
        await unit.write_picks("a1", "sales", {"ada": False}, "U1", START, instead=both)
        await unit.write_picks("a1", "sales", {"bo": True}, "U1", START)
        assert await unit.replacements("a1") == {}


async def test_a_plan_that_is_given_instead_is_counted(reviewed: Store) -> None:
    """What is done by hand has its seat in use, or not: nothing is kept free for it."""
    swap = replace(SALES, instead="basic", gives=("basic", "mail"))
    other = replace(BO, instead="basic", gives=("basic",))
    done = replace(swap, user="cleo", done=True)
    async with reviewed.begin() as unit:
        await unit.write_removals("a1", ["ada", "bo", "cleo"], [swap, TRAVEL, other, done])

    async with reviewed.read() as unit:
        assert await unit.removals("a1") == [swap, TRAVEL, other, done]
        assert await unit.plan_counts("a1") == PlanCounts(
            lost={"sales": 3, "travel": 1},
            given={"basic": 2, "mail": 1},
            freed={"sales": 2, "travel": 1, "basic": -2, "mail": -1},
            reassigned={("sales", "basic"): 3},
            people=3,
            to_do=2,
        )


async def test_a_seat_is_not_planned_twice(reviewed: Store) -> None:
    async def plan(users: list[str]) -> None:
        async with reviewed.begin() as unit:
            await unit.write_removals("a1", users, [SALES])

    await plan(["ada"])
    await plan(["ada"])
    with pytest.raises((ValueError, DBAPIError)):
        await plan(["bo"])


async def test_cards_and_dates_can_be_changed_and_cards_forgotten(reviewed: Store) -> None:
    async with reviewed.begin() as unit:
        await unit.write_card("a1", Card(channel="C1", ts="1"))
        await unit.write_card("a1", Card(channel="C1", ts="2"))
        assert await unit.card("a1") == Card(channel="C1", ts="2")
        await unit.write_card("a1", None)
        await unit.write_card("a1", None)
        assert await unit.card("a1") is None
        await unit.write_poll_due("crm", START)
        await unit.write_poll_due("crm", START + DAY)
        assert await unit.poll_due("crm") == START + DAY
        assert await unit.poll_due("test") is None


async def test_a_message_is_out_of_date_until_someone_begins_with_it(reviewed: Store) -> None:
    async with reviewed.begin() as unit:
        await unit.begin_card("a1")
        assert await unit.want_card("a1")
        assert not await unit.want_card("a1")
    async with reviewed.begin() as unit:
        assert not await unit.want_card("a1")
        await unit.begin_card("a1")
        assert await unit.want_card("a1")


async def test_events_come_back_in_their_order(reviewed: Store) -> None:
    started = ActivationStarted(activation="a1", at=START + DAY, actor="U1", detail="2 seats")
    async with reviewed.begin() as unit:
        unit.record(FOUND)
        unit.record(started)
        assert await unit.events("a1") == [
            ("OfferFound", Event(activation="a1", at=START)),
            (
                "ActivationStarted",
                Event(activation="a1", at=START + DAY, actor="U1", detail="2 seats"),
            ),
        ]


async def test_a_request_is_seen_for_the_first_time_once(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.first_time("k1", START)
        assert not await unit.first_time("k1", START + DAY)
        assert await unit.first_time("k2", START)


async def _record(unit: UnitOfWork, activation_id: str) -> None:
    unit.record(replace(FOUND, activation=activation_id))


WRITES: dict[str, Callable[[UnitOfWork], Awaitable[object]]] = {
    "picks": lambda unit: unit.write_picks("a9", "sales", {"ada": True}, "U1", START),
    "removals": lambda unit: unit.write_removals("a9", ["ada"], [SALES]),
    "changes": lambda unit: unit.write_changes("a9", []),
    "card": lambda unit: unit.write_card("a9", Card(channel="C1", ts="1")),
    "stale card": lambda unit: unit.want_card("a9"),
    "event": lambda unit: _record(unit, "a9"),
}


@pytest.mark.parametrize("what", WRITES)
async def test_nothing_is_kept_of_an_activation_that_is_unknown(store: Store, what: str) -> None:
    with pytest.raises((UnknownActivation, DBAPIError)):
        async with store.begin() as unit:
            await WRITES[what](unit)


async def test_a_reader_may_not_write(reviewed: Store) -> None:
    with pytest.raises((RuntimeError, DBAPIError)):
        async with reviewed.read() as unit:
            await unit.first_time("k", START)
