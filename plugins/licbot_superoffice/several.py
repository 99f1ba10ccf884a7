"""Several pieces of work at a time, where one failure is enough to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from licbot.domain.errors import LicbotError, SystemRefused

AT_ONCE = 4
"""How many requests a tenant gets at the same time."""


async def several(work: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Do the work, a few pieces at a time; after a failure nothing more is begun.

    What was begun is brought to its end. Raises a refusal, or another failure where there is
    none.
    """
    waiting = iter(work)
    failures: list[LicbotError] = []

    async def go_on() -> None:
        for each in waiting:
            if failures:
                return
            try:
                await each()
            except LicbotError as failure:
                failures.append(failure)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(go_on())
    for failure in sorted(failures, key=lambda each: not isinstance(each, SystemRefused)):
        raise failure
