"""The licences in force, asked of SuperOffice no oftener than it takes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from licbot.ports.clock import Clock
from licbot_superoffice.agent import LicenseAgent
from licbot_superoffice.flight import Flight
from licbot_superoffice.licences import Standing

AGE = timedelta(seconds=10)
"""How long an answer may be used again: one click asks several times."""


class Standings:
    """What is in force and in use, of all owners.

    Whoever changes something calls ``forget``: what decides must be fresh.
    """

    def __init__(self, agent: LicenseAgent, clock: Clock) -> None:
        self._agent = agent
        self._clock = clock
        self._flight: Flight[Sequence[Standing]] = Flight()
        self._kept: tuple[Sequence[Standing], datetime] | None = None
        self._generation = 0

    async def recent(self) -> Sequence[Standing]:
        """What is in force, as asked for now or some seconds ago. Raises SystemUnavailable."""
        if self._kept and self._clock.now() - self._kept[1] < AGE:
            return self._kept[0]
        return await self._flight.join(str(self._generation), self._ask)

    async def fresh(self) -> Sequence[Standing]:
        """What is in force, as asked for now. Raises SystemUnavailable."""
        self.forget()
        return await self.recent()

    def forget(self) -> None:
        """Ask again the next time, also where an answer is on its way."""
        self._generation += 1
        self._kept = None

    async def _ask(self) -> Sequence[Standing]:
        generation = self._generation
        found = await self._agent.standings()
        if generation == self._generation:
            self._kept = (found, self._clock.now())
        return found
