"""Taking seats through SuperOffice's users.

One save for each user, with nothing else of them changed: a plan that they get instead comes with
the one that goes. A line in the ledger goes before it and
another one after it, so that a crash or a lost answer in between is settled by looking.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
    """Take the seats that the run has not dealt with yet, and give what is given instead.

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
    swap = _Swap(taken=_modules(there), given=_gifts(there) - held)
    async with desk.ledger.writing() as entry:
        await entry.note(there, SeatState.INTENDED)
        await entry.note(away, SeatState.ABSENT)
        await entry.note(_lines(user, swap.given), SeatState.GIVING)
        # Meant to be taken before, and gone: the answer was lost, or licbot stopped meanwhile.
        gone = [each for each in away if (user, each.module) in states]
        await entry.settle(user, _modules(gone), SeatState.TAKEN)
        await entry.settle(user, _gifts(gone) & held, SeatState.GIVEN)
        await entry.settle(user, _gifts(gone) - held, SeatState.ABSENT)
    if file is None or not there:
        await desk.note_seats(user, file)
        return
    await _make(desk, user, file, swap)


def _modules(removals: Sequence[Removal]) -> frozenset[str]:
    return frozenset(each.module for each in removals)


def _gifts(removals: Sequence[Removal]) -> frozenset[str]:
    return frozenset(key for each in removals for key in each.gives)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Swap:
    """What a user loses and gets in one save, by module key."""

    taken: frozenset[str]
    given: frozenset[str]


def _lines(user: str, modules: Collection[str]) -> list[Removal]:
    return [Removal(user=user, module=module, picked=False) for module in sorted(modules)]


async def _make(desk: Desk, user: str, file: UserFile, swap: _Swap) -> None:
    """Save a user, and write down what came of it. Raises SystemRefused where that is too little.

    Whoever goes on from there gives back what is written down.
    """
    after = await _saved(desk, user, file, swap)
    async with desk.ledger.writing() as entry:
        await entry.settle(user, swap.taken - after.held, SeatState.TAKEN)
        await entry.settle(user, swap.given & after.held, SeatState.GIVEN)
    await desk.note_seats(user, after)
    left = swap.taken & after.held
    stays = left - waiting(after, left, desk.depends)
    if stays or swap.given - after.held:
        missing = _Swap(taken=stays or swap.taken, given=swap.given - after.held)
        raise SystemRefused(await _why_not(desk, user, after, missing, ""))


async def _saved(desk: Desk, user: str, file: UserFile, swap: _Swap) -> UserFile:
    wanted = {**dict.fromkeys(swap.taken, False), **dict.fromkeys(swap.given, True)}
    try:
        return await desk.change(user, file, wanted)
    except NotSaved as refused:
        words = await _why_not(desk, user, file, swap, refused.words)
        raise SystemRefused(words) from None


def _labels(desk: Desk, file: UserFile, modules: Collection[str]) -> str:
    visible = [key for key in modules if key in file.links and not file.links[key].hidden]
    return " and ".join(sorted(desk.labels.get(key, key) for key in visible or modules))


async def _why_not(desk: Desk, user: str, file: UserFile, swap: _Swap, words: str) -> str:
    """Who does not lose what, or does not get what, and why, with what can be done about it."""
    labels = _labels(desk, file, swap.taken)
    name = file.name or user
    requests = await _requests_of(desk, user)
    if requests:
        return (
            f"SuperOffice does not take {labels} from {name}, who owns "
            f"{count(requests, 'open request')} in Service. Have the requests closed or given to "
            "somebody else, then try again."
        )
    if swap.given:
        return (
            f"SuperOffice did not give {name} {_labels(desk, file, swap.given)} instead of "
            f"{labels}. {said(words)} Let {name} keep what they have or lose it, or have that "
            "mended, then try again."
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
