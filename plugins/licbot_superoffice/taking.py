"""Taking seats through SuperOffice's users.

One save for each user, with nothing else of them changed. A line in the ledger goes before it and
another one after it, so that a crash or a lost answer in between is settled by looking.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from licbot.domain.errors import LicbotError, SystemRefused
from licbot.domain.removals import Removal, Seat
from licbot.ports.texts import count
from licbot_superoffice.desk import Desk, waiting
from licbot_superoffice.ledger import SeatState
from licbot_superoffice.requests import open_requests
from licbot_superoffice.several import several
from licbot_superoffice.userfile import UserFile
from licbot_superoffice.users import NotSaved
from licbot_superoffice.words import said


async def take_seats(desk: Desk, removals: Sequence[Removal]) -> None:
    """Take the seats that the run has not dealt with yet.

    Raises SystemRefused with the name of whom SuperOffice does not take a seat from, and
    SystemUnavailable. Doing it again goes on where it ended.
    """
    planned: dict[str, list[Removal]] = {}
    for removal in removals:
        planned.setdefault(removal.user, []).append(removal)
    states = await desk.ledger.states(planned)
    work = []
    for user, mine in planned.items():
        left = [each for each in mine if _is_open(states, each)]
        if left:
            work.append(partial(_take_from, desk, user, left, states))
    await several(work)


def _is_open(states: Mapping[Seat, SeatState], removal: Removal) -> bool:
    state = states.get((removal.user, removal.module))
    return state is None or state is SeatState.INTENDED


async def _take_from(
    desk: Desk, user: str, removals: Sequence[Removal], states: Mapping[Seat, SeatState]
) -> None:
    file = await desk.read(user)
    held = file.held if file else frozenset()
    there = [each for each in removals if each.module in held]
    away = [each for each in removals if each.module not in held]
    gone = [each.module for each in away if (user, each.module) in states]
    async with desk.ledger.writing() as entry:
        await entry.note(there, SeatState.INTENDED)
        await entry.note(away, SeatState.ABSENT)
        # Meant to be taken before, and gone: the answer was lost, or licbot stopped meanwhile.
        await entry.settle(user, gone, SeatState.TAKEN)
    if file is None or not there:
        await desk.note_seats(user, file)
        return
    wanted = frozenset(each.module for each in there)
    after = await _saved(desk, user, file, wanted)
    async with desk.ledger.writing() as entry:
        await entry.settle(user, wanted - after.held, SeatState.TAKEN)
    await desk.note_seats(user, after)
    left = wanted & after.held
    if stays := left - waiting(after, left, desk.depends):
        raise SystemRefused(await _why_not(desk, user, after, stays, ""))


async def _saved(desk: Desk, user: str, file: UserFile, modules: frozenset[str]) -> UserFile:
    try:
        return await desk.assign(user, file, modules, assigned=False)
    except NotSaved as refused:
        words = await _why_not(desk, user, file, modules, refused.words)
        raise SystemRefused(words) from None


async def _why_not(
    desk: Desk, user: str, file: UserFile, modules: Collection[str], words: str
) -> str:
    """Who does not lose what, and why, with what can be done about it."""
    visible = [key for key in modules if key in file.links and not file.links[key].hidden]
    labels = " and ".join(sorted(desk.labels.get(key, key) for key in visible or modules))
    name = file.name or user
    requests = await _requests_of(desk, user)
    if requests:
        return (
            f"SuperOffice does not take {labels} from {name}, who owns "
            f"{count(requests, 'open request')} in Service. Have the requests closed or given to "
            "somebody else, then try again."
        )
    return (
        f"SuperOffice did not take {labels} from {name}. {said(words)} Take {name} off the list, "
        "or have that mended, then try again."
    )


async def _requests_of(desk: Desk, user: str) -> int:
    try:
        return (await open_requests(desk.api)).owned.get(user, 0)
    except LicbotError:
        # Only to say it better: what SuperOffice said has to do.
        return 0
