"""How many calls a minute each method takes."""

from __future__ import annotations

import math
from collections import defaultdict, deque

from licbot.sandbox import limits
from licbot.sandbox.records import Json

_MINUTE = 60.0


class Rates:
    """Remembers the calls of the last minute."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, method: str, arguments: Json, now: float) -> int | None:
        """Count a call; seconds to wait instead when it is one too many, else None.

        :param now: seconds since the epoch
        """
        if method == "chat.postMessage":
            key = f"{method} {arguments.get('channel')}"
            return self._take(key, limits.POSTS_PER_SECOND_AND_CHANNEL, 1.0, now)
        if method not in limits.METHOD_TIER:
            return None
        allowed = limits.TIER_PER_MINUTE[limits.METHOD_TIER[method]]
        return self._take(method, allowed, _MINUTE, now)

    def _take(self, key: str, allowed: int, window: float, now: float) -> int | None:
        calls = self._calls[key]
        while calls and calls[0] <= now - window:
            calls.popleft()
        if len(calls) >= allowed:
            return max(1, math.ceil(calls[0] + window - now))
        calls.append(now)
        return None
