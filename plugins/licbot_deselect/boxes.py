"""Check boxes of holders."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from slack_sdk.models.blocks import CheckboxesElement, Option

from licbot.domain.people import Holder, HolderKind
from licbot.domain.removals import Lane
from licbot.ports.ports import Ports
from licbot.ports.store import Pick
from licbot.ports.texts import day, plain

GROUP = 10
"""Slack takes ten boxes in a group."""


def groups(holders: Sequence[Holder]) -> Iterable[Sequence[Holder]]:
    """Holders by tens."""
    return (holders[start : start + GROUP] for start in range(0, len(holders), GROUP))


def check_boxes(
    action_id: str, holders: Sequence[Holder], picks: Mapping[str, Pick], ports: Ports
) -> CheckboxesElement:
    """A group of check boxes, ticked where the holder is picked."""
    options = [_option(holder, ports) for holder in holders]
    ticked = [option for option in options if is_picked(picks, option.value)]
    return CheckboxesElement(action_id=action_id, options=options, initial_options=ticked or None)


def is_picked(picks: Mapping[str, Pick], user: str | None) -> bool:
    """Whether a user is picked."""
    pick = picks.get(user or "")
    return pick is not None and pick.picked


def _option(holder: Holder, ports: Ports) -> Option:
    return Option(
        value=holder.id,
        text=plain(holder.name or holder.id, 75),
        description=plain(_facts(holder, ports), 75),
    )


def _facts(holder: Holder, ports: Ports) -> str:
    """What helps to decide, the most telling first: Slack shows 75 characters."""
    facts = [_sign_in(holder.last_login)]
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
