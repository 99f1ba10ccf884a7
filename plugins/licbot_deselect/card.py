"""What the confirmation message says of each red licence, with the list where it is short."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    Option,
    SectionBlock,
    StaticSelectElement,
)

from licbot.domain.activation import ActivationState
from licbot.domain.changes import Change
from licbot.domain.errors import SystemUnavailable
from licbot.domain.people import HolderQuery
from licbot.domain.review import Review
from licbot.hookspecs import Part
from licbot.ports.ports import Ports
from licbot.ports.texts import bold, clip, count, escape, mrkdwn, plain
from licbot_deselect.boxes import check_boxes, groups
from licbot_deselect.marks import marks_of
from licbot_deselect.spot import Spot, module_ref, short_spot, write_spot

FEW = 20
"""Up to so many holders are listed in the message itself."""

ROOM = 32
"""Blocks of the message that this part may fill; Slack takes 50 in all."""

MOST_OPTIONS = 100
"""Slack takes so many in a select."""


async def card_parts(review: Review, ports: Ports) -> Sequence[Part]:
    """A section for each licence with a surplus, visible ones first, and for what is overfull."""
    if review.activation.state is not ActivationState.REVIEW:
        return []
    short = [
        change
        for change in review.changes
        if (change.surplus or change.is_red) and _concerns(change)
    ]
    short.sort(key=lambda change: change.module.hidden)
    if len(short) > ROOM:
        # What is settled makes room for what is not; fewer keep their places.
        short.sort(key=lambda change: not change.is_red)
    shown, more = short[: ROOM - 1], [change for change in short[ROOM - 1 :] if change.is_red]
    blocks: list[Block] = []
    for place, change in enumerate(shown, 1):
        lists = await _list(review, change, ports)
        fits = len(blocks) + 1 + len(lists) + len(shown) - place < ROOM
        blocks += [_section(review, change), *(lists if fits else [])]
    return [Part(place=30, blocks=[*blocks, *_more(review, more)])]


def _more(review: Review, changes: Sequence[Change]) -> list[Block]:
    """Red licences beyond the room of a message, to choose from; the rest follows as these go."""
    if not changes:
        return []
    choose = StaticSelectElement(
        action_id="deselect:open:more",
        placeholder=plain(f"{count(len(changes), 'more red licence')}: choose one", 150),
        options=[
            Option(
                value=short_spot(_spot(review, change)),
                text=plain(f"{clip(change.module.label, 50)}: {change.remaining:,} must go", 75),
            )
            for change in changes[:MOST_OPTIONS]
        ],
    )
    return [ActionsBlock(elements=[choose])]


def _spot(review: Review, change: Change) -> Spot:
    return Spot(activation=review.activation.id, module=module_ref(change.module.key))


def _concerns(change: Change) -> bool:
    """Hidden licences are named only as long as they block."""
    return change.is_red or not change.module.hidden


def _section(review: Review, change: Change) -> Block:
    spot = _spot(review, change)
    if not change.surplus:
        return SectionBlock(text=mrkdwn(_overfull(change)))
    label = "Remove superfluous licences" if change.is_red else "Change the list"
    return SectionBlock(
        text=mrkdwn(_words(review, change)),
        accessory=ButtonElement(
            text=plain(label, 75),
            action_id="deselect:open",
            value=write_spot(spot),
            style="danger" if change.is_red else None,
            # What is seen and what a screen reader says begin alike.
            accessibility_label=clip(f"{label}: {change.module.label}", 75),
        ),
    )


def _overfull(change: Change) -> str:
    """A licence that is short only because of those who are to get it."""
    free = change.given - change.remaining
    hidden = " It is hidden and comes with user plans." if change.module.hidden else ""
    return (
        f":red_circle: {bold(clip(change.module.label, 200))}: "
        f"{count(change.given, 'person', 'people')} would get it instead of another plan, and it "
        f"has {count(free, 'free seat')}, so *{change.remaining:,} must not*.{hidden}\n"
        "Untick some of them; you can let them lose their licence instead."
    )


def _reassigned(review: Review, change: Change) -> str:
    """Who of those picked get another plan; empty where nobody does."""
    labels = {each.module.key: each.module.label for each in review.changes}
    given = [
        f"{people:,} get {escape(clip(labels.get(plan, plan), 80))} instead"
        if people > 1
        else f"one gets {escape(clip(labels.get(plan, plan), 80))} instead"
        for plan, people in sorted(review.given(change.module.key).items())
    ]
    return f" ({', '.join(given)})" if given else ""


def _words(review: Review, change: Change) -> str:
    name = bold(clip(change.module.label, 200))
    picked = f"{change.planned + change.given:,} of {change.surplus:,} picked"
    picked += _reassigned(review, change)
    if not change.is_red:
        return f":white_check_mark: {name}: {picked}."
    hidden = " It is hidden and comes with user plans." if change.module.hidden else ""
    return (
        f":red_circle: {name}: {count(change.in_use, 'seat')} in use, {change.new_total:,} "
        f"available, so *{change.surplus:,} must go*.{hidden}\n"
        f"{picked}, still to remove: *{change.remaining:,}*."
    )


async def _list(review: Review, change: Change, ports: Ports) -> list[Block]:
    if change.in_use > FEW or change.module.hidden:
        return []
    activation, module = review.activation, change.module.key
    query = HolderQuery(module=module, limit=FEW + 1)
    try:
        page = await ports.systems[activation.system].holders(query)
    except SystemUnavailable:
        return []  # the numbers are worth showing without the list; its button says what is wrong
    if page.total > FEW:
        return []
    marks = await marks_of(ports, review, module, page.holders)
    spot = short_spot(Spot(activation=activation.id, module=module_ref(module)))
    return [
        ActionsBlock(
            block_id=f"here-{module_ref(module)}-{number}-{activation.version}",
            elements=[check_boxes(f"deselect:tick-here:{spot}:{number}", holders, marks, ports)],
        )
        for number, holders in enumerate(groups(page.holders))
    ]
