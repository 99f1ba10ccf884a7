"""The step ``history``: every new licence so far, and what became of it."""

from collections.abc import Sequence

from licbot.domain.people import Role
from licbot.flows.history import read_history, read_story
from licbot.flows.losses import read_losses
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Replace, Reply, Request, Say, Show, Step
from licbot.ports.losses import losses_view
from licbot.ports.ports import Ports
from licbot_history.views import ENTRIES, history_view, story_view

NOTHING = (
    "There is no history yet: no new licence has come since licbot is here. "
    "`/license refresh` asks for one now."
)


async def show_history(request: Request, ports: Ports) -> Reply:
    """The latest activations, in a modal."""
    history = await read_history(ports, 0, ENTRIES)
    return Show(view=history_view(history)) if history.total else Say(text=NOTHING)


async def turn_page(request: Request, ports: Ports) -> Reply:
    """Another page of the activations."""
    page = int(request.value) if request.value.isdecimal() else 0
    return Replace(view=history_view(await read_history(ports, page, ENTRIES)))


async def show_story(request: Request, ports: Ports) -> Reply:
    """The story of one activation, on top of the list."""
    return Show(view=story_view(await read_story(ports, request.value)))


async def turn_events(request: Request, ports: Ports) -> Reply:
    """Another page of what happened to one activation."""
    activation_id, _, page = request.value.partition(":")
    return Replace(view=story_view(await read_story(ports, activation_id), page))


async def show_people(request: Request, ports: Ports) -> Reply:
    """Who lost what by one activation."""
    return Show(view=losses_view(await read_losses(ports, request.value, request.language)))


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    actions = {
        "page": turn_page,
        "story": show_story,
        "events": turn_events,
        "people": show_people,
    }
    return [
        Step(
            name="history",
            summary="every new licence so far: what it changed, who acted and when",
            command=Action(handler=show_history, role=Role.ADMIN, shows=True),
            actions={
                verb: Action(handler=handler, role=Role.ADMIN, shows=verb in ("story", "people"))
                for verb, handler in actions.items()
            },
        )
    ]
