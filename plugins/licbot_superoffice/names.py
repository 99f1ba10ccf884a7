"""What licences are called in the languages of their readers, as far as SuperOffice has them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from licbot.ports.clock import Clock
from licbot_superoffice.agent import LicenseAgent
from licbot_superoffice.flight import Flight

AGE = timedelta(days=1)
"""How long names are remembered."""

MOST = 20
"""Languages remembered at once."""

_LANGUAGE = re.compile(r"[a-z]{2}")

_CODES = {"nb": "no", "nn": "no"}
"""Where SuperOffice's documentation uses another code."""

Names = Mapping[str, str]


class NamesByLanguage:
    """Names of module licences by their keys, asked for once a day in each language."""

    def __init__(self, agent: LicenseAgent, clock: Clock) -> None:
        self._agent = agent
        self._clock = clock
        self._kept: dict[str, tuple[Names, datetime]] = {}
        self._flight: Flight[Names] = Flight()

    async def names(self, language: str) -> Names:
        """The names in a language of two letters. Raises SystemUnavailable."""
        if not _LANGUAGE.fullmatch(language):
            return {}
        kept = self._kept.get(language)
        if kept and self._clock.now() - kept[1] < AGE:
            return kept[0]
        return await self._flight.join(language, lambda: self._ask(language))

    def forget(self) -> None:
        """Ask again: other licences are in force."""
        self._kept.clear()

    async def _ask(self, language: str) -> Names:
        found = {
            module.key: module.description
            for standing in await self._agent.standings(_CODES.get(language, language))
            for each in (standing.offered, standing.current)
            if each
            for module in each.modules
            if module.description
        }
        self._kept.pop(language, None)
        while len(self._kept) >= MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[language] = (found, self._clock.now())
        return found
