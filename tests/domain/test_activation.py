"""An activation moves along its course, starts only when all is clear, and ends for good."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    run_key,
    touch,
)
from licbot.domain.changes import Change, red
from licbot.domain.errors import (
    ActivationEnded,
    ActivationRunning,
    LicbotError,
    PlanChanged,
    RequirementUnmet,
    Superseded,
    SurplusRemains,
)
from licbot.domain.removals import Removal
from tests.domain.strategies import NOW, changes, module, policies, removal_lists

S = ActivationState
LATER = NOW + timedelta(minutes=5)
BY_ADA = Act(actor="U1", at=LATER)
states = st.sampled_from(ActivationState)


def activation(state: ActivationState, *, run: int = 0, note: str = "") -> Activation:
    return Activation(
        id="a1",
        system="crm",
        owner="superoffice",
        offer_digest="f" * 64,
        sequence=42,
        state=state,
        found_at=NOW,
        acted_at=NOW,
        version=7,
        run=run,
        note=note,
    )


def change(in_use: int, new_total: int, *, planned: int = 0, hidden: bool = False) -> Change:
    return Change(
        module=module("sales", hidden=hidden),
        in_use=in_use,
        total=10,
        new_total=new_total,
        planned=planned,
        altered=True,
        restricted=True,
    )


@given(before=states, after=states)
def test_a_state_follows_only_where_the_course_says_so(
    before: ActivationState, after: ActivationState
) -> None:
    if after is S.ACTIVATING or after not in TRANSITIONS[before]:
        refusal = ActivationRunning if before is S.ACTIVATING else ActivationEnded
        with pytest.raises(refusal):
            move(activation(before), after, BY_ADA, "moved")
        return

    moved = move(activation(before, run=2, note="old"), after, BY_ADA, "moved", "why")

    assert (moved.state, moved.note, moved.verb) == (after, "why", "moved")
    assert (moved.actor, moved.acted_at) == ("U1", LATER)
    assert (moved.id, moved.offer_digest, moved.version, moved.run) == ("a1", "f" * 64, 7, 2)


@pytest.mark.parametrize("state", ActivationState)
def test_an_activation_has_ended_where_nothing_can_follow(state: ActivationState) -> None:
    assert activation(state).is_open is (state not in ENDED)
    assert set(TRANSITIONS) == set(ActivationState)
    assert {S.VERIFIED, S.EXPIRED, S.SUPERSEDED} == ENDED


def leading_to(state: ActivationState) -> set[ActivationState]:
    return {before for before, following in TRANSITIONS.items() if state in following}


def test_the_course_is_the_one_that_was_drawn() -> None:
    waiting = {S.FOUND, S.REVIEW, S.DECLINED, S.FAILED}

    assert leading_to(S.FOUND) == set()
    assert leading_to(S.REVIEW) == {S.FOUND, S.ACTIVATING, S.DECLINED, S.FAILED}
    assert leading_to(S.ACTIVATING) == {S.FOUND, S.REVIEW}
    assert leading_to(S.VERIFIED) == leading_to(S.FAILED) == {S.ACTIVATING}
    assert leading_to(S.DECLINED) == {S.REVIEW}
    assert leading_to(S.SUPERSEDED) == leading_to(S.EXPIRED) == waiting


def test_a_course_that_was_left_can_be_taken_up_again() -> None:
    for state in (S.DECLINED, S.FAILED):
        reopened = move(activation(state), S.REVIEW, BY_ADA, "reopened")
        require_open(reopened)


def test_leaving_a_run_forgets_how_far_it_was() -> None:
    running = replace(activation(S.ACTIVATING), stage=Stage.TAKING, done=3, of=12)

    back = move(running, S.REVIEW, BY_ADA, "returned")

    assert (back.stage, back.done, back.of) == (None, 0, 0)


@pytest.mark.parametrize("state", ActivationState)
def test_picks_and_decisions_pass_only_in_review(state: ActivationState) -> None:
    if state is S.REVIEW:
        touched = touch(activation(state), BY_ADA, "planned")
        assert (touched.actor, touched.acted_at, touched.verb) == ("U1", LATER, "planned")
        assert (touched.state, touched.version) == (S.REVIEW, 7)
        return
    refusal = closed_because(state)
    with pytest.raises(LicbotError) as first:
        require_open(activation(state))
    with pytest.raises(LicbotError) as second:
        touch(activation(state), BY_ADA, "planned")
    assert first.type is second.type is refusal


def closed_because(state: ActivationState) -> type[LicbotError]:
    """Why nothing can be picked or decided in any state but review."""
    return {S.ACTIVATING: ActivationRunning, S.SUPERSEDED: Superseded}.get(state, ActivationEnded)


def expected_refusal(
    state: ActivationState, found: list[Change], unmet: list[str], confirmed: str
) -> type[LicbotError] | None:
    if state not in (S.FOUND, S.REVIEW):
        return closed_because(state)
    if confirmed != "now":
        return PlanChanged
    if any(c.restricted and c.in_use - c.planned > c.new_total for c in found):
        return SurplusRemains
    return RequirementUnmet if unmet else None


@given(
    state=states,
    found=st.lists(changes(), max_size=3),
    unmet=st.lists(st.sampled_from(("An approver has to agree.", "Wait until Monday."))),
    confirmed=st.sampled_from(("now", "then")),
    automatic=st.booleans(),
)
def test_it_starts_only_when_all_is_clear(
    state: ActivationState,
    found: list[Change],
    unmet: list[str],
    confirmed: str,
    automatic: bool,
) -> None:
    refusal = expected_refusal(state, found, unmet, confirmed)

    def attempt() -> Activation:
        return begin(
            activation(state, run=1),
            BY_ADA,
            changes=found,
            removals=12,
            unmet=unmet,
            confirmed=confirmed,
            current="now",
            automatic=automatic,
        )

    if refusal:
        with pytest.raises(LicbotError) as caught:
            attempt()
        assert caught.type is refusal
        return
    started = attempt()
    assert not red(found)
    assert (started.state, started.run, started.stage) == (S.ACTIVATING, 2, Stage.CHECKING)
    assert (started.done, started.of, started.automatic) == (0, 12, automatic)
    assert (started.actor, started.acted_at, started.verb) == (
        "U1",
        LATER,
        "started the activation",
    )


def test_a_hidden_license_that_is_short_of_seats_keeps_it_from_starting() -> None:
    hidden = change(10, 7, planned=2, hidden=True)

    with pytest.raises(SurplusRemains):
        begin(
            activation(S.REVIEW),
            BY_ADA,
            changes=[hidden],
            removals=2,
            confirmed="d",
            current="d",
        )


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize("state", [S.FOUND, S.REVIEW])
def test_an_offer_that_fits_starts_at_once(state: ActivationState, automatic: bool) -> None:
    fits = [change(9, 7, planned=2), change(7, 7), change(3, 7, hidden=True)]

    started = begin(
        activation(state, note="back to review"),
        BY_ADA,
        changes=fits,
        removals=2,
        confirmed="d",
        current="d",
        automatic=automatic,
    )

    assert (started.state, started.run, started.stage) == (S.ACTIVATING, 1, Stage.CHECKING)
    assert (started.of, started.automatic, started.note) == (2, automatic, "")


def test_what_is_still_missing_is_said_in_words() -> None:
    with pytest.raises(RequirementUnmet) as caught:
        begin(
            activation(S.REVIEW),
            BY_ADA,
            changes=[],
            removals=0,
            unmet=["An approver has to agree.", "Wait until Monday."],
            confirmed="d",
            current="d",
        )

    assert caught.value.message == "An approver has to agree. Wait until Monday."


@pytest.mark.parametrize("state", ActivationState)
def test_only_a_running_activation_advances(state: ActivationState) -> None:
    if state is not S.ACTIVATING:
        with pytest.raises(ActivationEnded):
            advance(activation(state), Stage.TAKING, 3)
        return

    ahead = advance(activation(state), Stage.TAKING, 3)

    assert (ahead.stage, ahead.done, ahead.state) == (Stage.TAKING, 3, S.ACTIVATING)


@given(runs=st.lists(st.integers(min_value=0, max_value=99), unique=True))
def test_every_run_has_a_key_of_its_own(runs: list[int]) -> None:
    assert len({run_key(activation(S.ACTIVATING, run=run)) for run in runs}) == len(runs)


def what_is_done(plan: list[Removal]) -> set[tuple[str, str]]:
    return {(removal.user, removal.module) for removal in plan}


@given(data=st.data(), plan=removal_lists, policy=policies)
def test_the_digest_knows_no_order(
    data: st.DataObject, plan: list[Removal], policy: Mapping[str, str]
) -> None:
    shuffled = data.draw(st.permutations(plan))
    turned = dict(reversed(list(policy.items())))

    assert plan_digest("f" * 64, shuffled, turned) == plan_digest("f" * 64, plan, policy)


@given(
    offers=st.tuples(st.sampled_from("ab"), st.sampled_from("ab")),
    plans=st.tuples(removal_lists, removal_lists),
    policies=st.tuples(policies, policies),
)
def test_the_digest_differs_where_offer_removals_or_policy_differ(
    offers: tuple[str, str],
    plans: tuple[list[Removal], list[Removal]],
    policies: tuple[Mapping[str, str], Mapping[str, str]],
) -> None:
    same = (
        offers[0] == offers[1]
        and what_is_done(plans[0]) == what_is_done(plans[1])
        and policies[0] == policies[1]
    )

    first, second = (
        plan_digest(offer, plan, policy)
        for offer, plan, policy in zip(offers, plans, policies, strict=True)
    )

    assert (first == second) is same


@given(plan=removal_lists, policy=policies)
def test_one_removal_more_voids_the_digest(plan: list[Removal], policy: Mapping[str, str]) -> None:
    more = [*plan, Removal(user="zoe", module="sales", picked=True)]

    assert plan_digest("f" * 64, more, policy) != plan_digest("f" * 64, plan, policy)


@given(plan=removal_lists.filter(bool))
def test_the_digest_knows_each_seat_and_not_who_ticked_it(plan: list[Removal]) -> None:
    first, *rest = plan
    elsewhere = [replace(first, module="archive"), *rest]
    of_another = [replace(first, user="zoe"), *rest]
    along = [replace(first, picked=not first.picked), *rest]

    digest = plan_digest("f" * 64, plan, {})

    assert plan_digest("f" * 64, elsewhere, {}) != digest
    assert plan_digest("f" * 64, of_another, {}) != digest
    assert plan_digest("f" * 64, along, {}) == digest


def test_the_digest_does_not_confuse_names_that_run_together() -> None:
    ab_c = Removal(user="ab", module="c", picked=True)
    a_bc = Removal(user="a", module="bc", picked=True)
    odd = Removal(user='a","b', module="\ud800", picked=True)

    digests = {plan_digest("f" * 64, [removal], {}) for removal in (ab_c, a_bc, odd)}

    assert len(digests) == 3
    assert all(len(digest) == 64 for digest in digests)
