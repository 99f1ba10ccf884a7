"""Whoever gets which plan instead, whatever changes meanwhile: the system watches what is done.

See ``WatchedSystem``: it holds every taking, giving and giving back to what people chose.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hypothesis import event, given, settings
from hypothesis import strategies as st

from licbot.domain.activation import Activation
from licbot.domain.changes import red
from licbot.domain.errors import Refused, SystemRefused
from licbot.domain.people import Holder
from licbot.domain.removals import Seat
from licbot.flows.decide import decide_course
from licbot.flows.find import find_offers
from licbot.flows.look import look
from licbot.flows.pick import pick_holders
from licbot.flows.run import (
    Mark,
    check_again,
    give_back,
    install_offer,
    read_back,
    take_chunk,
)
from licbot.flows.start import start_activation
from licbot.ports.ports import Policy
from licbot.testing import CHANNEL, FakeClock, MemoryStore, offer, ports
from tests.flows.test_course import KEYS, USERS, granting
from tests.flows.watched import COMES_WITH, WatchedSystem, pairs

OTHERS = ("fay", "gus")
BEFORE_CHECK, BEFORE_TAKING, BEFORE_INSTALLING = range(3)


class Wish(NamedTuple):
    """Somebody is ticked for a licence, and gets a plan instead, or nothing."""

    user: str
    key: str
    instead: str


class Change(NamedTuple):
    """Somebody is given a seat outside, or loses it."""

    moment: int
    user: str
    key: str
    given: bool


plans = st.fixed_dictionaries(
    {user: st.sampled_from(("premium", "premium", "premium", "basic")) for user in USERS}
)
besides = st.frozensets(st.tuples(st.sampled_from(USERS), st.sampled_from(("sales", "web"))))
now_granted = st.fixed_dictionaries({key: st.sampled_from((4, 5, 6)) for key in KEYS})
then_granted = st.fixed_dictionaries(
    {key: st.sampled_from((2, 1, 3) if key == "premium" else (5, 4, 3)) for key in KEYS}
)
wishes = st.lists(
    st.builds(
        Wish,
        user=st.sampled_from(USERS),
        key=st.sampled_from(("premium", "premium", "premium", "basic", "sales", "web")),
        instead=st.sampled_from(("basic", "basic", "premium", "")),
    ),
    min_size=1,
    max_size=6,
)
outside = st.lists(
    st.builds(
        Change,
        moment=st.sampled_from((BEFORE_CHECK, BEFORE_TAKING, BEFORE_INSTALLING)),
        user=st.sampled_from((*USERS, *OTHERS)),
        key=st.sampled_from(("premium", "basic", "web")),
        given=st.booleans(),
    ),
    max_size=2,
)


class Straight:
    """One offer, and people who want to activate it."""

    def __init__(self, changes: Sequence[Change]) -> None:
        clock = FakeClock()
        self.store = MemoryStore()
        self.system = WatchedSystem(clock)
        self.system.running = self.activations
        self.system.ticked = self.ticked
        self.system.chosen = self.chosen
        policy = Policy(channel=CHANNEL, administrators=frozenset({"U1"}))
        self.ports = ports(self.system, store=self.store, clock=clock, policy=policy)
        self.wishes: list[Wish] = []
        self.changes = changes

    async def open(
        self,
        installed: Mapping[str, int],
        offered: Mapping[str, int],
        held: Mapping[str, str],
        more: frozenset[Seat],
    ) -> str:
        """Find the offer; returns the activation's id."""
        self.system.put_in_force(granting(dict(installed)))
        for user in (*USERS, *OTHERS):
            mine = COMES_WITH.get(held.get(user, ""), frozenset())
            extra = {key for name, key in more if name == user}
            self.system.add(Holder(id=user, name=user), *mine, *extra)
        self.system.settle()
        self.system.leave(offer(granting(dict(offered)), 1))
        [activation_id] = (await find_offers(self.ports, "crm")).found
        await decide_course(self.ports, activation_id, "")
        return activation_id

    async def pick(self, activation_id: str, wish: Wish) -> None:
        """Tick somebody, where that is possible."""
        try:
            done = await pick_holders(
                self.ports, activation_id, wish.key, "U1", [wish.user], wish.instead
            )
        except Refused:
            return
        if done:
            self.wishes.append(wish)

    async def pick_enough(self, activation_id: str) -> None:
        """Tick people until nothing is red that ticking can mend."""
        for user in USERS:
            for change in red((await look(self.ports, activation_id)).changes):
                if change.module.key in self.system.seats.of(user):
                    await self.pick(activation_id, Wish(user, change.module.key, ""))

    def change_outside(self, moment: int) -> None:
        """What happens before a moment."""
        for change in self.changes:
            if change.moment == moment:
                act = self.system.seats.give if change.given else self.system.seats.revoke
                act(change.user, change.key)
        self.system.settle()

    async def activations(self) -> Sequence[Activation]:
        """The activations as they are kept."""
        async with self.store.read() as uow:
            return await uow.latest_activations("crm")

    async def ticked(self, activation: Activation) -> frozenset[Seat]:
        """Who was ticked for what."""
        return frozenset((wish.user, wish.key) for wish in self.wishes)

    async def chosen(self, activation: Activation) -> Mapping[Seat, str]:
        """Which plan was chosen for them."""
        return {(wish.user, wish.key): wish.instead for wish in self.wishes if wish.instead}


@settings(max_examples=300, deadline=None)
@given(
    installed=now_granted,
    offered=then_granted,
    held=plans,
    more=besides,
    wanted=wishes,
    changes=outside,
    refused=st.booleans(),
)
def test_people_get_what_was_chosen_for_them_or_everything_is_as_before(
    installed: Mapping[str, int],
    offered: Mapping[str, int],
    held: Mapping[str, str],
    more: frozenset[Seat],
    wanted: Sequence[Wish],
    changes: Sequence[Change],
    refused: bool,
) -> None:
    """Where it starts, it is read back as planned, or undone."""

    async def course() -> None:
        straight = Straight(changes)
        activation_id = await straight.open(installed, offered, held, more)
        for wish in wanted:
            await straight.pick(activation_id, wish)
        await straight.pick_enough(activation_id)
        await run(straight, activation_id, refused=refused)

    asyncio.run(course())


async def run(straight: Straight, activation_id: str, *, refused: bool) -> None:
    """Confirm what is to be seen, and carry it out as far as that goes."""
    review = await look(straight.ports, activation_id)
    try:
        await start_activation(straight.ports, activation_id, "U1", confirmed=review.digest)
    except Refused:
        event("could not start")
        return
    straight.change_outside(BEFORE_CHECK)
    if await check_again(straight.ports, activation_id):
        event("stopped by the last check")
        return
    straight.change_outside(BEFORE_TAKING)
    before = pairs(straight.system.seats.held())
    swaps = bool(review.reassigned)
    try:
        mark: Mark | None = Mark()
        while mark:
            mark = await take_chunk(straight.ports, activation_id, mark)
        straight.change_outside(BEFORE_INSTALLING)
        if refused:
            raise SystemRefused
        await install_offer(straight.ports, activation_id)
    except SystemRefused:
        lost = await give_back(straight.ports, activation_id)
        event(f"undone, {'swaps' if swaps else 'no swaps'}, {'lost' if lost else 'nothing lost'}")
        if not straight.changes:
            assert pairs(straight.system.seats.held()) == before
        return
    event(f"installed, {'swaps' if swaps else 'no swaps'}")
    if not any(change.moment >= BEFORE_TAKING for change in straight.changes):
        assert await read_back(straight.ports, activation_id) == []
