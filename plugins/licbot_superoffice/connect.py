"""The steps ``connect`` and ``disconnect``: sign in to SuperOffice, and out again."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement, ContextBlock, SectionBlock

from licbot.domain.people import Role
from licbot.ports.conversation import Action, Reply, Request, Say, Step
from licbot.ports.ports import Ports
from licbot.ports.texts import bold, clip, escape, moment, mrkdwn, plain
from licbot_superoffice.access import Access, SignIns
from licbot_superoffice.administrators import Administrators
from licbot_superoffice.grants import Grant


def accesses(ports: Ports) -> Sequence[Access]:
    """The ways into all systems of this kind."""
    found = [getattr(system, "administrators", None) for system in ports.systems.values()]
    return [each.access for each in found if isinstance(each, Administrators)]


def _is_asked_to_sign_in(ports: Ports) -> bool:
    return any(access.signed_in for access in accesses(ports))


async def connect(request: Request, ports: Ports) -> Reply:
    """Say as whom the person is signed in, or let them sign in."""
    blocks: list[Block] = []
    for access in accesses(ports):
        blocks += await _standing(access, request.user)
    if not blocks:
        return Say(text=NONE)
    return Say(text="Signing in to SuperOffice", blocks=blocks)


async def _standing(access: Access, member: str) -> Sequence[Block]:
    signed_in = access.signed_in
    if signed_in is None:
        return [SectionBlock(text=mrkdwn(f"{_name(access)}: {BY_EMAIL}"))]
    grant = await signed_in.grants.of(member)
    return [_signed_in(access, grant)] if grant else await _offer(access, signed_in, member)


def _signed_in(access: Access, grant: Grant) -> Block:
    email = f" ({escape(clip(grant.email, 100))})" if grant.email else ""
    words = (
        f"{_name(access)}: you are signed in as {bold(clip(grant.name, 100))}{email} since "
        f"{moment(grant.signed_in_at)}. {ADMINISTRATOR if grant.is_administrator else NO_LONGER}"
    )
    button = ButtonElement(
        text=plain("Sign out", 75),
        action_id=f"connect:leave:{access.system}",
        value=access.system,
    )
    return SectionBlock(text=mrkdwn(words), accessory=button)


async def _offer(access: Access, signed_in: SignIns, member: str) -> Sequence[Block]:
    button = ButtonElement(
        text=plain("Sign in to SuperOffice", 75),
        action_id=f"connect:go:{access.system}",
        url=await signed_in.sign_in.begin(member),
        style="primary",
    )
    words = f"{_name(access)}: you are not signed in. {WHY}"
    return [
        SectionBlock(text=mrkdwn(words), accessory=button),
        ContextBlock(elements=[mrkdwn(ONCE)]),
    ]


async def disconnect(request: Request, ports: Ports) -> Reply:
    """Forget the person's sign-in: in the system whose button was pressed, or in all."""
    lines: list[str] = []
    for access in accesses(ports):
        if request.value in ("", access.system) and access.signed_in:
            lines += await _leave(access, access.signed_in, request.user)
    return Say(text="\n".join(lines) or NOT_SIGNED_IN)


async def _leave(access: Access, signed_in: SignIns, member: str) -> Sequence[str]:
    if await signed_in.grants.of(member) is None:
        return []
    await signed_in.grants.forget(member)
    reached = await signed_in.is_reached()
    return [f"{_name(access)}: {FORGOTTEN}{'' if reached else f' {UNREACHED}'}"]


def _name(access: Access) -> str:
    return f"{bold(access.system)} · {escape(clip(access.customer, 100))}"


def steps() -> Sequence[Step]:
    """The steps."""
    leave = Action(handler=disconnect, role=Role.ANYONE)
    return [
        Step(
            name="connect",
            summary="sign in to SuperOffice, so that licbot can act in your name",
            command=Action(handler=connect, role=Role.ANYONE),
            aliases=("signin", "login"),
            actions={"leave": leave},
            is_offered=_is_asked_to_sign_in,
        ),
        Step(
            name="disconnect",
            summary="sign out of SuperOffice again",
            command=leave,
            aliases=("signout", "logout"),
            is_offered=_is_asked_to_sign_in,
        ),
    ]


NONE = "licbot looks after no SuperOffice system here, so there is nothing to sign in to."
BY_EMAIL = (
    "nobody has to sign in. licbot knows the administrators by their e-mail addresses, which have "
    "to be the same in Slack and in SuperOffice."
)
WHY = (
    "Administrators of SuperOffice sign in once, so that licbot knows that they are, and acts in "
    "their name where they change something."
)
ONCE = (
    "The button is for you alone: it works once, within 10 minutes, and only for the SuperOffice "
    "user with your e-mail address of Slack."
)
ADMINISTRATOR = "What you change by licbot is done in your name."
NO_LONGER = (
    ":warning: You are no longer an administrator there, so nothing is done in your name. If that "
    "changed, sign out and in again. If you are one all the same, the people who run licbot check "
    "`administrator_right` in its settings: it may be another one in this tenant."
)
FORGOTTEN = (
    "you are signed out, and licbot deleted what let it act in your name. An administrator can "
    "also withdraw the app's consent in SuperOffice."
)
UNREACHED = (
    "licbot can't reach SuperOffice any more until an administrator types `/license connect`."
)
NOT_SIGNED_IN = "You were not signed in to SuperOffice."
