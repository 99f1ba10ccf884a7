"""The processes that work on one database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Replicas(Protocol):
    """Keeps who is alive, and forgets what is old."""

    async def beat(self, executor_id: str, at: datetime) -> None:
        """Say that a process is alive."""
        ...

    async def dead_replicas(self, before: datetime) -> Sequence[str]:
        """The processes that were last heard of before a moment."""
        ...

    async def forget_replica(self, executor_id: str) -> None:
        """Forget a process."""
        ...

    async def forget_before(self, at: datetime) -> int:
        """Forget the requests seen before a moment; returns how many."""
        ...
