"""Nothing secret is written down, however much is logged, in a story with everything in it."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from licbot.testing.superoffice import Cut, Exchange, Status
from tests.scenarios.tenants import ANNA, CALLBACK, CLIENT_SECRET, PEM, Place, online, onsite
from tests.scenarios.test_superoffice import (
    she_activates,
    she_picks,
    she_signs_in,
    she_takes_them_by_hand,
)

KEY_LINE = PEM.splitlines()[3]
# What is encrypted (gAAAA…) may be seen: a driver that logs statements shows it.
TOKENS = re.compile(r"7T:|8A:|eyJ[\w-]{10,}\.|Bearer |SOTicket |code_verifier=|[?&]code=")


BROWSER = "HTTP Request: GET http://127.0.0.1:"
"""What stands in for the person's browser tells of the addresses it opens; that is not licbot."""


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> "Written":
    """Everything is logged: licbot's own lines and those of all libraries."""
    caplog.set_level(logging.DEBUG)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        processors=[
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(repr_native_str=False),
        ],
    )
    return Written(capsys, caplog)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Log as usual afterwards."""
    yield
    structlog.reset_defaults()


class Written:
    """What was written down."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        self._capsys = capsys
        self._caplog = caplog

    def text(self) -> str:
        """All of it."""
        shown = self._capsys.readouterr()
        text = "\n".join([shown.out, shown.err, self._caplog.text])
        own = (line for line in text.splitlines() if not (BROWSER in line and CALLBACK in line))
        return "\n".join(own)


class Signatures:
    """The signatures of licences, as the tenant hands them out."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, exchange: Exchange) -> None:
        if "/License/" in exchange.served.path:
            found = re.findall(rb'"Signature"\s*:\s*("(?:[^"\\]|\\.)+")', exchange.answer)
            self.seen |= {json.loads(each) for each in found}


def require_nothing_of(written: str, secrets: set[str]) -> None:
    """No secret, nor anything that looks like a token."""
    assert "a sign-in" in written or "seat" in written or "superoffice" in written, "it was logged"
    assert [secret for secret in secrets if secret in written] == []
    found = TOKENS.search(written)
    assert found is None, written[max(0, found.start() - 200) : found.end() + 40]


async def it_goes_wrong_too(place: Place) -> None:
    """Errors are where secrets like to show."""
    place.tenant.fail("GetLicenseForAllOwnersFromDB", Status(500), times=3)
    await place.here.answer(place.anna, "/license refresh")
    place.tenant.expire_tokens()
    place.tenant.fail("oauth/tokens", Cut())
    place.here.clock.advance(hours=1)
    await place.here.answer(place.anna, "/license")


async def test_online(tmp_path: Path, written: Written) -> None:
    """Sign-ins, tickets, refreshes, failures, an activation, and a sign-in that is revoked."""
    signatures = Signatures()
    async with online(tmp_path) as place:
        place.tenant.observers.append(signatures)
        await she_signs_in(place)
        await place.here.card_says(place.anna, "Still to remove: ")
        await she_picks(place)
        await she_takes_them_by_hand(place)
        await it_goes_wrong_too(place)
        await she_activates(place)
        place.tenant.revoke(ANNA)
        place.here.clock.advance(hours=1)
        await place.here.answer(place.anna, "/license")
        secrets = {CLIENT_SECRET, place.tenant.system_token, KEY_LINE, *signatures.seen}
    assert len(signatures.seen) > 1
    require_nothing_of(written.text(), secrets)


async def test_onsite(tmp_path: Path, written: Written) -> None:
    """A password, and seats that are taken."""
    signatures = Signatures()
    async with onsite(tmp_path) as place:
        place.tenant.observers.append(signatures)
        await place.here.card_says(place.anna, "Still to remove: ")
        await she_picks(place)
        place.tenant.fail("/User/", Cut(after_work=True))
        place.tenant.fail("ActivateLicenseInfo", Cut(after_work=True))
        await she_activates(place)
        secrets = {place.tenant.users[ANNA].password, *signatures.seen}
    assert len(signatures.seen) > 1
    require_nothing_of(written.text(), secrets)
