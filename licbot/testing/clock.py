"""A clock that stands still."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""What a new clock says, unless it is told otherwise."""


class FakeClock:
    """A clock that moves only when it is told to; see ``licbot.ports.clock.Clock``."""

    def __init__(self, at: datetime = START) -> None:
        """Stand at a moment, aware."""
        self._at = _utc(at)

    def now(self) -> datetime:
        """The moment it was set to, in UTC."""
        return self._at

    def set(self, at: datetime) -> None:
        """Go to a moment, aware; back in time too. Raises ValueError without a time zone."""
        self._at = _utc(at)

    def advance(self, by: timedelta) -> datetime:
        """Go on by a length of time; returns the new moment."""
        self._at += by
        return self._at


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)
