"""The step ``review``: what a new licence changes."""

from collections.abc import Awaitable, Sequence

from licbot.domain.people import Role
from licbot.domain.review import Review
from licbot.flows.card import where, where_all
from licbot.flows.decline import decline_offer, reopen_review
from licbot.flows.look import look
from licbot.flows.losses import read_losses
from licbot.hookspecs import Part, hookimpl
from licbot.ports.conversation import Action, Done, Reply, Request, Say, Show, Step
from licbot.ports.losses import losses_view
from licbot.ports.ports import Ports
from licbot_review.card import card_parts
from licbot_review.views import changes_view

NOTHING = (
    "No new licence is waiting. `/license refresh` asks for one now; "
    "`/license` shows what you have."
)


async def open_reviews(request: Request, ports: Ports) -> Reply:
    """Where to find the messages of all licences that wait."""
    return Say(text="\n".join(await where_all(ports)) or NOTHING)


async def open_review(request: Request, ports: Ports) -> Reply:
    """Where to find the message of one licence."""
    return Say(text=await where(ports, request.value))


async def show_changes(request: Request, ports: Ports) -> Reply:
    """The changes of one activation, in a modal."""
    return Show(view=changes_view(await look(ports, request.value, request.language)))


async def show_people(request: Request, ports: Ports) -> Reply:
    """Who loses, or lost, what."""
    return Show(view=losses_view(await read_losses(ports, request.value, request.language)))


async def decline(request: Request, ports: Ports) -> Reply:
    """Say that the numbers are wrong."""
    await decline_offer(ports, request.value, request.user)
    return Done()


async def reopen(request: Request, ports: Ports) -> Reply:
    """Take a licence up again."""
    await reopen_review(ports, request.value, request.user)
    return Done()


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    return [
        Step(
            name="review",
            summary="what a new licence changes, and what keeps it from being activated",
            command=Action(handler=open_reviews, role=Role.ADMIN),
            aliases=("changes",),
            actions={
                "open": Action(handler=open_review, role=Role.ADMIN),
                "changes": Action(handler=show_changes, role=Role.ADMIN, shows=True),
                "people": Action(handler=show_people, role=Role.ADMIN, shows=True),
                "decline": Action(handler=decline, role=Role.ADMIN),
                "reopen": Action(handler=reopen, role=Role.ADMIN),
            },
        )
    ]


@hookimpl
def licbot_card(review: Review, ports: Ports) -> Awaitable[Sequence[Part]]:
    """Give the head, the changes, the caution and the last act of the confirmation message."""
    return card_parts(review, ports)
