"""The step ``licences``: what your licences are, and until when they hold."""

from collections.abc import Sequence

from licbot.domain.people import Role
from licbot.flows.status import licence_status
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Replace, Reply, Request, Say, Show, Step
from licbot.ports.ports import Ports
from licbot_licences.views import licences_view

NOTHING = (
    "No licence is installed yet. The people who run licbot put the first one in force with "
    "`licbot local import`."
)


async def show_licences(request: Request, ports: Ports) -> Reply:
    """The licences of the first license owner, in a modal."""
    rows = await licence_status(ports, request.language)
    return Show(view=licences_view(rows, ports.clock.now())) if rows else Say(text=NOTHING)


async def turn(request: Request, ports: Ports) -> Reply:
    """Another license owner, or another page."""
    rows = await licence_status(ports, request.language)
    if not rows:
        return Say(text=NOTHING, instead=True)
    ref, _, page = request.value.partition(":")
    return Replace(view=licences_view(rows, ports.clock.now(), ref, page))


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    act = Action(handler=turn, role=Role.ADMIN)
    return [
        Step(
            name="licences",
            summary="what your licences are and contain, and until when they hold",
            command=Action(handler=show_licences, role=Role.ADMIN, shows=True),
            aliases=("licenses", "dates"),
            actions={"owner": act, "page": act},
        )
    ]
