"""Making sure that people have taken the seats, where SuperOffice does not let licbot do it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from licbot.domain.errors import SystemRefused
from licbot.domain.licenses import LicenseSet
from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.hookspecs import SystemContext
from licbot.ports.texts import count
from licbot_superoffice.ledger import Ledger, SeatState
from licbot_superoffice.listing import Listing
from licbot_superoffice.stored import list_state
from licbot_superoffice.tables import roster

FRESH = timedelta(minutes=1)
"""How old the list may be by which is decided that nobody holds a seat any longer."""

_NAMED = 5


class ByHand:
    """The seats of a tenant in which people take them."""

    def __init__(self, context: SystemContext, listing: Listing) -> None:
        self._context = context
        self._listing = listing

    async def make_sure(
        self, removals: Sequence[Removal], run: str, sets: Sequence[LicenseSet]
    ) -> None:
        """See that nobody holds one of these seats any longer, and write that down.

        Raises SystemRefused with the names of those who do, and SystemUnavailable.
        """
        context = self._context
        await self._be_fresh()
        users = sorted({each.user for each in removals})
        async with context.database.read() as connection:
            held = await roster.held(connection, context.name, users)
            people = await roster.people(connection, context.name, users)
        still = [each for each in removals if each.module in held.get(each.user, frozenset())]
        if still:
            raise SystemRefused(_still_held(still, people, sets))
        async with Ledger(context=context, run=run).writing() as entry:
            await entry.note(removals, SeatState.ABSENT)

    async def _be_fresh(self) -> None:
        context = self._context
        async with context.database.read() as connection:
            state = await list_state(connection, context.name)
        if state is None or context.clock.now() - state.as_of > FRESH:
            await self._listing.refresh()


def _still_held(
    removals: Sequence[Removal], people: Mapping[str, Holder], sets: Sequence[LicenseSet]
) -> str:
    labels = {key: m.label for each in sets for key, m in each.by_key().items() if not m.hidden}
    losing: dict[str, list[str]] = {}
    for each in sorted(removals):
        losing.setdefault(each.user, []).append(labels.get(each.module, ""))
    named = [
        f"{people[user].name if user in people else user} ({_labels(modules)})"
        for user, modules in list(losing.items())[:_NAMED]
    ]
    left = len(losing) - len(named)
    more = f" and {count(left, 'more person', 'more people')}" if left else ""
    return (
        f"In SuperOffice, these still have what they are to lose: {', '.join(named)}{more}. "
        "Take it from them there, or take them off the list, then try again."
    )


def _labels(modules: Sequence[str]) -> str:
    return ", ".join(sorted({module for module in modules if module})) or "a hidden licence"
