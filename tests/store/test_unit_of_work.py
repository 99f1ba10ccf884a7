"""What is written comes back, on each kind of database; what is undone leaves nothing."""

import time
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from licbot.domain.activation import ENDED, ActivationState, Stage
from licbot.domain.changes import Change
from licbot.domain.errors import Conflict, UnknownActivation
from licbot.domain.events import ActivationStarted, Event, OfferFound
from licbot.domain.licenses import LicenseType, ModuleLicense
from licbot.domain.removals import Removal, freed
from licbot.ports.store import Card, Job, Pick, PlanCounts, Store
from licbot.store.database import SqlDatabase
from licbot.store.tables import Row
from licbot.store.unit_of_work import SqlStore
from tests.store.samples import DAY, HOSTILE, NOW, OFFER, REVIEW, Outside, activation


def removal(user: str, module: str, *, picked: bool = True) -> Removal:
    return Removal(user=user, module=module, picked=picked)


async def test_flows_know_it_by_the_port(store: SqlStore) -> None:
    known: Store = store
    async with known.read() as unit:
        assert await unit.open_activations("crm") == []


async def test_an_activation_comes_back_as_it_was_written(store: SqlStore) -> None:
    written = activation(
        state=ActivationState.ACTIVATING,
        stage=Stage.TAKING,
        done=3,
        of=9,
        run=2,
        version=5,
        sequence=2**40,
        actor="U1",
        verb="activated",
        note="once more",
        automatic=True,
        acted_at=NOW + DAY,
    )
    async with store.begin() as unit:
        await unit.add_activation(written, OFFER)
    async with store.read() as unit:
        assert await unit.activation("a1") == written
        assert await unit.offer_bytes("a1") == bytes(range(256))


@pytest.mark.parametrize("string", HOSTILE)
async def test_every_string_is_kept_as_it_is(store: SqlStore, string: str) -> None:
    one = activation(id=f"id {string}", owner=string, actor=string, note=string, verb=string)
    picked = Pick(user=string, picked=True, actor=string)
    event = Event(activation=one.id, at=NOW, actor=string, detail=string)
    async with store.begin() as unit:
        await unit.add_activation(one, OFFER)
        await unit.write_picks(one.id, string, {string: True}, string, NOW)
        await unit.write_card(one.id, Card(channel=string, ts=string))
        unit.record(event)
        assert await unit.first_time(string, NOW)
    async with store.read() as unit:
        assert await unit.activation(one.id) == one
        assert await unit.picks(one.id, string, [string]) == {string: picked}
        assert await unit.picked(one.id) == {string: {string}}
        assert await unit.card(one.id) == Card(channel=string, ts=string)
        assert await unit.events(one.id) == [("Event", event)]


async def test_an_unknown_activation_is_told(store: SqlStore) -> None:
    async with store.read() as unit:
        with pytest.raises(UnknownActivation):
            await unit.activation("a1")
        with pytest.raises(UnknownActivation):
            await unit.offer_bytes("a1")


@pytest.mark.parametrize("state", ActivationState)
async def test_a_second_activation_waits_until_the_first_has_ended(
    store: SqlStore, state: ActivationState
) -> None:
    async with store.begin() as unit:
        await unit.add_activation(activation(state=state), OFFER)
        second = activation(id="a2")
        if state in ENDED:
            await unit.add_activation(second, OFFER)
        else:
            with pytest.raises(Conflict):
                await unit.add_activation(second, OFFER)
        assert await unit.first_time("the transaction goes on", NOW)
    async with store.read() as unit:
        [one] = await unit.open_activations("crm")
    assert one.id == ("a2" if state in ENDED else "a1")


async def test_owners_and_systems_do_not_wait_for_each_other(reviewed: SqlStore) -> None:
    async with reviewed.begin() as unit:
        await unit.add_activation(activation(id="a2", owner="partner"), OFFER)
        await unit.add_activation(activation(id="a3", system="test"), OFFER)
    async with reviewed.read() as unit:
        assert [one.id for one in await unit.open_activations("crm")] == ["a1", "a2"]
        assert [one.id for one in await unit.open_activations("test")] == ["a3"]
        assert await unit.open_activations("nothing") == []


async def test_activations_are_listed_by_their_times(store: SqlStore) -> None:
    async with store.begin() as unit:
        for name, found, acted in [("b", 3, 4), ("c", 1, 9), ("a", 2, 5)]:
            one = activation(id=name, owner=name, found_at=NOW + found * DAY)
            await unit.add_activation(one, OFFER)
            await unit.save(activation(id=name, owner=name, acted_at=NOW + acted * DAY))
    async with store.read() as unit:
        assert [one.id for one in await unit.latest_activations("crm")] == ["c", "a", "b"]
        assert [one.id for one in await unit.latest_activations("crm", limit=2)] == ["c", "a"]
        assert await unit.latest_activations("other") == []
        listed = await unit.past_activations(["crm", "other"], offset=0, limit=2)
        assert [one.id for one in listed] == ["c", "b"], "found at one moment"
        listed = await unit.past_activations(["crm", "other"], offset=2, limit=2)
        assert [one.id for one in listed] == ["a"]
        assert await unit.count_activations(["crm", "other"]) == 3
        assert await unit.count_activations([]) == 0


async def test_open_activations_come_oldest_first(store: SqlStore) -> None:
    async with store.begin() as unit:
        for name, found in [("b", 3), ("c", 1), ("a", 2)]:
            one = activation(id=name, owner=name, found_at=NOW + found * DAY)
            await unit.add_activation(one, OFFER)
    async with store.read() as unit:
        assert [one.id for one in await unit.open_activations("crm")] == ["c", "a", "b"]


async def test_saving_counts_the_version_up(reviewed: SqlStore) -> None:
    changed = activation(state=ActivationState.DECLINED, note="the wrong one", actor="U2")
    async with reviewed.begin() as unit:
        saved = await unit.save(changed)
    assert saved == activation(
        state=ActivationState.DECLINED, note="the wrong one", actor="U2", version=1
    )
    async with reviewed.read() as unit:
        assert await unit.activation("a1") == saved


async def test_saving_what_someone_else_wrote_since_is_refused(reviewed: SqlStore) -> None:
    async with reviewed.begin() as unit:
        winner = await unit.save(activation(actor="U1"))
    async with reviewed.begin() as unit:
        with pytest.raises(Conflict):
            await unit.save(activation(actor="U2"))
        with pytest.raises(Conflict):
            await unit.save(activation(id="unknown"))
    async with reviewed.read() as unit:
        assert await unit.activation("a1") == winner


async def test_the_last_word_on_a_holder_counts(reviewed: SqlStore) -> None:
    async with reviewed.begin() as unit:
        await unit.write_picks("a1", "sales", {"u1": True, "u2": True}, "U1", NOW)
        await unit.write_picks("a1", "sales", {"u2": False, "u3": False}, "U2", NOW)
        await unit.write_picks("a1", "web", {"u1": True, "u2": True}, "U3", NOW)
        await unit.write_picks("a1", "web", {}, "U3", NOW)
    async with reviewed.read() as unit:
        assert await unit.picks("a1", "sales") == {
            "u1": Pick(user="u1", picked=True, actor="U1"),
            "u2": Pick(user="u2", picked=False, actor="U2"),
            "u3": Pick(user="u3", picked=False, actor="U2"),
        }
        assert set(await unit.picks("a1", "sales", ["u3", "u9"])) == {"u3"}
        assert await unit.picks("a1", "sales", []) == {}
        assert await unit.picks("a2", "sales") == {}
        assert await unit.picked("a1") == {"u1": {"sales", "web"}, "u2": {"web"}}
        assert await unit.picked("a1", ["u2", "u3"]) == {"u2": {"web"}}
        assert await unit.picked("a1", []) == {}


async def test_removals_come_in_the_order_of_users_and_modules(reviewed: SqlStore) -> None:
    planned = [
        removal(user, module, picked=user != "Z")
        for user in ["é", "a b", "Z", "a", "ab", "🎈", "_", "ﬀ"]
        for module in ["web", "Sales"]
    ]
    async with reviewed.begin() as unit:
        await unit.write_removals("a1", [each.user for each in planned], planned)
    async with reviewed.read() as unit:
        everything = await unit.removals("a1")
        assert everything == sorted(planned)
        assert await unit.removals("a1", limit=5) == everything[:5]
        for index, last in enumerate(everything):
            page = await unit.removals("a1", after=(last.user, last.module), limit=3)
            assert page == everything[index + 1 : index + 4]
        counts = await unit.plan_counts("a1")
        assert counts.lost == counts.freed == freed(planned) == {"web": 8, "Sales": 8}
        assert counts.people == counts.to_do == 8


async def test_removals_are_replaced_for_the_users_that_are_named(reviewed: SqlStore) -> None:
    async with reviewed.begin() as unit:
        await unit.write_removals(
            "a1", ["u1", "u2"], [removal("u1", "sales"), removal("u1", "web"), removal("u2", "web")]
        )
        await unit.write_removals("a1", ["u1", "u3"], [removal("u3", "sales")])
        await unit.write_removals("a1", [], [])
    async with reviewed.read() as unit:
        assert await unit.removals("a1") == [removal("u2", "web"), removal("u3", "sales")]
        assert (await unit.plan_counts("a1")).people == 2


async def test_without_removals_nothing_is_freed(reviewed: SqlStore) -> None:
    async with reviewed.read() as unit:
        assert await unit.removals("a1") == []
        assert await unit.plan_counts("a1") == PlanCounts()


async def test_twenty_thousand_rows_are_no_burden(reviewed: SqlStore) -> None:
    users = [f"user-{number:05}@example.com" for number in range(20_000)]
    planned = [removal(user, "sales") for user in users]
    async with reviewed.begin() as unit:
        start = time.process_time()
        await unit.write_picks("a1", "sales", dict.fromkeys(users, True), "U1", NOW)
        middle = time.process_time()
        await unit.write_removals("a1", users, planned)
        end = time.process_time()
    async with reviewed.read() as unit:
        assert len(await unit.picks("a1", "sales", users)) == 20_000
        assert len(await unit.picked("a1")) == len(await unit.picked("a1", users)) == 20_000
        counts = await unit.plan_counts("a1")
        assert counts.lost == counts.freed == {"sales": 20_000}
        assert counts.people == counts.to_do == 20_000
        assert await unit.removals("a1", after=("user-19998@example.com", "sales")) == planned[-1:]
    assert max(middle - start, end - middle) < 1.5


async def test_the_place_of_the_message_is_remembered_moved_and_forgotten(
    reviewed: SqlStore,
) -> None:
    async with reviewed.begin() as unit:
        assert await unit.card("a1") is None
        await unit.write_card("a1", Card(channel="C1", ts="1.1"))
        assert await unit.card("a1") == Card(channel="C1", ts="1.1")
        await unit.write_card("a1", Card(channel="C1", ts="2.2"))
        assert await unit.card("a1") == Card(channel="C1", ts="2.2")
        await unit.write_card("a1", None)
        assert await unit.card("a1") is None


FULL = Change(
    module=ModuleLicense(
        name="Sales",
        description="Sales “Premium” 👩🏽‍💻\0",
        type=LicenseType.USER,
        number=40,
        tooltip="<b>",
        version="10",
        unrestricted=True,
        hidden=True,
        prerequisite="web",
        extra_flags=2**40,
        extra_info="set=a,b",
        sort_order=-3,
    ),
    in_use=45,
    total=50,
    new_total=40,
    planned=5,
    altered=True,
    restricted=True,
)
PLAIN = Change(
    module=ModuleLicense(name="web", description="", type=LicenseType.SITE, number=1),
    in_use=0,
    total=0,
    new_total=1,
    altered=True,
    restricted=False,
)


async def test_what_an_activation_changed_is_kept_until_it_starts_again(
    reviewed: SqlStore,
) -> None:
    async with reviewed.begin() as unit:
        assert await unit.changes("a1") == []
        await unit.write_changes("a1", [PLAIN])
        await unit.write_changes("a1", [FULL, PLAIN])
    async with reviewed.read() as unit:
        assert await unit.changes("a1") == [FULL, PLAIN]
        assert await unit.changes("a2") == []


async def test_the_next_poll_of_a_system_is_remembered(store: SqlStore) -> None:
    async with store.begin() as unit:
        assert await unit.poll_due("crm") is None
        await unit.write_poll_due("crm", NOW)
        await unit.write_poll_due("test", NOW)
        await unit.write_poll_due("crm", NOW + DAY)
    async with store.read() as unit:
        assert await unit.poll_due("crm") == NOW + DAY
        assert await unit.poll_due("test") == NOW


FOUND = OfferFound(activation="a1", at=NOW)
STARTED = ActivationStarted(activation="a1", at=NOW + DAY, actor="U1", detail="12 seats")


async def test_events_are_kept_in_their_order_and_told_after_the_commit(
    reviewed: SqlStore, outside: Outside
) -> None:
    async with reviewed.begin() as unit:
        unit.record(FOUND)
        assert await unit.events("a1") == [
            ("OfferFound", Event(activation="a1", at=NOW)),
        ]
        unit.record(STARTED)
        assert outside.told == []
    assert outside.told == [("OfferFound", FOUND), ("ActivationStarted", STARTED)]
    async with reviewed.read() as unit:
        assert await unit.events("a1") == [
            ("OfferFound", Event(activation="a1", at=NOW)),
            (
                "ActivationStarted",
                Event(activation="a1", at=NOW + DAY, actor="U1", detail="12 seats"),
            ),
        ]
        assert await unit.events("a2") == []


async def test_who_is_told_of_an_event_finds_it_committed_and_may_write(
    database: SqlDatabase, outside: Outside
) -> None:
    seen: list[int] = []

    async def look(_events: Sequence[tuple[str, Event]]) -> None:
        async with quiet.begin() as unit:
            seen.append(len(await unit.events("a1")))

    quiet = SqlStore(database, outside.enqueue, outside.on_commit)
    store = SqlStore(database, outside.enqueue, look)
    async with store.begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
        unit.record(FOUND)
    assert seen == [1]


async def test_a_transaction_without_events_tells_nobody(database: SqlDatabase) -> None:
    outside = Outside()

    async def refuse(_events: Sequence[tuple[str, Event]]) -> None:
        raise AssertionError("told of nothing")

    store = SqlStore(database, outside.enqueue, refuse)
    with capture_logs() as logs:
        async with store.begin() as unit:
            await unit.first_time("k", NOW)
    assert logs == []


async def test_a_listener_that_fails_does_not_fail_the_transaction(
    database: SqlDatabase, outside: Outside
) -> None:
    async def fail(_events: Sequence[tuple[str, Event]]) -> None:
        raise LookupError("a listener's own trouble")

    store = SqlStore(database, outside.enqueue, fail)
    with capture_logs() as logs:
        async with store.begin() as unit:
            await unit.add_activation(REVIEW, OFFER)
            unit.record(FOUND)
    assert [(log["event"], log["kinds"], log["log_level"]) for log in logs] == [
        ("events_not_delivered", ["OfferFound"], "error")
    ]
    async with store.read() as unit:
        assert await unit.activation("a1") == REVIEW


async def write_everything(store: SqlStore) -> None:
    """Write to every table, hand over a job, and fail."""
    async with store.begin() as unit:
        await unit.add_activation(REVIEW, OFFER)
        await unit.save(REVIEW)
        await unit.write_picks("a1", "sales", {"u1": True}, "U1", NOW)
        await unit.write_removals("a1", ["u1"], [removal("u1", "sales")])
        await unit.write_changes("a1", [PLAIN])
        await unit.write_card("a1", Card(channel="C1", ts="1.1"))
        await unit.write_poll_due("crm", NOW)
        await unit.first_time("k", NOW)
        await unit.enqueue(Job(kind="poll"))
        unit.record(FOUND)
        await unit.events("a1")
        raise LookupError


async def test_a_transaction_that_fails_leaves_and_tells_nothing(
    database: SqlDatabase, outside: Outside
) -> None:
    async def enqueue(connection: AsyncConnection, job: Job) -> None:
        await connection.execute(
            text("INSERT INTO replica VALUES (:kind, '2026-11-24')"), {"kind": job.kind}
        )

    store = SqlStore(database, enqueue, outside.on_commit)
    with pytest.raises(LookupError):
        await write_everything(store)
    assert outside.told == []
    async with database.read() as connection:
        for table in Row.metadata.tables:
            rows = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names from above
            assert rows.scalar() == 0, table


async def test_a_job_is_handed_over_in_the_transaction(store: SqlStore, outside: Outside) -> None:
    job = Job(kind="activate", arguments=("a1", 2), id="a1/2", lane="crm")
    async with store.begin() as unit:
        await unit.enqueue(job)
    assert outside.jobs == [job]


async def test_a_reader_may_not_write(reviewed: SqlStore) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        async with reviewed.read() as unit:
            await unit.first_time("k", NOW)


async def test_an_event_of_no_activation_undoes_its_transaction(
    store: SqlStore, outside: Outside
) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        async with store.begin() as unit:
            unit.record(FOUND)
    assert outside.told == []


async def test_a_request_is_seen_for_the_first_time_once(store: SqlStore) -> None:
    async with store.begin() as unit:
        assert await unit.first_time("k1", NOW)
        assert not await unit.first_time("k1", NOW + DAY)
        assert await unit.first_time("k2", NOW)
    async with store.begin() as unit:
        assert not await unit.first_time("k2", NOW)


async def test_requests_seen_long_ago_are_forgotten(store: SqlStore) -> None:
    async with store.begin() as unit:
        for number in range(4):
            await unit.first_time(f"k{number}", NOW + number * DAY)
    assert await store.forget_before(NOW + 2 * DAY) == 2
    assert await store.forget_before(NOW + 2 * DAY) == 0
    async with store.begin() as unit:
        assert [await unit.first_time(f"k{number}", NOW) for number in range(4)] == [
            True,
            True,
            False,
            False,
        ]
