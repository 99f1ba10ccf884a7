"""Records that the tests of the store write and read."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.events import Event
from licbot.domain.licenses import Customer, LicenseDates, LicenseSet, Offer, Owner
from licbot.ports.store import Job

NOW = datetime(2026, 11, 24, 9, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)

HOSTILE = [
    "Robert'); DROP TABLE activation;--",
    'quote " backslash \\ percent % %s %(a)s :a ? $1 {x}',
    "Ærøskøbing 日本語 עברית 👩🏽‍💻 e\u0301",
    "line\nbreak\ttab\r",
    "<@U1> *bold* & </script>",
    "",
]
"""Strings that break a statement which is put together by hand."""

REVIEW = Activation(
    id="a1",
    system="crm",
    owner="superoffice",
    offer_digest="d1",
    sequence=7,
    state=ActivationState.REVIEW,
    found_at=NOW,
    acted_at=NOW,
)

OFFER = Offer(
    raw=bytes(range(256)),
    digest="d1",
    license=LicenseSet(
        owner=Owner(name="SUPEROFFICE"),
        customer=Customer(company="Example", serial="1234567890"),
        dates=LicenseDates(),
        modules=(),
    ),
    sequence=7,
    issued=NOW,
)


def activation(**changes: Any) -> Activation:
    """An activation in review, with these fields different."""
    return replace(REVIEW, **changes)


@dataclass
class Outside:
    """What a store tells the outside: the jobs it hands over, and the events it tells of."""

    jobs: list[Job] = field(default_factory=list)
    told: list[tuple[str, Event]] = field(default_factory=list)

    async def enqueue(self, connection: AsyncConnection, job: Job) -> None:
        """Take a job, in the transaction of the connection."""
        assert connection.in_transaction()
        self.jobs.append(job)

    async def on_commit(self, events: Sequence[tuple[str, Event]]) -> None:
        """Be told of events."""
        self.told.extend(events)
