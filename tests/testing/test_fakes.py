"""The fakes do what their documentation says, since plugin authors rely on it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.errors import OfferRefused, SystemRefused, SystemUnavailable
from licbot.domain.events import OfferFound
from licbot.domain.licenses import LicenseDates, LicenseType
from licbot.domain.people import Holder, Person, Role
from licbot.domain.removals import Lane, Removal, RemovalAdvice
from licbot.ports.messenger import (
    FilesForbidden,
    FileTooLarge,
    FileUnreadable,
    MessageGone,
    SentFile,
)
from licbot.ports.ports import Policy
from licbot.ports.store import Card
from licbot.testing import (
    ADMINISTRATOR,
    CHANNEL,
    START,
    FakeClock,
    MemoryMessenger,
    MemoryStore,
    MemorySystem,
    PlainAdvice,
    license_set,
    module_license,
    offer,
    ports,
)

DAY = timedelta(days=1)
ADA = Holder(id="ada", name="Ada")
SALES = license_set(module_license("sales", 2))


# The clock


def test_a_clock_stands_until_it_is_moved() -> None:
    clock = FakeClock()
    assert clock.now() == clock.now() == START
    assert clock.advance(DAY) == clock.now() == START + DAY
    clock.set(datetime(2020, 1, 1, 2, tzinfo=timezone(DAY / 12)))
    assert clock.now() == datetime(2020, 1, 1, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_a_clock_wants_a_time_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        FakeClock(datetime(2020, 1, 1))  # noqa: DTZ001 - this is what it refuses
    with pytest.raises(ValueError, match="zone"):
        FakeClock().set(datetime(2020, 1, 1))  # noqa: DTZ001 - as above


# Licences


def test_licences_say_what_they_are_told() -> None:
    plan = module_license("Sales-Premium", 3, comes_with=("web", "user"), prerequisite="base")
    assert plan.key == "sales-premium"
    assert plan.label == "Sales Premium"
    assert plan.plan_members == {"web", "user"}
    assert module_license("web").plan_members == frozenset()
    assert module_license("db", kind=LicenseType.SYSTEM).type is LicenseType.SYSTEM


def test_offers_differ_in_their_bytes_where_they_differ_in_anything() -> None:
    offers = [
        offer(SALES),
        offer(SALES, 2),
        offer(SALES, not_before=date(2027, 1, 1)),
        offer(license_set(module_license("sales", 3))),
    ]
    assert len({each.raw for each in offers}) == len({each.digest for each in offers}) == 4
    assert offer(SALES) == offer(SALES)


# The messenger


async def test_messages_are_kept_and_replaced_in_place() -> None:
    messenger = MemoryMessenger()
    first = await messenger.post("C1", "one", [])
    second = await messenger.post("C1", "two", [])
    await messenger.update(first, "one, again", [])
    assert [(each.text, each.edits) for each in messenger.messages.values()] == [
        ("one, again", 1),
        ("two", 0),
    ]
    assert list(messenger.messages) == [first, second]
    assert await messenger.permalink(first) == f"https://slack.example/C1/{first.ts}"


async def test_a_deleted_message_is_gone() -> None:
    messenger = MemoryMessenger()
    card = await messenger.post("C1", "one", [])
    del messenger.messages[card]
    with pytest.raises(MessageGone):
        await messenger.update(card, "two", [])
    with pytest.raises(MessageGone):
        await messenger.permalink(card)
    assert await messenger.post("C1", "three", []) != card


async def test_a_messenger_may_have_no_links_and_fail_once() -> None:
    messenger = MemoryMessenger(has_links=False, failing=TimeoutError())
    with pytest.raises(TimeoutError):
        await messenger.post("C1", "one", [])
    card = await messenger.post("C1", "one", [])
    assert await messenger.permalink(card) is None


async def test_strangers_have_a_name_and_no_address() -> None:
    ada = Person(id="U1", name="ada", email="ada@acme.example")
    messenger = MemoryMessenger(people={"U1": ada})
    assert await messenger.person("U1") == ada
    assert await messenger.person("U2") == Person(id="U2", name="U2", email=None)


async def test_files_that_were_handed_over_can_be_fetched() -> None:
    messenger = MemoryMessenger(files={"F1": b"12345"})
    file = SentFile(id="F1", name="five", size=5, address="https://files.slack.com/F1")
    assert await messenger.may_read_files()
    assert await messenger.download(file, 5) == b"12345"
    with pytest.raises(FileTooLarge):
        await messenger.download(file, 4)
    with pytest.raises(FileUnreadable):
        await messenger.download(replace(file, id="F2"), 5)
    messenger.reads_files = False
    assert not await messenger.may_read_files()
    with pytest.raises(FilesForbidden):
        await messenger.download(file, 5)


# The system: what goes beyond the contract


async def test_a_system_that_is_down_can_be_reached_by_no_way() -> None:
    system = MemorySystem()
    system.down = True
    for call in (system.installed, system.in_use, system.find_offers):
        with pytest.raises(SystemUnavailable):
            await call()
    with pytest.raises(SystemUnavailable):
        await system.take([], "a/1")
    system.down = False
    assert await system.installed() == []
    assert system.calls == ["installed", "in_use", "find_offers", "take", "installed"]


async def test_a_system_refuses_as_often_as_it_is_told() -> None:
    system = MemorySystem()
    system.add(ADA, "sales")
    removal = Removal(user="ada", module="sales", picked=True)
    system.fail("take", SystemRefused("no"), times=2)
    for _ in range(2):
        with pytest.raises(SystemRefused, match="no"):
            await system.take([removal], "a/1")
        assert system.seats.held() == {"ada": {"sales"}}
    await system.take([removal], "a/1")
    assert system.seats.held() == {}
    assert system.seats.taken("a/1") == [removal]


async def test_a_system_is_mended() -> None:
    system = MemorySystem()
    system.down = True
    system.fail("take", SystemRefused("no"), times=9)
    system.mend()
    await system.take([], "a/1")
    assert system.calls == ["take"]


async def test_an_answer_may_get_lost() -> None:
    system = MemorySystem()
    system.put_in_force(SALES)
    system.add(ADA, "sales")
    removal = Removal(user="ada", module="sales", picked=True)
    system.fail("take", SystemUnavailable(), done=True)
    with pytest.raises(SystemUnavailable):
        await system.take([removal], "a/1")
    assert system.seats.taken("a/1") == [removal]
    await system.give_back("a/1")
    assert system.seats.taken("a/1") == []


async def test_something_may_happen_at_the_same_moment() -> None:
    system = MemorySystem()
    system.add(ADA)

    async def give(method: str) -> None:
        system.seats.give("ada", method)

    system.meanwhile = give
    assert await system.held_by(["ada"]) == {"ada": {"held_by"}}


async def test_seats_change_behind_licbots_back() -> None:
    system = MemorySystem()
    system.add(ADA, "Sales", "travel")
    system.seats.revoke("ada", "SALES")
    system.seats.revoke("nobody", "sales")
    assert await system.held_by(["ada"]) == {"ada": {"travel"}}
    system.delete("ada")
    assert await system.in_use() == {}
    assert await system.held_by(["ada"]) == {}


async def test_seats_of_a_deleted_user_are_lost() -> None:
    system = MemorySystem()
    system.put_in_force(SALES)
    system.add(ADA, "sales")
    removal = Removal(user="ada", module="sales", picked=True)
    await system.take([removal], "a/1")
    system.delete("ada")
    assert await system.give_back("a/1") == [removal]
    assert system.seats.taken("a/1") == [removal]


async def test_an_offer_can_be_rejected_later_on() -> None:
    system = MemorySystem()
    left = offer(SALES, source="a letter")
    system.leave(left)
    assert (await system.find_offers()).offers == (left,)
    system.reject(left, OfferRefused("Its key was revoked.", check=3))
    found = await system.find_offers()
    assert found.offers == ()
    assert [(each.source, each.reason) for each in found.refused] == [
        ("a letter", "Its key was revoked.")
    ]
    assert await system.recall_offer(left.raw) == left


async def test_an_offer_ends_with_its_grace() -> None:
    clock = FakeClock()
    system = MemorySystem(clock)
    ends = LicenseDates(grace=(START + DAY).date())
    left = offer(license_set(module_license("sales"), dates=ends))
    system.leave(left)
    clock.advance(DAY)
    assert await system.read_offer(left.raw) == left
    clock.advance(DAY)
    with pytest.raises(OfferRefused) as refused:
        await system.read_offer(left.raw)
    assert refused.value.check == 8


# Advice, and everything together


async def test_roles_come_from_a_table() -> None:
    advice = PlainAdvice(table={"U1": ADMINISTRATOR})
    outside = ports(advice=advice)
    assert await advice.roles(Person(id="U1", name="ada"), outside) == ADMINISTRATOR
    assert await advice.roles(Person(id="U2", name="bo"), outside) == {Role.ANYONE}


async def test_advice_says_what_it_is_given() -> None:
    protected = RemovalAdvice(lane=Lane.PROTECTED, why="the boss")
    advice = PlainAdvice(
        missing=["A second approval."], advise=lambda _: protected, words=[("help", "this list")]
    )
    assert await advice.unmet("a1", [], ports()) == ["A second approval."]
    assert advice.removal(ADA) == protected
    assert advice.summaries(ports()) == [("help", "this list")]
    assert PlainAdvice().removal(ADA).lane is Lane.READY


async def test_what_is_not_given_is_a_fresh_fake() -> None:
    one, other = ports(), ports()
    assert one.store is not other.store
    assert one.policy == Policy(channel=CHANNEL)
    assert one.systems == {}
    assert one.clock.now() == START


async def test_what_is_given_is_used_and_hears_of_events() -> None:
    system = MemorySystem(name="crm")
    store, messenger, clock, advice = MemoryStore(), MemoryMessenger(), FakeClock(), PlainAdvice()
    policy = Policy(channel="C2", automatic=True)
    outside = ports(
        system, store=store, messenger=messenger, clock=clock, advice=advice, policy=policy
    )
    assert outside.systems == {"crm": system}
    assert (outside.messenger, outside.clock, outside.policy) == (messenger, clock, policy)
    found = OfferFound(activation="a1", at=START)
    async with outside.store.begin() as unit:
        await unit.add_activation(_found(), offer(SALES))
        unit.record(found)
        await unit.write_card("a1", Card(channel="C2", ts="1"))
    assert advice.told == [("OfferFound", found)]
    async with store.read() as unit:
        assert await unit.card("a1") == Card(channel="C2", ts="1")


def _found() -> Activation:
    return Activation(
        id="a1",
        system="crm",
        owner="acme",
        offer_digest=offer(SALES).digest,
        sequence=1,
        state=ActivationState.FOUND,
        found_at=START,
        acted_at=START,
    )
