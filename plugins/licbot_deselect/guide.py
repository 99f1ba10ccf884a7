"""What people do by hand where the licensed system does not let licbot take seats."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    InteractiveElement,
    SectionBlock,
)
from slack_sdk.models.views import View

from licbot.domain.activation import ActivationState
from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.domain.review import Review
from licbot.flows.look import look
from licbot.hookspecs import Part
from licbot.ports.lists import list_modal, packed
from licbot.ports.ports import Ports
from licbot.ports.system import Guidance
from licbot.ports.texts import bold, clip, count, escape, mrkdwn, plain

NOBODY = "Nobody is picked yet, so there is nothing to do by hand."
ASKED = (
    "licbot reads the list of users anew. The message with the changes is updated as soon as that "
    "is done."
)


async def guide_parts(review: Review, ports: Ports) -> Sequence[Part]:
    """How far people are, and the way to the rest; nothing where licbot takes the seats."""
    if not review.people or review.activation.state is not ActivationState.REVIEW:
        return []
    guidance = await ports.systems[review.activation.system].guidance(())
    if guidance is None:
        return []
    return [Part(place=40, blocks=[_progress(review, guidance), _buttons(review, guidance)])]


def _progress(review: Review, guidance: Guidance) -> Block:
    product = escape(guidance.product)
    done = review.people - review.to_do
    if not review.to_do:
        words = (
            f":white_check_mark: *Done by hand in {product}:* "
            f"{count(review.people, 'picked person', 'picked people')} lost what they were to lose."
        )
    else:
        words = (
            f":clipboard: *To do by hand in {product}*, which does not let licbot take licences: "
            f"{done:,} of {count(review.people, 'picked person', 'picked people')} done, "
            f"*{review.to_do:,} to go*. licbot looks by itself every few minutes."
        )
    return SectionBlock(text=mrkdwn(words))


def _buttons(review: Review, guidance: Guidance) -> Block:
    activation = review.activation.id
    buttons: list[InteractiveElement] = [
        ButtonElement(text=plain("What to do"), action_id="deselect:todo", value=activation),
        *_check_again(review, activation),
        *_way(guidance),
    ]
    return ActionsBlock(elements=buttons)


def _check_again(review: Review, activation: str) -> list[ButtonElement]:
    if not review.to_do:
        return []
    return [
        ButtonElement(text=plain("Check again"), action_id="deselect:recheck", value=activation)
    ]


def _way(guidance: Guidance) -> list[ButtonElement]:
    if not guidance.page:
        return []
    words = plain(f"Open {guidance.product}", 75)
    return [ButtonElement(text=words, action_id="deselect:site", url=guidance.page)]


async def guide_view(ports: Ports, activation_id: str) -> View:
    """Every picked person with what is to be done. Raises UnknownActivation, SystemUnavailable."""
    review = await look(ports, activation_id)
    system = ports.systems[review.activation.system]
    guidance = await system.guidance([each for each in review.removals if not each.done])
    people = await system.people(sorted({removal.user for removal in review.removals}))
    if guidance is None or not review.removals:
        return list_modal("What to do by hand", [SectionBlock(text=mrkdwn(NOBODY))])
    by_user = groupby(sorted(review.removals), key=lambda removal: removal.user)
    lines = [_person(people.get(user), user, removals, guidance) for user, removals in by_user]
    listed = packed(
        [line for _, line in sorted(lines)],
        lambda left: f"… and {count(left, 'more person', 'more people')}.",
    )
    return list_modal("What to do by hand", [_progress(review, guidance), *_top(guidance), *listed])


def _top(guidance: Guidance) -> list[Block]:
    way = _way(guidance)
    return [ActionsBlock(elements=list(way))] if way else []


def _person(
    holder: Holder | None, user: str, removals: Iterable[Removal], guidance: Guidance
) -> tuple[tuple[bool, str], str]:
    """A line, after what it is ordered by: what is still to do comes first."""
    name = holder.name if holder else user
    done = all(removal.done for removal in removals)
    task = "done" if done else guidance.tasks.get(user, "take the licence away")
    mark = ":white_check_mark:" if done else "☐"
    line = f"{mark} {bold(clip(name, 60))}: {escape(clip(task, 300))}"
    return (done, name.casefold()), line
