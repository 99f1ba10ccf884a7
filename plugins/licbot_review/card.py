"""The confirmation message: head, changes, caution, who acted last."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    SectionBlock,
)

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.changes import shown
from licbot.domain.review import Review
from licbot.hookspecs import Part
from licbot.ports.ports import Ports
from licbot.ports.texts import bold, clip, count, day, escape, mention, moment, mrkdwn, plain
from licbot_review.table import changes_table

S = ActivationState

TITLES = {
    S.FOUND: "Activate new licence",
    S.REVIEW: "Activate new licence",
    S.ACTIVATING: "Activating the new licence",
    S.VERIFIED: "New licence activated",
    S.DECLINED: "New licence set aside",
    S.FAILED: "New licence not activated",
    S.EXPIRED: "New licence no longer valid",
    S.SUPERSEDED: "Replaced by a newer licence",
}
CAUTION = (
    "*Wrong number of licences, or licences for the wrong module?* Then do *not* activate: say so "
    "here and contact the issuer."
)
UNCHANGED = "No number changes: the new licence renews dates or details only."


async def card_parts(review: Review, ports: Ports) -> Sequence[Part]:
    """The parts, from top to bottom."""
    return [
        Part(place=0, blocks=_head(review, ports)),
        Part(place=10, blocks=_changes(review)),
        Part(place=60, blocks=_below(review)),
        Part(place=95, blocks=[last_act(review.activation)]),
    ]


def _head(review: Review, ports: Ports) -> list[Block]:
    customer, dates = review.offer.license.customer, review.offer.license.dates
    issued = review.offer.issued
    several = len(ports.systems) > 1
    facts = [
        *([f"system {escape(review.activation.system)}"] if several else []),
        bold(clip(customer.company, 200)),
        f"serial number {escape(clip(customer.serial, 60))}",
        f"from {escape(clip(review.offer.license.owner.label, 100))}",
        *([f"issued {day(issued)}"] if issued else []),
        f"expires {day(dates.expiry)}",
    ]
    return [
        HeaderBlock(text=plain(TITLES[review.activation.state], 150)),
        ContextBlock(elements=[mrkdwn(" · ".join(facts))]),
    ]


def _changes(review: Review) -> list[Block]:
    activation = review.activation
    if activation.state in (S.EXPIRED, S.SUPERSEDED):
        return []
    if activation.state is S.VERIFIED and activation.automatic:
        return [ActionsBlock(elements=[_button("Show the changes", "changes", activation)])]
    if not shown(review.changes):
        return [SectionBlock(text=mrkdwn(UNCHANGED))]
    return [changes_table(review.changes, done=activation.state is S.VERIFIED)]


def _below(review: Review) -> list[Block]:
    activation = review.activation
    blocks: list[Block] = []
    if activation.note:
        blocks.append(SectionBlock(text=mrkdwn(f":warning: {escape(activation.note)}")))
    match activation.state:
        case S.REVIEW:
            blocks.append(SectionBlock(text=mrkdwn(CAUTION), accessory=_decline(activation)))
        case S.DECLINED:
            button = _button("Take up again", "reopen", activation)
            blocks.append(ActionsBlock(elements=[button]))
        case S.FAILED:
            button = _button("Try again", "reopen", activation)
            blocks.append(ActionsBlock(elements=[button]))
    people = review.people
    if people and activation.state in (S.REVIEW, S.ACTIVATING, S.VERIFIED):
        blocks.append(ActionsBlock(elements=[_people(review)]))
    return blocks


def _people(review: Review) -> ButtonElement:
    activation, people = review.activation, review.people
    is_over = activation.state is S.VERIFIED or (review.guided and not review.to_do)
    word = "lost" if is_over else "loses" if people == 1 else "lose"
    label = f"{count(people, 'person', 'people')} {word} licences: show"
    return _button(label, "people", activation)


def _button(label: str, verb: str, activation: Activation) -> ButtonElement:
    return ButtonElement(text=plain(label, 75), action_id=f"review:{verb}", value=activation.id)


def _decline(activation: Activation) -> ButtonElement:
    return ButtonElement(
        text=plain("The numbers are wrong"),
        action_id="review:decline",
        value=activation.id,
        confirm=ConfirmObject(
            title=plain("Set this licence aside?", 100),
            text=plain(
                "It cannot be activated then, until someone takes it up again. Who was picked "
                "stays picked. Contact the issuer for a correct licence.",
                300,
            ),
            confirm=plain("Set aside", 30),
            deny=plain("Cancel", 30),
        ),
    )


def last_act(activation: Activation) -> Block:
    """Who did what last."""
    words = f"{mention(activation.actor)} {activation.verb} · {moment(activation.acted_at)}"
    return ContextBlock(elements=[mrkdwn(words)])
