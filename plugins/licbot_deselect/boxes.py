"""Check boxes of holders."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from slack_sdk.models.blocks import CheckboxesElement, Option

from licbot.domain.people import Holder, HolderKind
from licbot.domain.removals import Lane
from licbot.ports.ports import Ports
from licbot.ports.texts import clip, day, plain
from licbot_deselect.marks import Marks

GROUP = 10
"""Slack takes ten boxes in a group."""


def groups(holders: Sequence[Holder]) -> Iterable[Sequence[Holder]]:
    """Holders by tens."""
    return (holders[start : start + GROUP] for start in range(0, len(holders), GROUP))


def check_boxes(
    action_id: str, holders: Sequence[Holder], marks: Marks, ports: Ports
) -> CheckboxesElement:
    """A group of check boxes, ticked where the holder is picked."""
    options = [_option(holder, marks, ports) for holder in holders]
    ticked = [option for option in options if option.value in marks.picked]
    return CheckboxesElement(action_id=action_id, options=options, initial_options=ticked or None)


def _option(holder: Holder, marks: Marks, ports: Ports) -> Option:
    return Option(
        value=holder.id,
        text=plain(holder.name or holder.id, 75),
        description=plain(_facts(holder, marks, ports), 75),
    )


def _facts(holder: Holder, marks: Marks, ports: Ports) -> str:
    """What helps to decide, the most telling first: Slack shows 75 characters."""
    facts = ["goes along with another pick"] if holder.id in marks.along else []
    if holder.id in marks.instead:
        facts.append(f"gets {clip(marks.instead[holder.id], 40)} instead")
    facts.append(_sign_in(holder.last_login))
    advice = ports.advice.removal(holder)
    if advice.lane is not Lane.READY and advice.why:
        facts.append(advice.why)
    if holder.kind is HolderKind.OTHER:
        facts.append("other user")
    if not holder.can_login:
        facts.append("may not sign in")
    if holder.email:
        facts.append(holder.email)
    return " · ".join(facts)


def _sign_in(at: datetime | None) -> str:
    return f"signed in {day(at)}" if at else "sign-in unknown"
