"""Giving back the seats that a run took, as far as SuperOffice has room for them."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from licbot.domain.errors import SystemRefused, SystemUnavailable
from licbot.domain.removals import Removal, by_user
from licbot.domain.returns import returns
from licbot_superoffice.desk import Desk
from licbot_superoffice.ledger import SeatState
from licbot_superoffice.several import several
from licbot_superoffice.userfile import UserFile
from licbot_superoffice.users import NotSaved
from licbot_superoffice.wire import SignInLost

_FULL = sys.maxsize
_TRIES = 2
_NOTHING: frozenset[str] = frozenset()


async def give_back_seats(desk: Desk) -> Sequence[Removal]:
    """Give back what the run took; returns what could not be, the first time and later.

    What it gave instead is taken away in the same save, but from those who would have no plan then.
    Raises SystemUnavailable, also where SuperOffice does not let licbot do it now: what was taken
    must come back.
    """
    taken = await desk.ledger.removals(SeatState.TAKEN, SeatState.INTENDED)
    given = await desk.ledger.removals(SeatState.GIVEN, SeatState.GIVING)
    wanted = by_user((each.user, each.module) for each in taken)
    gifts = by_user((each.user, each.module) for each in given)
    await several(
        partial(_give_back_to, desk, user, _Debt(wanted=modules, given=gifts.get(user, _NOTHING)))
        for user, modules in sorted(wanted.items())
    )
    return await desk.ledger.removals(SeatState.LOST)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Debt:
    """What a user is to have again, and what they got in its place, by module key."""

    wanted: frozenset[str]
    given: frozenset[str]


async def _give_back_to(desk: Desk, user: str, debt: _Debt) -> None:
    file = await _insisted(desk, user, debt)
    held = file.held if file else _NOTHING
    async with desk.ledger.writing() as entry:
        await entry.settle(user, debt.wanted & held, SeatState.GIVEN_BACK)
        await entry.settle(user, debt.wanted - held, SeatState.LOST)
        await entry.settle(user, debt.given & held, SeatState.KEPT)
        await entry.settle(user, debt.given - held, SeatState.WITHDRAWN)
    await desk.note_seats(user, file)


async def _insisted(desk: Desk, user: str, debt: _Debt) -> UserFile | None:
    """As given, also where the sign-in of whoever began it has come to its end."""
    try:
        return await _given(desk, user, debt)
    except SystemRefused as refused:
        if isinstance(refused, SignInLost) and desk.actor:
            return await _insisted(replace(desk, actor=""), user, debt)
        raise SystemUnavailable(refused.message) from None


async def _given(desk: Desk, user: str, debt: _Debt) -> UserFile | None:
    """What the user is like with as many of the seats as there is room for."""
    for _ in range(_TRIES):
        file = await desk.read(user)
        if file is None or file.gone:
            return None
        try:
            return await desk.change(user, file, _possible(desk, file, debt))
        except NotSaved:
            # Somebody else may have had the last free one: look again.
            continue
    return await desk.read(user)


def _possible(desk: Desk, file: UserFile, debt: _Debt) -> Mapping[str, bool]:
    """The seats that SuperOffice has room for, with all that they depend on, and what goes."""
    roomy = {key for key, link in file.links.items() if link.has_room}
    in_use = {key: 0 if key in roomy else _FULL for key in debt.wanted}
    found = returns({"": debt.wanted}, {"": debt.given}, {"": file.held}, in_use, desk.sets)
    goes = found.withdrawn.get("", _NOTHING)
    return {**dict.fromkeys(goes, False), **dict.fromkeys(found.given[""], True)}
