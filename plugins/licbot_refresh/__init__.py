"""The step ``refresh``: ask the issuer for a new licence now."""

from collections.abc import Sequence

from licbot.domain.people import Role
from licbot.flows.card import where
from licbot.flows.find import Finding, find_offers
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Reply, Request, Say, Step
from licbot.ports.ports import Ports
from licbot.ports.system import RefusedOffer
from licbot.ports.texts import clip, escape

UP_TO_DATE = "No new licence: your licence is up to date."
NOTHING = (
    "No licence is installed yet, and no new one was found. The people who run licbot put the "
    "first one in force."
)
SHOWN = 10
"""Refused licences that are listed; more are counted."""


async def refresh(request: Request, ports: Ports) -> Reply:
    """Ask every issuer, and say what came of it."""
    lines = []
    for name in ports.systems:
        finding = await find_offers(ports, name)
        lines += [*await _waiting(finding, ports), *_refused(finding.refused)]
        if not (finding.found or finding.waiting or finding.refused):
            installed = await ports.systems[name].installed()
            lines.append(UP_TO_DATE if installed else NOTHING)
    return Say(text=clip("\n\n".join(lines), 3900))


async def _waiting(finding: Finding, ports: Ports) -> list[str]:
    channel = ports.policy.channel
    found = f"*A new licence was found.* Its message is about to appear in <#{channel}>."
    return [
        *(found for _ in finding.found),
        *[await where(ports, activation_id) for activation_id in finding.waiting],
    ]


def _refused(refused: Sequence[RefusedOffer]) -> list[str]:
    lines = [_line(each) for each in refused[:SHOWN]]
    if len(refused) > SHOWN:
        lines.append(f"… and {len(refused) - SHOWN} more that cannot be used.")
    return lines


def _line(refused: RefusedOffer) -> str:
    source, reason = escape(clip(refused.source, 80)), escape(refused.reason)
    if refused.message:
        return f":information_source: *{source}*: {reason}"
    return f":warning: *{source}* cannot be used: {reason}"


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    act = Action(handler=refresh, role=Role.ADMIN)
    return [
        Step(
            name="refresh",
            summary="ask for a new licence now",
            command=act,
            aliases=("check", "fetch"),
            actions={"now": act},
        )
    ]
