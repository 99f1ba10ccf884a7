"""The step ``load``: hand over a licence file, and see what it would change."""

from collections.abc import Sequence

from licbot.domain.errors import OfferRefused, SystemRefused, SystemUnavailable
from licbot.domain.people import Role
from licbot.flows.load import Loaded, load_offer
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Errors, Replace, Reply, Request, Say, Show, Step
from licbot.ports.messenger import FilesForbidden, FileTooLarge, FileUnreadable, SentFile
from licbot.ports.ports import Ports
from licbot_load.view import FILE, SYSTEM, file_view, loaded_view
from licbot_load.words import (
    CHOOSE_A_SYSTEM,
    CHOOSE_ONE,
    EMPTY,
    OUT_OF_REACH,
    TOO_LARGE,
    gone_on,
    refusal,
    under,
)

MOST_BYTES = 1024 * 1024
"""The size of the largest licence file."""


async def open_form(request: Request, ports: Ports) -> Reply:
    """Ask for the file, where licbot may read files."""
    if not await ports.messenger.may_read_files():
        return Say(text=FilesForbidden().message)
    return Show(view=file_view(sorted(ports.systems)))


async def take_file(request: Request, ports: Ports) -> Reply:
    """Check the file that was handed over, and let it go the way of every offer."""
    files = request.files.get(FILE, ())
    system = _system(request, ports)
    if len(files) != 1:
        return _wrong(CHOOSE_ONE)
    if system is None:
        return Errors(by_block={SYSTEM: CHOOSE_A_SYSTEM})
    try:
        loaded = await _load(files[0], system, request.user, ports)
    except FileTooLarge:
        return _wrong(TOO_LARGE)
    except SystemUnavailable:
        return _wrong(OUT_OF_REACH)
    except (FileUnreadable, OfferRefused, SystemRefused) as error:
        return _wrong(error.message)
    return await _answer(loaded, files[0], ports)


def _system(request: Request, ports: Ports) -> str | None:
    """The only system, or the one that was chosen; ``None`` where it is no longer there."""
    names = list(ports.systems)
    chosen = names[0] if len(names) == 1 else request.values.get(SYSTEM, "")
    return chosen if chosen in ports.systems else None


async def _load(file: SentFile, system: str, user: str, ports: Ports) -> Loaded:
    if file.size is not None and file.size > MOST_BYTES:
        raise FileTooLarge
    raw = await ports.messenger.download(file, MOST_BYTES)
    if not raw:
        raise OfferRefused(EMPTY)
    offer = await ports.systems[system].read_offer(raw)
    return await load_offer(ports, system, offer, user)


async def _answer(loaded: Loaded, file: SentFile, ports: Ports) -> Reply:
    why_not = refusal(loaded)
    if why_not:
        return _wrong(why_not)
    return Replace(view=loaded_view(await gone_on(loaded, file.name, ports)))


def _wrong(words: str) -> Errors:
    return Errors(by_block={FILE: under(words)})


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    return [
        Step(
            name="load",
            summary="load a new licence from a file",
            command=Action(handler=open_form, role=Role.ADMIN, shows=True),
            aliases=("upload",),
            submissions={"file": Action(handler=take_file, role=Role.ADMIN)},
        )
    ]
