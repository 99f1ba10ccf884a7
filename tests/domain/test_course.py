"""Whatever happens in whatever order, nothing starts with a surplus and nobody else loses a seat.

A machine plays the course of offers: people look, tick, untick, confirm what they saw, decline,
reopen; seats and policy change behind their backs; newer offers come; the system refuses.
What must hold is counted anew from who holds what, without the domain's own arithmetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from licbot.domain.activation import (
    ENDED,
    TRANSITIONS,
    Act,
    Activation,
    ActivationState,
    Stage,
    advance,
    begin,
    move,
    plan_digest,
    require_open,
    touch,
)
from licbot.domain.changes import Change, compare
from licbot.domain.errors import (
    ActivationEnded,
    ActivationRunning,
    LicbotError,
    PlanChanged,
    RequirementUnmet,
    SurplusRemains,
)
from licbot.domain.licenses import LicenseSet, Offer
from licbot.domain.removals import Removal, dependencies, freed, plan_removals
from tests.domain.strategies import (
    NOW,
    PEOPLE,
    USERS,
    in_use,
    key_sets,
    keys,
    license_set,
    license_sets,
    module,
    offer_of,
    overfull,
    users,
    without,
)

S = ActivationState
people = st.sampled_from(PEOPLE)
everyone = st.fixed_dictionaries(dict.fromkeys(USERS, key_sets))


@dataclass
class System:
    """The licensed system: the set in force, and who holds what."""

    installed: LicenseSet
    held: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What somebody would see now."""

    changes: Sequence[Change]
    removals: Sequence[Removal]
    digest: str


class Course(RuleBasedStateMachine):
    """One licensed system, one offer after another, several people."""

    activation: Activation

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.seen: dict[str, str] = {}
        self.ticked: dict[str, frozenset[str]] = {}
        self.policy = {"automatic": "no"}
        self.unmet: list[str] = []
        self.ended: list[Activation] = []

    @initialize(installed=license_sets(), held=everyone, offered=license_sets(), asks=st.booleans())
    def open(
        self,
        installed: LicenseSet,
        held: dict[str, frozenset[str]],
        offered: LicenseSet,
        asks: bool = True,
    ) -> None:
        self.system = System(installed, dict(held))
        self._find(offered)
        if asks:
            self._move(S.REVIEW, "")

    # What people do

    @rule(person=people)
    def look(self, person: str) -> None:
        self.seen[person] = self._sight().digest

    @rule(person=people, user=users, key=keys, on=st.booleans())
    def tick(self, person: str, user: str, key: str, on: bool) -> None:
        ticks = self.ticked.get(user, frozenset())
        self._pick(person, user, ticks | {key} if on else ticks - {key})

    @rule(person=people)
    def tick_enough(self, person: str) -> None:
        """Somebody ticks whom it takes, as far as the surplus is visible to them or not."""
        if self.activation.state is S.REVIEW:
            for row in overfull(self.offer.license, self.system.installed, self._left()):
                holders = [user for user in USERS if row.key in self._left()[user]]
                for user in holders[row.granted :]:
                    self._pick(person, user, self.ticked.get(user, frozenset()) | {row.key})

    @rule(person=people, fresh=st.booleans())
    def confirm(self, person: str, fresh: bool) -> None:
        if fresh:
            self.look(person)
        self._begin(person, self.seen.get(person, ""), automatic=False)

    @rule()
    def start_by_itself(self) -> None:
        self._begin("", self._sight().digest, automatic=True)

    # What becomes of the offer

    @precondition(lambda self: self.activation.state is S.FOUND)
    @rule()
    def ask_people(self) -> None:
        self._move(S.REVIEW, "")

    @precondition(lambda self: self.activation.state in (S.DECLINED, S.FAILED))
    @rule(person=people)
    def reopen(self, person: str) -> None:
        self._move(S.REVIEW, person)

    @precondition(lambda self: self.activation.state in (S.FOUND, S.REVIEW, S.DECLINED, S.FAILED))
    @rule(state=st.sampled_from((S.DECLINED, S.EXPIRED, S.SUPERSEDED)), person=people)
    def leave(self, state: ActivationState, person: str) -> None:
        if state is not S.DECLINED:
            self._move(state, "")
            return
        try:
            require_open(self.activation)
        except ActivationEnded:
            assert self.activation.state is not S.REVIEW
        else:
            self._move(S.DECLINED, person)

    @precondition(lambda self: not self.activation.is_open)
    @rule(offered=license_sets())
    def find(self, offered: LicenseSet) -> None:
        self._find(offered)

    # What happens behind their backs

    @rule(
        user=users,
        key=keys,
        what=st.sampled_from(("seat given", "seat taken", "user deleted")),
    )
    def change_outside(self, user: str, key: str, what: str) -> None:
        held = self.system.held[user]
        changed = {"seat given": held | {key}, "seat taken": held - {key}}
        self.system.held[user] = changed.get(what, frozenset())

    @rule(
        automatic=st.sampled_from(("no", "yes")),
        unmet=st.sampled_from(([], [], ["An approver has to agree."])),
    )
    def change_rules(self, automatic: str, unmet: list[str]) -> None:
        self.policy = {"automatic": automatic}
        self.unmet = unmet

    # The run

    @precondition(lambda self: self.activation.stage is Stage.CHECKING)
    @rule()
    def check_again(self) -> None:
        sight = self._sight()
        if sight.digest != self.started or any(change.is_red for change in sight.changes):
            self._move(S.REVIEW, "")
        else:
            self.activation = advance(self.activation, Stage.TAKING, 0)

    @precondition(lambda self: self.activation.stage is Stage.TAKING)
    @rule()
    def take_and_install(self) -> None:
        lost = [seat for seat in self.removals if seat.module in self.system.held[seat.user]]
        assert {seat.user for seat in lost} <= {u for u, ticks in self.ticked.items() if ticks}
        left = without(self.system.held, lost)
        self.activation = advance(self.activation, Stage.INSTALLING, len(lost))
        if overfull(self.offer.license, self.system.installed, left):
            self._move(S.FAILED, "")
            return
        rows = self.offer.license.modules
        self.system = System(replace(self.offer.license, modules=rows[::-1]), dict(left))
        assert self.system.installed.same_as(self.offer.license)
        self._move(S.VERIFIED, "")

    # What always holds

    @rule(state=st.sampled_from(ActivationState))
    def an_end_is_final(self, state: ActivationState) -> None:
        for activation in self.ended:
            with pytest.raises(ActivationEnded):
                move(activation, state, self._act("U1"), "moved")
            with pytest.raises(ActivationEnded):
                touch(activation, self._act("U1"), "planned")

    @invariant()
    def only_a_running_activation_has_a_stage(self) -> None:
        running = self.activation.state is S.ACTIVATING
        assert running == (self.activation.stage is not None)
        assert self.activation.is_open == (self.activation.state not in ENDED)

    @invariant()
    def only_those_ticked_are_to_lose_a_seat(self) -> None:
        for removal in self._sight().removals:
            assert self.ticked[removal.user] & self.system.held[removal.user]
            assert removal.picked == (removal.module in self.ticked[removal.user])

    # How it is played

    def stands(self, state: ActivationState) -> bool:
        """Whether this is how the activation stands."""
        return self.activation.state is state

    def _act(self, person: str) -> Act:
        self.now += timedelta(minutes=1)
        return Act(actor=person, at=self.now)

    def _find(self, offered: LicenseSet) -> None:
        sequence = len(self.ended) + 1
        self.offer: Offer = offer_of(offered, sequence=sequence)
        self.ticked = {}
        self.removals: Sequence[Removal] = ()
        self.started = ""
        self.activation = Activation(
            id=f"a{sequence}",
            system="crm",
            owner=offered.owner.key,
            offer_digest=self.offer.digest,
            sequence=sequence,
            state=S.FOUND,
            found_at=self.now,
            acted_at=self.now,
        )

    def _sight(self) -> Sight:
        installed, offered = self.system.installed, self.offer.license
        depends = dependencies([installed, offered])
        planned = plan_removals(self.ticked, self.system.held, depends)
        return Sight(
            changes=compare(installed, offered, in_use(self.system.held), freed(planned)),
            removals=planned,
            digest=plan_digest(self.offer.digest, planned, self.policy),
        )

    def _left(self) -> dict[str, frozenset[str]]:
        return dict(without(self.system.held, self._sight().removals))

    def _pick(self, person: str, user: str, ticks: frozenset[str]) -> None:
        before = self.activation
        try:
            self.activation = touch(before, self._act(person), "planned")
        except ActivationRunning:
            assert before.state is S.ACTIVATING
        except ActivationEnded:
            assert before.state not in (S.ACTIVATING, S.REVIEW)
        else:
            assert (self.activation.actor, self.activation.state) == (person, S.REVIEW)
            self.ticked[user] = ticks

    def _move(self, state: ActivationState, person: str) -> None:
        before = self.activation
        self.activation = move(before, state, self._act(person), "moved")
        assert state in TRANSITIONS[before.state]
        if state in ENDED:
            self.ended.append(self.activation)

    def _begin(self, person: str, confirmed: str, *, automatic: bool) -> None:
        before, sight = self.activation, self._sight()
        refusal = self._refusal(confirmed, sight.digest)

        def attempt() -> Activation:
            return begin(
                before,
                self._act(person),
                changes=sight.changes,
                removals=len(sight.removals),
                unmet=self.unmet,
                confirmed=confirmed,
                current=sight.digest,
                automatic=automatic,
            )

        if refusal:
            with pytest.raises(refusal):
                attempt()
            return
        self.activation = attempt()
        self.started, self.removals = sight.digest, sight.removals
        assert not overfull(self.offer.license, self.system.installed, self._left())
        assert self.activation.run == before.run + 1
        assert self.activation.of == len(sight.removals)

    def _refusal(self, confirmed: str, current: str) -> type[LicbotError] | None:
        if self.activation.state is S.ACTIVATING:
            return ActivationRunning
        if self.activation.state not in (S.FOUND, S.REVIEW):
            return ActivationEnded
        if confirmed != current:
            return PlanChanged
        if overfull(self.offer.license, self.system.installed, self._left()):
            return SurplusRemains
        return RequirementUnmet if self.unmet else None


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=80, stateful_step_count=40)


def test_a_seat_given_meanwhile_brings_the_activation_back_to_review() -> None:
    """Given a plan without surplus, when somebody is given a seat before the last check."""
    course = Course()
    smaller = _sales(2)
    course.open(_sales(4), {user: frozenset[str]() for user in USERS}, smaller)
    course.system.held |= dict.fromkeys(("ada", "bo", "cleo"), frozenset({"sales"}))

    course.confirm("U1", fresh=True)
    assert course.stands(S.REVIEW)
    course.tick("U1", "cleo", "sales", on=True)
    course.confirm("U2", fresh=False)
    assert course.stands(S.REVIEW)
    course.confirm("U2", fresh=True)
    assert course.stands(S.ACTIVATING)
    course.change_outside("dev", "sales", "seat given")
    course.check_again()
    assert course.stands(S.REVIEW)
    assert course.system.held["cleo"] == {"sales"}

    course.tick("U1", "dev", "sales", on=True)
    course.confirm("U1", fresh=True)
    course.check_again()
    course.take_and_install()
    assert course.stands(S.VERIFIED)
    assert course.system.installed.same_as(smaller)
    assert in_use(course.system.held) == {"sales": 2}


def test_a_seat_given_after_the_last_check_makes_it_fail_and_it_can_be_taken_up_again() -> None:
    """Given a run that already takes seats, when one more is given, the system refuses."""
    course = Course()
    course.open(_sales(4), {user: frozenset[str]() for user in USERS}, _sales(1))
    course.system.held |= dict.fromkeys(("ada", "bo"), frozenset({"sales"}))
    course.tick("U1", "bo", "sales", on=True)
    course.confirm("U1", fresh=True)
    course.check_again()
    course.change_outside("eli", "sales", "seat given")

    course.take_and_install()

    assert course.stands(S.FAILED)
    assert course.system.held["bo"] == {"sales"}
    course.reopen("U1")
    course.tick("U1", "eli", "sales", on=True)
    course.confirm("U1", fresh=True)
    course.check_again()
    course.take_and_install()
    assert course.stands(S.VERIFIED)
    assert course.activation.run == 2


def _sales(number: int) -> LicenseSet:
    return license_set(module("sales", number))
