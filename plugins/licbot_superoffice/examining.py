"""What an operator should know of a tenant: how it is reached, and what it lets licbot do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from licbot.domain.errors import LicbotError
from licbot.domain.licenses import LicenseSet
from licbot.hookspecs import SystemContext
from licbot.ports.system import Examination
from licbot.ports.texts import count, point
from licbot_superoffice.probe import Probe
from licbot_superoffice.settings import Config
from licbot_superoffice.standings import Standings
from licbot_superoffice.stored import ListState, list_state, refusal
from licbot_superoffice.suite import is_suite
from licbot_superoffice.wire import Api
from licbot_superoffice.words import one_line

_ASSUMED = (
    "Assumed, since it is not documented: dates are days, and the year 1 means never; a plan "
    "brings and takes its hidden licences; last sign-ins are unknown."
)


_OLD = timedelta(days=1)
"""A list that was not read for so long is a problem: there are several polls a day."""


@dataclass(kw_only=True, slots=True)
class _Findings:
    facts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Examiner:
    """Looks at a tenant for the people who run licbot."""

    def __init__(
        self,
        context: SystemContext,
        config: Config,
        api: Api,
        standings: Standings,
        probe: Probe,
    ) -> None:
        self._context = context
        self._config = config
        self._api = api
        self._standings = standings
        self._probe = probe

    async def examine(self) -> Examination:
        """Look now. What fails is a problem, and nothing is raised."""
        found = _Findings()
        try:
            found.facts += await self._api.about()
            sets = [each.in_force for each in await self._standings.fresh() if each.in_force]
            found.facts += [_license_words(each) for each in sets]
            if not sets:
                found.problems.append(
                    "No licence is in force. Ask SuperOffice whether this is the right tenant."
                )
            found.facts.append(await self._removal_words(sets))
        except LicbotError as error:
            found.problems.append(error.message)
        await self._look_at_list(found)
        found.facts.append(_ASSUMED)
        return Examination(facts=tuple(found.facts), problems=tuple(found.problems))

    async def _removal_words(self, sets: Sequence[LicenseSet]) -> str:
        if is_suite(sets, self._config.seats):
            return (
                "Seats: CRM Suite; users who can log in. People take them by hand, since no "
                "documented field switches “Can log in” off."
            )
        ability = await self._probe.look()
        words = "licbot takes them" if ability.can else "people take them by hand"
        return f"Seats: user plans and licences; {words}. {ability.why}"

    async def _look_at_list(self, found: _Findings) -> None:
        async with self._context.database.read() as connection:
            state = await list_state(connection, self._context.name)
            refused = await refusal(connection, self._context.name)
        found.problems += [refused] if refused else []
        if state is None and refused:
            return
        if state is None:
            found.facts.append("List of users: not read yet; licbot reads it with its first poll.")
            return
        found.facts.append(f"List of users: {count(state.users, 'user')}, {point(state.as_of)}.")
        found.facts += [f"Missing from the list: {gap}" for gap in state.gaps]
        found.problems += self._list_problems(state)

    def _list_problems(self, state: ListState) -> Sequence[str]:
        if self._context.clock.now() - state.as_of <= _OLD:
            return state.problems
        return [
            *state.problems,
            f"The list of users was last read {point(state.as_of)}. See in licbot's log why it "
            "was not read since.",
        ]


def _license_words(license_set: LicenseSet) -> str:
    customer = license_set.customer
    return one_line(
        f"Licence of {license_set.owner.label}: {customer.company}, serial number "
        f"{customer.serial}{' (a demo version)' if customer.is_demo else ''}"
    )
