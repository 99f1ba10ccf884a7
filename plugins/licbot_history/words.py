"""What happened, in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from licbot.domain.activation import ActivationState
from licbot.domain.changes import Change, red, shown
from licbot.domain.events import (
    ActivationFailed,
    ActivationReturned,
    ActivationStarted,
    ActivationVerified,
    Event,
    OfferDeclined,
    OfferExpired,
    OfferFound,
    OfferSuperseded,
    RemovalsPlanned,
    ReviewReopened,
)
from licbot.domain.licenses import LicenseType, ModuleLicense
from licbot.flows.history import Entry
from licbot.ports.texts import bold, clip, count, escape, mention, moment

S = ActivationState

STATES: Mapping[ActivationState, str] = {
    S.FOUND: "Just found",
    S.REVIEW: "Waiting for people",
    S.ACTIVATING: "Being activated",
    S.VERIFIED: "Activated",
    S.DECLINED: "Set aside as wrong",
    S.FAILED: "Could not be activated",
    S.EXPIRED: "No longer valid, never activated",
    S.SUPERSEDED: "Replaced by a newer licence, never activated",
}
MARKS: Mapping[ActivationState, str] = {
    S.ACTIVATING: ":hourglass_flowing_sand: ",
    S.VERIFIED: ":white_check_mark: ",
    S.DECLINED: ":warning: ",
    S.FAILED: ":warning: ",
}
TOLD: Mapping[str, str] = {
    OfferFound.__name__: "{who} found this licence",
    ActivationStarted.__name__: "{who} started the activation, with {detail} to be taken",
    ActivationReturned.__name__: "{who} checked once more and went back to the review: {detail}",
    ActivationVerified.__name__: "{who} activated it; it was read back and compared",
    ActivationFailed.__name__: "{who} could not activate it: {detail}",
    OfferDeclined.__name__: "{who} said that this licence is wrong, and set it aside",
    ReviewReopened.__name__: "{who} took this licence up again",
    OfferSuperseded.__name__: "{who} found a newer licence, which took this one's place",
    OfferExpired.__name__: "{who} closed this licence: {detail}",
}
"""What is said of an event, by its kind; of planned removals see planned."""

UNKNOWN = "{who} did something that this version of licbot has no words for"
NO_LOSS = "{who} started the activation; nobody loses a licence by it"

IN_A_LINE = 4
"""Licences that are named in one line; more are counted."""

BREAK = timedelta(minutes=30)
"""Picks with a longer break between them are told apart."""


def summary(entry: Entry) -> str:
    """What an activation changed, or would, in a line."""
    state, changes = entry.activation.state, shown(entry.changes)
    if not changes:
        return _no_change(entry)
    verb = "Changed" if state is S.VERIFIED else "Would change"
    if not entry.activation.is_open and state is not S.VERIFIED:
        verb = "Would have changed"
    named = ", ".join(_in_short(change) for change in changes[:IN_A_LINE])
    more = len(changes) - IN_A_LINE
    return f"{verb}: {named}" + (f" and {count(more, 'more licence')}." if more > 0 else ".")


def _no_change(entry: Entry) -> str:
    if entry.activation.state is S.VERIFIED:
        return "No number changed: dates or details only."
    return "No number changes." if entry.activation.is_open else "Nothing changed."


def _in_short(change: Change) -> str:
    label = escape(clip(change.module.label, 40))
    if not change.altered:
        return f"{label} stays at {_after(change)}"
    return f"{label} {change.total:,} → {_after(change)}"


def _after(change: Change) -> str:
    return f"{change.new_total:,}" if change.restricted else "unrestricted"


def heading(entry: Entry) -> str:
    """What stands above the changes."""
    if entry.activation.state is S.VERIFIED:
        return "What changed"
    if entry.activation.is_open:
        return "What would change"
    return "What would have changed" if entry.changes else "What it would have granted"


def change_lines(entry: Entry) -> Sequence[str]:
    """Each licence that people see with its numbers; what was offered where none were compared."""
    if not entry.changes and not entry.activation.is_open:
        modules = [each for each in entry.offer.license.modules if not each.hidden]
        return [_granted(module) for module in sorted(modules, key=_place)]
    return [_in_full(change, entry) for change in shown(entry.changes)]


def _place(module: ModuleLicense) -> tuple[int, str]:
    return module.sort_order, module.key


def _granted(module: ModuleLicense) -> str:
    number = "unrestricted" if module.unrestricted else f"{module.number:,}"
    return f"{bold(clip(module.label, 60))}: {number}"


def _in_full(change: Change, entry: Entry) -> str:
    step = f" ({change.added:+,})".replace("-", "−") if change.restricted and change.added else ""
    words = [f"{change.total:,} before, {_after(change)} after{step}"]
    if change.module.type is not LicenseType.SYSTEM:
        at = "now" if entry.activation.state in (S.FOUND, S.REVIEW, S.DECLINED) else "then"
        words.append(f"{change.in_use:,} in use {at}")
    be = "" if entry.activation.state is S.VERIFIED else "to be "
    if taken := change.planned + change.given:
        words.append(f"{count(taken, 'seat')} {be}taken")
    if change.given:
        words.append(f"{count(change.given, 'seat')} {be}given")
    if change.is_red and not change.surplus:
        words.append(f":red_circle: red: {count(change.remaining, 'seat')} too many to be given")
    elif change.is_red:
        words.append(f":red_circle: red: {count(change.remaining, 'seat')} must go")
    return f"{bold(clip(change.module.label, 60))}: {' · '.join(words)}"


def people_line(entry: Entry) -> str:
    """How many people lose something; empty where nobody does."""
    activation, people = entry.activation, entry.people
    never = not activation.is_open and not entry.changes
    if not people or never:
        return ""
    who, swapped = count(people, "person", "people"), entry.reassigned
    if activation.state is S.VERIFIED:
        return f"{who} lost licences.{_instead(swapped, 'got', 'got')}"
    if activation.state in (S.FOUND, S.REVIEW, S.ACTIVATING):
        words = f"{who} {'loses' if people == 1 else 'lose'} licences."
        return words + _instead(swapped, "gets", "get")
    words = f"{who} {'was' if people == 1 else 'were'} to lose licences."
    return words + _instead(swapped, "was to get", "were to get")


def _instead(people: int, one: str, many: str) -> str:
    """How many get another plan, in a sentence with a blank before it; empty where nobody does."""
    verb = one if people == 1 else many
    return f" {people:,} of them {verb} another plan instead." if people else ""


def nobody(entry: Entry) -> str:
    """That nobody loses anything, as far as that is known."""
    if not entry.activation.is_open:
        return "Nobody lost a licence."
    return "Nobody is picked yet." if red(entry.changes) else "Nobody loses a licence."


def event_lines(events: Sequence[tuple[str, Event]]) -> Sequence[str]:
    """Each event with who and when, oldest first; picks of one person in a row as one."""
    return [
        f"{_when(run)} · {told(run[0][0], _together([event for _, event in run]))}"
        for run in _runs(events)
    ]


def _runs(events: Sequence[tuple[str, Event]]) -> Sequence[Sequence[tuple[str, Event]]]:
    runs: list[list[tuple[str, Event]]] = []
    for each in events:
        if runs and _goes_on(runs[-1][-1], each):
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _goes_on(before: tuple[str, Event], each: tuple[str, Event]) -> bool:
    (kind, last), (_, event) = before, each
    return (
        kind == each[0] == RemovalsPlanned.__name__
        and last.actor == event.actor
        and event.at - last.at <= BREAK
    )


def _when(some: Sequence[tuple[str, Event]]) -> str:
    first, last = moment(some[0][1].at), moment(some[-1][1].at)
    return first if some[-1][1].at - some[0][1].at < timedelta(minutes=1) else f"{first} to {last}"


def _together(events: Sequence[Event]) -> Event:
    if len(events) == 1:
        return events[0]
    counts = [_picks(event.detail) for event in events]
    picked, kept, swapped = (sum(each) for each in zip(*counts, strict=True))
    return replace(events[0], detail=f"+{picked} -{kept} ~{swapped}")


def told(kind: str, event: Event) -> str:
    """Who did what, by the kind of an event."""
    if kind == RemovalsPlanned.__name__:
        return planned(event)
    if kind == ActivationStarted.__name__ and event.detail.startswith("0 "):
        return NO_LOSS.format(who=mention(event.actor))
    detail = escape(clip(event.detail, 300))
    return TOLD.get(kind, UNKNOWN).format(who=mention(event.actor), detail=detail)


def planned(event: Event) -> str:
    """What someone planned; licbot itself takes over what was planned for the licence before."""
    picked, kept, swapped = _picks(event.detail)
    if not event.actor:
        return f"licbot took {count(picked, 'planned seat')} over from the licence before"
    words = []
    if picked or not kept:
        more = f" and to give another plan for {swapped:,} of them" if swapped else ""
        words.append(f"planned to take {count(picked, 'seat')}{more}")
    if kept:
        words.append(f"let people keep {count(kept, 'seat')}")
    return f"{mention(event.actor)} {' and '.join(words)}"


def _picks(detail: str) -> tuple[int, int, int]:
    """How many seats were picked, how many picks were taken back, and how many of those picked
    get another plan.
    """
    found = re.fullmatch(r"\+(\d+) -(\d+)(?: ~(\d+))?", detail)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
