"""The step ``help``: what licbot can do."""

from collections.abc import Sequence

from licbot.domain.people import Role
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Reply, Request, Say, Step
from licbot.ports.ports import Ports


async def show_help(request: Request, ports: Ports) -> Reply:
    """All words with a line on each."""
    summaries = ports.advice.summaries(ports)
    lines = [f"• `/license {name}` – {summary}" for name, summary in summaries]
    return Say(text="\n".join(["*What licbot can do*", *lines]))


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    return [
        Step(
            name="help",
            summary="this list",
            command=Action(handler=show_help, role=Role.ANYONE),
            aliases=("?",),
        )
    ]
