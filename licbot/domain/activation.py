"""One activation: the whole course of one offer, from found to verified."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from licbot.domain.changes import Change, red
from licbot.domain.errors import (
    ActivationEnded,
    ActivationRunning,
    PlanChanged,
    Refused,
    RequirementUnmet,
    Superseded,
    SurplusRemains,
)
from licbot.domain.removals import Removal


class ActivationState(StrEnum):
    """Where an activation stands."""

    FOUND = "found"
    REVIEW = "review"
    ACTIVATING = "activating"
    VERIFIED = "verified"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    FAILED = "failed"


S = ActivationState

TRANSITIONS: Mapping[ActivationState, frozenset[ActivationState]] = {
    S.FOUND: frozenset({S.REVIEW, S.ACTIVATING, S.SUPERSEDED, S.EXPIRED}),
    S.REVIEW: frozenset({S.ACTIVATING, S.DECLINED, S.SUPERSEDED, S.EXPIRED}),
    S.ACTIVATING: frozenset({S.REVIEW, S.VERIFIED, S.FAILED}),
    S.DECLINED: frozenset({S.REVIEW, S.SUPERSEDED, S.EXPIRED}),
    S.FAILED: frozenset({S.REVIEW, S.SUPERSEDED, S.EXPIRED}),
    S.VERIFIED: frozenset(),
    S.EXPIRED: frozenset(),
    S.SUPERSEDED: frozenset(),
}
"""Which state may follow which."""

ENDED = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""The states that nothing follows."""


class Stage(StrEnum):
    """How far a running activation is."""

    CHECKING = "checking"
    TAKING = "taking"
    INSTALLING = "installing"
    READING_BACK = "reading_back"
    GIVING_BACK = "giving_back"


@dataclass(frozen=True, kw_only=True, slots=True)
class Activation:
    """The state of one offer's course.

    version: counts every change, of the picks too; writes are conditional on it.
    run: counts the times it was started; each start takes and gives back seats of its own.
    actor, verb, acted_at: who did what last. An empty actor is licbot itself.
    note: why it ended or came back to review, in words.
    automatic: it was started by licbot, not by a person.
    """

    id: str
    system: str
    owner: str
    offer_digest: str
    sequence: int
    state: ActivationState
    found_at: datetime
    acted_at: datetime
    version: int = 0
    run: int = 0
    actor: str = ""
    verb: str = "found"
    note: str = ""
    automatic: bool = False
    stage: Stage | None = None
    done: int = 0
    of: int = 0

    @property
    def is_open(self) -> bool:
        """Whether anything can still follow."""
        return self.state not in ENDED


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Someone does something at a moment. An empty actor is licbot itself."""

    actor: str
    at: datetime


def plan_digest(offer_digest: str, removals: Iterable[Removal], policy: Mapping[str, str]) -> str:
    """One digest of the offer's bytes, the exact removals and the policy, in hexadecimal."""
    rows = sorted(_row(removal) for removal in removals)
    canonical = json.dumps(
        {"offer": offer_digest, "removals": rows, "policy": dict(policy)},
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _row(removal: Removal) -> tuple[str, ...]:
    swap = (removal.instead, *removal.gives) if removal.instead else ()
    return (removal.user, removal.module, *swap)


def require_open(activation: Activation) -> None:
    """Let picks and decisions through only while people review.

    Raises ActivationRunning, Superseded or ActivationEnded, saying which.
    """
    if activation.state is not S.REVIEW:
        raise _closed(activation)


def _closed(activation: Activation) -> Refused:
    """Why an activation takes no decisions now, and who saw to that."""
    reasons = {S.ACTIVATING: ActivationRunning, S.SUPERSEDED: Superseded}
    error = reasons.get(activation.state, ActivationEnded)()
    error.actor, error.verb = activation.actor, activation.verb
    return error


def move(
    activation: Activation, state: ActivationState, act: Act, verb: str, note: str = ""
) -> Activation:
    """The activation in another state than ACTIVATING, to which only ``begin`` leads.

    Raises ActivationRunning, Superseded or ActivationEnded where that state may not follow.
    """
    if state is S.ACTIVATING or state not in TRANSITIONS[activation.state]:
        raise _closed(activation)
    return _moved(activation, state, act, verb, note)


def _moved(
    activation: Activation, state: ActivationState, act: Act, verb: str, note: str
) -> Activation:
    return replace(
        activation,
        state=state,
        actor=act.actor,
        acted_at=act.at,
        verb=verb,
        note=note,
        stage=None,
        done=0,
        of=0,
    )


def begin(
    activation: Activation,
    act: Act,
    *,
    changes: Sequence[Change],
    removals: int,
    unmet: Sequence[str] = (),
    confirmed: str,
    current: str,
    automatic: bool = False,
) -> Activation:
    """Start activating.

    changes: every module licence, hidden ones too, with what the plan frees.
    removals: how many seats are to be taken. unmet: what plugins still require, in words.
    confirmed: the digest that the person saw; current: the digest of what would be done.
    Raises ActivationRunning, Superseded, ActivationEnded, PlanChanged, SurplusRemains,
    RequirementUnmet.
    """
    if activation.state is not S.FOUND:
        require_open(activation)
    if confirmed != current:
        raise PlanChanged
    if red(changes):
        raise SurplusRemains
    if unmet:
        raise RequirementUnmet(" ".join(unmet))
    started = _moved(activation, S.ACTIVATING, act, "started the activation", "")
    return replace(
        started,
        run=activation.run + 1,
        automatic=automatic,
        stage=Stage.CHECKING,
        of=removals,
    )


def touch(activation: Activation, act: Act, verb: str) -> Activation:
    """Record who changed the plan. Raises as require_open does."""
    require_open(activation)
    return replace(activation, actor=act.actor, acted_at=act.at, verb=verb)


def advance(activation: Activation, stage: Stage, done: int) -> Activation:
    """Say how far a running activation is. Raises ActivationEnded where it does not run."""
    if activation.state is not S.ACTIVATING:
        raise ActivationEnded
    return replace(activation, stage=stage, done=done)


def run_key(activation: Activation) -> str:
    """The key under which one run takes seats and gives them back, once each."""
    return f"{activation.id}/{activation.run}"
