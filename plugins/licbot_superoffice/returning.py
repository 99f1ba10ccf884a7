"""Giving back the seats that a run took, as far as SuperOffice has room for them."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from licbot.domain.errors import SystemRefused, SystemUnavailable
from licbot.domain.removals import Removal, by_user
from licbot.domain.returns import fitting
from licbot_superoffice.desk import Desk
from licbot_superoffice.ledger import SeatState
from licbot_superoffice.several import several
from licbot_superoffice.userfile import UserFile
from licbot_superoffice.users import NotSaved
from licbot_superoffice.wire import SignInLost

_FULL = sys.maxsize
_TRIES = 2


async def give_back_seats(desk: Desk) -> Sequence[Removal]:
    """Give back what the run took; returns what could not be, the first time and later.

    Raises SystemUnavailable, also where SuperOffice does not let licbot do it now: what was taken
    must come back.
    """
    taken = await desk.ledger.removals(SeatState.TAKEN, SeatState.INTENDED)
    wanted = by_user((each.user, each.module) for each in taken)
    await several(
        partial(_give_back_to, desk, user, modules) for user, modules in sorted(wanted.items())
    )
    return await desk.ledger.removals(SeatState.LOST)


async def _give_back_to(desk: Desk, user: str, modules: frozenset[str]) -> None:
    file = await _insisted(desk, user, modules)
    back = modules & file.held if file else frozenset()
    async with desk.ledger.writing() as entry:
        await entry.settle(user, back, SeatState.GIVEN_BACK)
        await entry.settle(user, modules - back, SeatState.LOST)
    await desk.note_seats(user, file)


async def _insisted(desk: Desk, user: str, modules: frozenset[str]) -> UserFile | None:
    """As given, also where the sign-in of whoever began it has come to its end."""
    try:
        return await _given(desk, user, modules)
    except SystemRefused as refused:
        if isinstance(refused, SignInLost) and desk.actor:
            return await _insisted(replace(desk, actor=""), user, modules)
        raise SystemUnavailable(refused.message) from None


async def _given(desk: Desk, user: str, modules: frozenset[str]) -> UserFile | None:
    """What the user is like with as many of the seats as there is room for."""
    for _ in range(_TRIES):
        file = await desk.read(user)
        if file is None or file.gone:
            return None
        try:
            return await desk.assign(user, file, _room_for(desk, file, modules), assigned=True)
        except NotSaved:
            # Somebody else may have had the last free one: look again.
            continue
    return await desk.read(user)


def _room_for(desk: Desk, file: UserFile, modules: frozenset[str]) -> frozenset[str]:
    """Those of the seats that SuperOffice has room for, with all that they depend on."""
    roomy = {key for key, link in file.links.items() if link.has_room}
    in_use = {key: 0 if key in roomy else _FULL for key in modules}
    return fitting({"": modules}, {"": file.held}, in_use, desk.sets)[""]
