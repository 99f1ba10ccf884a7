"""The page where people come back to after they signed in to SuperOffice."""

from collections.abc import Mapping, Sequence

import structlog

from licbot.domain.errors import LicbotError
from licbot.hookspecs import Page, Shown
from licbot.ports.ports import Ports
from licbot_superoffice.complaints import CALLBACK
from licbot_superoffice.connect import accesses
from licbot_superoffice.grants import Grant
from licbot_superoffice.signin import Begun, SignIn

log = structlog.get_logger(__name__)


async def come_back(query: Mapping[str, str], ports: Ports) -> Shown:
    """Finish the sign-in that this browser comes back from, and say what came of it."""
    try:
        return await _finished(query, ports)
    except LicbotError as error:
        # The page shows plain text, where Slack shows code.
        return Shown(title=FAILED, text=[error.message.replace("`", "")], ok=False)


async def _finished(query: Mapping[str, str], ports: Ports) -> Shown:
    for access in accesses(ports):
        if access.signed_in is None:
            continue
        begun = await access.signed_in.sign_in.claim(query.get("state", ""))
        if begun is not None:
            return await _finish(access.signed_in.sign_in, begun, query, ports)
    return Shown(title=FAILED, text=[UNKNOWN], ok=False)


async def _finish(sign_in: SignIn, begun: Begun, query: Mapping[str, str], ports: Ports) -> Shown:
    code = query.get("code", "")
    if not code:
        # What stands in the address was written by whoever made it, so it is not repeated.
        denied = query.get("error") == "access_denied"
        log.warning("a sign-in came back without a code", member=begun.member, denied=denied)
        return Shown(title=FAILED, text=[DENIED if denied else NO_CODE], ok=False)
    person = await ports.messenger.person(begun.member)
    return _told(await sign_in.finish(begun, code, person))


def _told(grant: Grant) -> Shown:
    who = f"{grant.name} ({grant.email})" if grant.email else grant.name
    if not grant.is_administrator:
        words = f"SuperOffice knows you as {who}. {NO_ADMINISTRATOR}"
        return Shown(title="You are not an administrator", text=[words], ok=False)
    words = f"SuperOffice knows you as {who}, and as an administrator."
    return Shown(title="You are signed in", text=[words, BACK])


def pages() -> Sequence[Page]:
    """The page."""
    return [Page(path=CALLBACK, answer=come_back)]


FAILED = "This did not sign you in"
BACK = (
    "Close this page and go back to Slack. /license connect says there as whom you are signed "
    "in, /license disconnect signs you out."
)
UNKNOWN = (
    "This sign-in is not known to licbot, was used before, or began more than 10 minutes ago. Type "
    "/license connect in Slack to begin a new one."
)
DENIED = (
    "SuperOffice did not let licbot's app in: somebody declined, or no administrator of the "
    "tenant has given the app consent yet. An administrator types /license connect in Slack and "
    "approves the app."
)
NO_CODE = (
    "SuperOffice came back without a sign-in. Type /license connect in Slack to begin a new one."
)
NO_ADMINISTRATOR = (
    "licbot acts in the name of administrators only, so nothing of your sign-in was kept. If you "
    "should be one, have a General Administrator change your role, then sign in again."
)
