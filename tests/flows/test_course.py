"""Whatever happens in whatever order, with processes that die at any step, what must hold holds.

Offers arrive; two people look, tick, let go, confirm what they saw, decline and take up again;
seats change behind their backs; the system refuses, answers too late, or is out of reach; jobs are
done step by step, killed and repeated. The system itself checks what is done to it: see
``WatchedSystem``.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from licbot.domain.activation import Activation, ActivationState, run_key
from licbot.domain.changes import red
from licbot.domain.errors import (
    LicbotError,
    OfferRefused,
    Refused,
    SystemRefused,
    SystemUnavailable,
)
from licbot.domain.licenses import LicenseSet, Offer
from licbot.domain.people import Holder, HolderQuery
from licbot.flows.decline import decline_offer, reopen_review
from licbot.flows.find import find_offers
from licbot.flows.look import look
from licbot.flows.pick import clear_picks, pick_holders, pick_least_recent, tick_holders
from licbot.flows.start import start_activation
from licbot.ports.conversation import Selection
from licbot.ports.ports import Policy
from licbot.testing import (
    CHANNEL,
    START,
    FakeClock,
    MemoryMessenger,
    MemoryStore,
    Outcome,
    Seat,
    license_set,
    module_license,
    offer,
    ports,
)
from tests.flows.durable import DurableJob, How
from tests.flows.watched import GOES_ALONG, WatchedSystem

S = ActivationState
T = TypeVar("T")
KEYS = tuple(GOES_ALONG)
USERS = ("ada", "bo", "cleo", "dev")
ADMINS = ("U1", "U2")
DAYS_AGO = {"ada": 4, "bo": 3, "cleo": 2, "dev": None}

admins = st.sampled_from(ADMINS)
users = st.sampled_from(USERS)
keys = st.sampled_from(KEYS)
ways = st.sampled_from(("", "basic", "premium", "basic"))
lacking = st.fixed_dictionaries(
    {
        user: st.builds(
            frozenset[str].union,
            st.frozensets(keys, max_size=3),
            st.sampled_from((frozenset({"basic"}), frozenset[str]())),
        )
        for user in USERS
    }
)
numbers = st.fixed_dictionaries({key: st.sampled_from((3, 2, 4, 1, 0)) for key in KEYS})
ENDS = ("ActivationVerified", "ActivationFailed", "ActivationReturned")
FAILURES = st.sampled_from(
    [
        (method, error, done)
        for method in ("take", "install", "give_back", "held_by")
        for error, done in (
            (SystemUnavailable(), False),
            (SystemUnavailable(), True),
            (SystemRefused("Not today."), False),
        )
        if method in ("take", "install") or isinstance(error, SystemUnavailable)
    ]
)


def granting(numbers: dict[str, int], *, generous: bool = False) -> LicenseSet:
    """A licence set of these numbers; what has none is left out."""
    modules = [
        module_license("sales", numbers["sales"]),
        module_license("travel", numbers["travel"], prerequisite="sales"),
        module_license("premium", numbers["premium"], comes_with=("web",)),
        module_license("basic", numbers["basic"], comes_with=("web",)),
        module_license("web", numbers["web"], hidden=True),
        module_license("support", numbers["support"], unrestricted=generous),
    ]
    return license_set(*(module for module in modules if module.number))


class Course(RuleBasedStateMachine):
    """One licensed system, one offer after another, two administrators."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = FakeClock()
        self.store = MemoryStore()
        self.messenger = MemoryMessenger()
        self.system = WatchedSystem(self.clock)
        self.system.running = self._activations
        self.system.ticked = self._ticked
        self.system.chosen = self._chosen
        self.jobs: list[DurableJob] = []
        self.ticks: dict[tuple[str, Seat], bool] = {}
        self.ways: set[tuple[Seat, str]] = set()
        self.seen: dict[str, tuple[str, str]] = {}
        self.offers: dict[str, Offer] = {}
        self.sequence = 0
        self._open(automatic=False)

    @initialize(lacking=lacking, numbers=numbers, automatic=st.booleans())
    def open(
        self, lacking: dict[str, frozenset[str]], numbers: dict[str, int], automatic: bool
    ) -> None:
        """Everybody holds all but a few licences, and a first offer waits."""
        self._open(automatic)
        self.system.put_in_force(granting(dict.fromkeys(KEYS, len(USERS))))
        self.system.installed_once += self.system.in_force()
        for user in USERS:
            days = DAYS_AGO[user]
            last = None if days is None else START - timedelta(days=days)
            held = frozenset(KEYS) - lacking[user]
            self.system.add(Holder(id=user, name=user, last_login=last), *sorted(held))
        self.system.settle()
        self.offer_arrives(numbers, generous=False)
        self.all_jobs_are_done()

    # What the issuer and the system do

    @rule(numbers=numbers, generous=st.booleans())
    def offer_arrives(self, numbers: dict[str, int], generous: bool) -> None:
        self.sequence += 1
        self.clock.advance(timedelta(minutes=1))
        arrived = offer(granting(numbers, generous=generous), self.sequence)
        self.offers[arrived.digest] = arrived
        self.system.leave(arrived)
        self._do(find_offers(self.ports, "crm"))

    @rule(user=users, key=keys, given=st.booleans())
    def seat_changes_outside(self, user: str, key: str, given: bool) -> None:
        [license_set] = self.system.in_force()
        if given and key not in license_set.by_key():
            return  # nobody can be given what is not licensed at all
        change = self.system.seats.give if given else self.system.seats.revoke
        change(user, key)
        self.system.settle()

    @rule(failure=FAILURES)
    def will_fail(self, failure: tuple[str, LicbotError, bool]) -> None:
        method, error, done = failure
        self.system.fail(method, error, done=done)

    @rule(down=st.sampled_from((True, False, False, False)))
    def goes_out_of_reach(self, down: bool) -> None:
        self.system.down = down

    @rule(really=st.sampled_from((True, False, False, False)))
    def offer_is_revoked(self, really: bool) -> None:
        if really and self.offers:
            newest = list(self.offers.values())[-1]
            self.system.reject(newest, OfferRefused("It ended.", check=8))

    # What people do

    @rule()
    def refresh(self) -> None:
        self._do(find_offers(self.ports, "crm"))

    @rule(admin=admins, user=users, key=keys, on=st.booleans(), way=ways)
    def tick(self, admin: str, user: str, key: str, on: bool, way: str) -> None:
        activation_id = self._newest()
        listed = frozenset({user})
        shown = self._now(self._shown(activation_id, key)) & listed
        boxes = Selection(
            block_id=f"{key}-{self.clock.now()}",
            listed=listed,
            shown=shown,
            ticked=listed if on else frozenset(),
        )
        if self._do(tick_holders(self.ports, activation_id, key, admin, [boxes], way)):
            self.ticks[activation_id, (user, key)] = on
            self.ways.add(((user, key), way))

    @rule(admin=admins)
    def tick_enough(self, admin: str) -> None:
        activation_id = self._newest()
        self._do(self._tick_enough(activation_id, admin))

    @rule(admin=admins)
    def reassign_all_to_basic_and_confirm(self, admin: str) -> None:
        for user in USERS:
            self.tick(admin, user, "premium", on=True, way="basic")
        self.tick_enough_and_confirm(admin)

    @rule(admin=admins, key=keys)
    def let_all_keep(self, admin: str, key: str) -> None:
        activation_id = self._newest()
        if self._do(clear_picks(self.ports, activation_id, key, admin)):
            for user in USERS:
                self.ticks[activation_id, (user, key)] = False

    @rule(admin=admins)
    def see(self, admin: str) -> None:
        activation_id = self._newest()
        self._do(self._see(activation_id, admin))

    @rule(admin=admins, fresh=st.booleans())
    def confirm(self, admin: str, fresh: bool) -> None:
        if fresh:
            self.see(admin)
        activation_id, digest = self.seen.get(admin, ("", ""))
        self._do(start_activation(self.ports, activation_id, admin, confirmed=digest))

    @rule(admin=admins)
    def tick_enough_and_confirm(self, admin: str) -> None:
        self.tick_enough(admin)
        self.confirm(admin, fresh=True)

    @rule(admin=admins)
    def decline(self, admin: str) -> None:
        self._do(decline_offer(self.ports, self._newest(), admin))

    @rule(admin=admins)
    def take_up_again(self, admin: str) -> None:
        self._do(reopen_review(self.ports, self._newest(), admin))

    @rule()
    def somebody_deletes_the_messages(self) -> None:
        self.messenger.messages.clear()

    # What the engine does

    @rule(which=st.integers(min_value=0, max_value=9), hows=st.lists(st.sampled_from(How)))
    def job_goes_on(self, which: int, hows: list[How]) -> None:
        for how in hows:
            waiting = self._waiting()
            if waiting:
                self._now(waiting[which % len(waiting)].go_on(how))

    @rule(how=st.sampled_from(How), steps=st.integers(min_value=1, max_value=5))
    def activation_goes_on(self, how: How, steps: int) -> None:
        for _ in range(steps):
            running = [each for each in self._waiting() if each.job.kind == "activate"]
            for job in running:
                self._now(job.go_on(how))

    @rule()
    def all_jobs_are_done(self) -> None:
        for _ in range(100):
            waiting = self._waiting()
            if not waiting or self.system.down:
                return
            self._now(waiting[0].go_on(How.DONE))

    # What must hold

    @invariant()
    def nothing_changes_unwatched(self) -> None:
        self.system.check_unwatched()

    @invariant()
    def one_activation_is_open(self) -> None:
        assert sum(each.is_open for each in self._now(self._activations())) <= 1

    @invariant()
    def what_is_verified_was_installed(self) -> None:
        for activation in self._now(self._activations()):
            if activation.state is S.VERIFIED:
                assert self._was_installed(activation)

    @invariant()
    def what_failed_holds_no_seat_back(self) -> None:
        for activation in self._now(self._activations()):
            spared = self._was_installed(activation) or self._gave_up(activation)
            if activation.state is S.FAILED and not spared:
                log = self.system.seats.runs.get(run_key(activation), {})
                assert Outcome.TAKEN not in {outcome for outcome, _ in log.values()}

    @invariant()
    def every_run_ends_once(self) -> None:
        for activation in self._now(self._activations()):
            kinds = self._now(self._kinds(activation.id))
            ends = sum(kinds.count(kind) for kind in ENDS)
            assert kinds.count("ActivationStarted") == activation.run
            assert ends == activation.run - (activation.state is S.ACTIVATING)

    def teardown(self) -> None:
        """Once everything works again, everything that was begun comes to its end."""
        self.system.mend()
        for _ in range(2):
            self.all_jobs_are_done()
            self.refresh()
        self.all_jobs_are_done()
        assert not self._waiting()
        for activation in self._now(self._activations()):
            assert activation.state not in (S.FOUND, S.ACTIVATING)
            self._now(self._check_message(activation))
        self.runner.close()

    # How it is done

    def _open(self, automatic: bool) -> None:
        self.ports = ports(
            self.system,
            store=self.store,
            messenger=self.messenger,
            clock=self.clock,
            policy=Policy(channel=CHANNEL, automatic=automatic, administrators=frozenset(ADMINS)),
        )

    def _now(self, work: Awaitable[T]) -> T:
        async def body() -> T:
            return await work

        return self.runner.run(body())

    def _do(self, work: Awaitable[T]) -> T | None:
        """What a person does; where it is refused, nothing is different afterwards."""
        return self._now(self._done(work))

    async def _done(self, work: Awaitable[T]) -> T | None:
        before = await self._snapshot(), await self._activations()
        try:
            return await work
        except Refused:
            assert (await self._snapshot(), await self._activations()) == before
        except (OfferRefused, SystemUnavailable):
            pass
        return None

    async def _snapshot(self) -> object:
        activations = await self._activations()
        async with self.store.read() as uow:
            kept = [
                (
                    replace(each, version=0),
                    await uow.removals(each.id),
                    await uow.events(each.id),
                    await uow.changes(each.id),
                    await uow.card(each.id),
                    [await uow.picks(each.id, key) for key in KEYS],
                )
                for each in activations
            ]
            due = await uow.poll_due("crm")
        messages = [(card, each.text) for card, each in self.messenger.messages.items()]
        runs = {run: dict(log) for run, log in self.system.seats.runs.items() if log}
        return kept, due, messages, runs, self.system.seats.held(), self.system.in_force()

    async def _activations(self) -> list[Activation]:
        async with self.store.read() as uow:
            return sorted(await uow.latest_activations("crm", 1000), key=lambda a: a.sequence)

    async def _ticked(self, activation: Activation) -> frozenset[Seat]:
        """Everything that people ticked for it, or for those before it and that was taken over."""
        async with self.store.read() as uow:
            carried = {
                (user, key)
                for key in KEYS
                for user, pick in (await uow.picks(activation.id, key)).items()
                if pick.picked and not pick.actor
            }
        before = {seat for (other, seat), on in self.ticks.items() if on and other != activation.id}
        assert carried <= before
        mine = {seat for (one, seat), on in self.ticks.items() if on and one == activation.id}
        return frozenset(mine | carried)

    async def _chosen(self, activation: Activation) -> Mapping[Seat, str]:
        """The plans that people chose, as they are kept; none that nobody ever chose."""
        async with self.store.read() as uow:
            kept = await uow.replacements(activation.id)
        assert set(kept.items()) <= self.ways
        return kept

    async def _shown(self, activation_id: str, key: str) -> frozenset[str]:
        async with self.store.read() as uow:
            picks = await uow.picks(activation_id, key)
        return frozenset(user for user, pick in picks.items() if pick.picked)

    async def _see(self, activation_id: str, admin: str) -> None:
        self.seen[admin] = (activation_id, (await look(self.ports, activation_id)).digest)

    async def _tick_enough(self, activation_id: str, admin: str) -> None:
        for key in [c.module.key for c in red((await look(self.ports, activation_id)).changes)]:
            await self._tick_idle(activation_id, admin, key)
            changes = red((await look(self.ports, activation_id)).changes)
            missing = sum(change.remaining for change in changes if change.module.key == key)
            staying = [user for user in self._holders(key) if await self._stays(user, key)]
            for user in staying[:missing]:
                if await pick_holders(self.ports, activation_id, key, admin, [user]):
                    self.ticks[activation_id, (user, key)] = True

    async def _tick_idle(self, activation_id: str, admin: str, key: str) -> None:
        """One of those who have not signed in for longest; nobody of whom that is unknown."""
        idle = [
            user
            for user in self._holders(key)
            if DAYS_AGO[user] is not None and await self._stays(user, key)
        ]
        query = HolderQuery(module=key, limit=1)
        assert await pick_least_recent(self.ports, activation_id, query, admin) == len(idle[:1])
        for user in idle[:1]:
            self.ticks[activation_id, (user, key)] = True

    def _holders(self, key: str) -> list[str]:
        """Who holds a licence, as USERS are ordered: the least recent first."""
        return [user for user in USERS if key in self.system.seats.of(user)]

    async def _stays(self, user: str, key: str) -> bool:
        async with self.store.read() as uow:
            planned = await uow.removals(self._newest_of(await self._activations()))
        return (user, key) not in {(each.user, each.module) for each in planned}

    def _newest(self) -> str:
        return self._newest_of(self._now(self._activations()))

    def _newest_of(self, activations: list[Activation]) -> str:
        return activations[-1].id if activations else "none yet"

    async def _kinds(self, activation_id: str) -> list[str]:
        async with self.store.read() as uow:
            return [kind for kind, _ in await uow.events(activation_id)]

    def _was_installed(self, activation: Activation) -> bool:
        license_set = self.offers[activation.offer_digest].license
        return license_set in self.system.installed_once

    def _gave_up(self, activation: Activation) -> bool:
        mine = (activation.id, activation.run)
        jobs = [each for each in self.jobs if each.job.kind == "activate"]
        return any("give back" in each.given_up for each in jobs if each.job.arguments == mine)

    def _waiting(self) -> list[DurableJob]:
        """The jobs that may go on; of those in one lane only the first."""
        for job in self.store.take_jobs():
            self.jobs.append(DurableJob(job, self.ports, self._snapshot))
        waiting: dict[object, DurableJob] = {}
        for number, each in enumerate(self.jobs):
            if not each.ended:
                waiting.setdefault(each.job.lane or number, each)
        return list(waiting.values())

    async def _check_message(self, activation: Activation) -> None:
        async with self.store.read() as uow:
            card = await uow.card(activation.id)
        if card in self.messenger.messages:
            [block] = self.messenger.messages[card].blocks
            words = f"{activation.state}, version {activation.version}"
            assert block.to_dict()["text"]["text"] == words


TestCourse = Course.TestCase
TestCourse.settings = settings(
    max_examples=100,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
