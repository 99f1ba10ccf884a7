"""A server that this computer does not trust gets nothing."""

import ssl
from collections.abc import Iterator

import httpx
import pytest
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot.testing import FakeClock
from licbot_superoffice.transport import TRIES, UNTRUSTED, Sending, Transport


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES):
        yield


async def test_an_untrusted_certificate_is_named_and_not_tried_again() -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ConnectError("no") from ssl.SSLCertVerificationError("self-signed")

    transport = Transport(FakeClock(), network=httpx.MockTransport(refuse))

    with pytest.raises(SystemUnavailable) as caught:
        await transport.send(Sending(method="GET", url="https://crm.example.com/WebApi/api"))

    assert caught.value.message == UNTRUSTED
    assert len(asked) == 1
