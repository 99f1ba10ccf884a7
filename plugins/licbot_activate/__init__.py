"""The step ``activate``: put the new licence in force, once nothing is red."""

from collections.abc import Awaitable, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    SectionBlock,
)

from licbot.domain.activation import ActivationState, Stage
from licbot.domain.changes import Change, red
from licbot.domain.people import Role
from licbot.domain.review import Review
from licbot.flows.card import where_all
from licbot.flows.start import start_activation
from licbot.hookspecs import Part, hookimpl
from licbot.ports.conversation import Action, Done, Reply, Request, Say, Step
from licbot.ports.ports import Ports
from licbot.ports.texts import bold, clip, count, escape, mrkdwn, plain

BAR = 12
"""Characters of the progress bar."""

STAGES = {
    Stage.CHECKING: "1/4 Checking everything once more",
    Stage.TAKING: "2/4 Taking the seats",
    Stage.INSTALLING: "3/4 Activating the licence",
    Stage.READING_BACK: "4/4 Reading it back and comparing",
    Stage.GIVING_BACK: "It was refused: giving the seats back",
}


BY_HAND = "2/4 Making sure that the seats are gone"
HINT = "There you activate it, as soon as nothing is missing."
NOTHING = "No new licence is waiting, so there is nothing to activate."


async def activate(request: Request, ports: Ports) -> Reply:
    """Start, if the plan is still the one that was confirmed."""
    activation_id, _, digest = request.value.partition("|")
    await start_activation(ports, activation_id, request.user, confirmed=digest)
    return Done()


async def show_where(request: Request, ports: Ports) -> Reply:
    """Lead to the message, where this is done."""
    return Say(text="\n".join(await where_all(ports, HINT)) or NOTHING)


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step; its button stands in the confirmation message."""
    return [
        Step(
            name="activate",
            command=Action(handler=show_where, role=Role.ADMIN),
            summary="put the new licence in force",
            actions={"go": Action(handler=activate, role=Role.ADMIN)},
        )
    ]


@hookimpl
def licbot_card(review: Review, ports: Ports) -> Awaitable[Sequence[Part]]:
    """Give the button, or what is missing; then the progress, and the result."""
    return _parts(review)


async def _parts(review: Review) -> Sequence[Part]:
    match review.activation.state:
        case ActivationState.REVIEW:
            return [Part(place=70, blocks=_button(review) if review.is_clear else _missing(review))]
        case ActivationState.ACTIVATING:
            return [Part(place=5, blocks=[_progress(review)])]
        case ActivationState.VERIFIED:
            return [Part(place=5, blocks=[_result(review)])]
    return []


def _button(review: Review) -> list[Block]:
    losing = review.people
    return [
        ActionsBlock(
            elements=[
                ButtonElement(
                    text=plain("Activate"),
                    action_id="activate:go",
                    value=f"{review.activation.id}|{review.digest}",
                    style="primary",
                    confirm=ConfirmObject(
                        title=plain("Activate the new licence?", 100),
                        text=plain(consequences(review), 300),
                        confirm=plain("Activate", 30),
                        deny=plain("Cancel", 30),
                        style="danger" if losing else "primary",
                    ),
                )
            ]
        )
    ]


def consequences(review: Review) -> str:
    """How many people lose what, in one sentence."""
    if not review.seats:
        return "Nobody loses a licence."
    seats = review.lost
    lost = [
        f"{seats[change.module.key]:,} × {change.module.label}"
        for change in review.changes
        if change.module.key in seats and not change.module.hidden
    ]
    hidden = sum(
        seats.get(change.module.key, 0) for change in review.changes if change.module.hidden
    )
    if hidden:
        lost.append(f"and {hidden:,} that come with them")
    words = f"{_losing(review)} licences: {', '.join(lost)}"
    when = "" if review.guided else " It takes effect at once."
    given = _given(review)
    room = 298 - len(given) - len(when)
    return f"{clip(words, min(240, room))}.{given}{when}"


def _given(review: Review) -> str:
    """Who gets another plan, in a sentence with a blank before it; empty where nobody does."""
    labels = {change.module.key: change.module.label for change in review.changes}
    plans = sorted(review.given().items())
    get, gets = ("were to get", "was to get") if review.guided else ("get", "gets")
    said = [
        f"{people:,} {gets if people == 1 else get} {clip(labels.get(plan, plan), 40)}"
        for plan, people in plans[:2]
    ]
    if len(plans) > 2:
        said.append(f"{sum(people for _, people in plans[2:]):,} {get} other plans")
    return f" Instead, {', '.join(said)}." if said else ""


def _losing(review: Review) -> str:
    one = review.people == 1
    verb = ("has lost" if one else "have lost") if review.guided else ("loses" if one else "lose")
    return f"{count(review.people, 'person', 'people')} {verb}"


def _missing(review: Review) -> list[Block]:
    lines = [escape(words) for words in review.unmet]
    blocking = red(review.changes)
    short = [change for change in blocking if change.surplus]
    full = [change for change in blocking if not change.surplus]
    if short:
        lines.append(f"Still to remove: {_gaps(short)}.")
    if full:
        lines.append(f"Too many are to get another plan: {_gaps(full)}.")
    until = "nothing is red" if blocking else "nothing is missing"
    head = f":lock: *Activate appears here as soon as {until}.*"
    return [SectionBlock(text=mrkdwn("\n".join([head, *lines])))]


def _gaps(changes: Sequence[Change]) -> str:
    gaps = ", ".join(
        f"{bold(clip(change.module.label, 60))} {change.remaining:,}" for change in changes[:15]
    )
    return f"{gaps} and {len(changes) - 15} more" if len(changes) > 15 else gaps


def _progress(review: Review) -> Block:
    activation = review.activation
    stage = activation.stage or Stage.CHECKING
    said = BY_HAND if stage is Stage.TAKING and review.guided else STAGES[stage]
    words = f":hourglass_flowing_sand: *{said}*"
    if stage is Stage.TAKING and activation.of:
        filled = BAR * activation.done // activation.of
        bar = "●" * filled + "○" * (BAR - filled)
        words += f"\n{bar} {activation.done:,} of {count(activation.of, 'seat')}"
    return SectionBlock(text=mrkdwn(words))


def _result(review: Review) -> Block:
    words = ":white_check_mark: *Activated, read back and compared:* the licence is in force."
    if review.seats:
        people = count(review.people, "person", "people")
        verb = "was" if review.seats == 1 else "were"
        how = "taken by hand" if review.guided else "taken"
        words += f" {count(review.seats, 'seat')} of {people} {verb} {how}."
    swapped = sum(review.given().values())
    if swapped and not review.guided:
        words += f" {count(swapped, 'person', 'people')} got another plan."
    return SectionBlock(text=mrkdwn(words))
