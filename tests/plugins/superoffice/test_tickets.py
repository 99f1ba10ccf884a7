"""The system user speaks while nobody acts: its ticket is signed for, kept, and renewed once."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import jwt
import pytest
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot.testing.superoffice import Cut, Garbage, Status
from licbot.testing.vault import MemoryVault
from licbot_superoffice.credentials import NOT_LET_IN
from licbot_superoffice.tickets import REFUSED, TICKET
from licbot_superoffice.transport import SILENT, TRIES
from tests.plugins.superoffice.auth_support import (
    ANNA,
    CLIENT_SECRET,
    OnlineBench,
    as_json,
    online_bench,
    online_settings,
    pem,
    wire_bench,
)

AUTHENTICATE = "PartnerSystemUser/Authenticate"
PRINCIPAL = "User/currentPrincipal"
WITH_TOKEN = online_settings(private_key_pem=pem(), system_token="App-1")


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[OnlineBench]:
    async with online_bench(tmp_path, private_key_pem=pem(), system_token="App-1") as made:
        made.tenant.system_token = "App-1"
        yield made


async def test_a_ticket_is_obtained_once_and_shown_with_the_secret_of_the_app(
    bench: OnlineBench,
) -> None:
    for _ in range(3):
        assert (await bench.line.api.get(PRINCIPAL)).status == 200

    assert bench.asked(AUTHENTICATE) == 1
    assert bench.bearers() == ["SYSTEM"] * 3


async def test_who_speak_at_once_wait_for_one_ticket(bench: OnlineBench) -> None:
    await asyncio.gather(*(bench.line.api.get(PRINCIPAL) for _ in range(8)))
    assert bench.asked(AUTHENTICATE) == 1

    bench.tenant.expire_tokens()
    answers = await asyncio.gather(*(bench.line.api.get(PRINCIPAL) for _ in range(8)))

    assert {answer.status for answer in answers} == {200}
    assert bench.asked(AUTHENTICATE) == 2, "all whose ticket was refused wait for the same new one"


async def test_a_ticket_is_kept_over_a_restart(tmp_path: Path, bench: OnlineBench) -> None:
    await bench.line.api.get(PRINCIPAL)
    kept = bench.vault.secrets[TICKET]

    async with online_bench(
        tmp_path, vault=bench.vault, private_key_pem=pem(), system_token="App-1"
    ) as restarted:
        restarted.tenant.system_token = "App-1"
        await restarted.line.api.get(PRINCIPAL)

        # The other stand-in knows nothing of the ticket: it was shown, refused and renewed.
        assert [each.status for each in restarted.tenant.requests if each.below] == [401, 200]
        assert restarted.vault.secrets[TICKET] != kept


async def test_a_ticket_that_another_process_obtained_is_taken(bench: OnlineBench) -> None:
    await bench.line.api.get(PRINCIPAL)
    bench.tenant.expire_tokens()
    theirs = bench.tenant.sessions.open_ticket(50, "the-client", bench.clock.now())
    await bench.vault.write(TICKET, theirs)

    assert (await bench.line.api.get(PRINCIPAL)).status == 200
    assert bench.asked(AUTHENTICATE) == 1


async def test_even_that_one_may_have_ended(bench: OnlineBench) -> None:
    await bench.line.api.get(PRINCIPAL)
    await bench.vault.write(TICKET, "7T:theirs, and ended too")
    bench.tenant.expire_tokens()

    assert (await bench.line.api.get(PRINCIPAL)).status == 200
    assert bench.asked(AUTHENTICATE) == 2


async def test_a_ticket_that_ends_after_hours_is_renewed(bench: OnlineBench) -> None:
    await bench.line.api.get(PRINCIPAL)
    bench.clock.advance(timedelta(hours=7))

    assert (await bench.line.api.get(PRINCIPAL)).status == 200
    assert bench.asked(AUTHENTICATE) == 2


async def test_a_new_ticket_that_is_refused_is_not_renewed_for_ever(bench: OnlineBench) -> None:
    bench.tenant.fail(PRINCIPAL, Status(401), times=5)

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.get(PRINCIPAL)

    assert caught.value.message == NOT_LET_IN
    assert (bench.asked(AUTHENTICATE), bench.asked(PRINCIPAL)) == (1, 1)


@pytest.mark.parametrize("how", [Cut(), Status(502)])
async def test_a_lost_ticket_is_asked_for_again(bench: OnlineBench, how: Cut | Status) -> None:
    bench.tenant.fail(AUTHENTICATE, how)

    assert (await bench.line.api.get(PRINCIPAL)).status == 200


async def test_a_token_that_superoffice_does_not_know_is_said(bench: OnlineBench) -> None:
    bench.tenant.system_token = "App-2"

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.get(PRINCIPAL)

    assert caught.value.message == REFUSED


async def test_an_answer_that_is_none_is_said(bench: OnlineBench) -> None:
    bench.tenant.fail(AUTHENTICATE, Garbage())

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.get(PRINCIPAL)

    assert caught.value.message == REFUSED


@pytest.mark.parametrize(
    "answer",
    [
        {"IsSuccessful": True, "Token": "no token"},
        {"IsSuccessful": True, "Token": None},
        {"IsSuccessful": True, "Token": jwt.encode({}, "k" * 32)},
        {"IsSuccessful": True},
        {"IsSuccessful": False, "Token": None, "ErrorMessage": CLIENT_SECRET},
        [],
        None,
    ],
)
async def test_no_answer_of_this_kind_is_a_ticket(tmp_path: Path, answer: object) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return as_json(answer) if AUTHENTICATE in request.url.path else a_state()

    async with wire_bench(tmp_path, handler, WITH_TOKEN) as bench:
        with pytest.raises(SystemUnavailable) as caught:
            await bench.line.api.get(PRINCIPAL)

    assert caught.value.message == REFUSED
    assert TICKET not in bench.vault.secrets


def a_state() -> httpx.Response:
    return as_json({"State": "Running", "Endpoint": "https://online2.superoffice.com/Cust12345"})


async def test_the_token_may_come_with_the_first_sign_in_of_an_administrator(
    tmp_path: Path,
) -> None:
    vault = MemoryVault()
    async with online_bench(tmp_path, vault=vault, private_key_pem=pem()) as bench:
        bench.tenant.system_token = "App-learnt"
        with pytest.raises(SystemUnavailable):
            await bench.line.api.get(PRINCIPAL)

        await bench.sign_in(ANNA)

        assert (await bench.line.api.get(PRINCIPAL)).status == 200
        assert bench.bearers()[-1] == "SYSTEM"
        assert "system user" in (await bench.line.api.about())[-1]

    async with online_bench(tmp_path, vault=vault, private_key_pem=pem()) as restarted:
        restarted.tenant.system_token = "App-learnt"
        await restarted.line.api.get(PRINCIPAL)
        assert restarted.bearers()[-1] == "SYSTEM"


async def test_the_token_of_the_settings_goes_first(bench: OnlineBench) -> None:
    bench.tenant.system_token = "App-other"
    await bench.sign_in(ANNA)
    bench.tenant.system_token = "App-1"

    assert (await bench.line.api.get(PRINCIPAL)).status == 200
    assert "system_token" not in bench.vault.secrets


async def test_without_a_key_a_token_is_not_kept(tmp_path: Path) -> None:
    async with online_bench(tmp_path) as bench:
        await bench.sign_in(ANNA)
        await bench.line.api.get(PRINCIPAL)

        assert list(bench.vault.secrets) == [f"grant/{ANNA.id}"]
        assert bench.bearers()[-1] == "anna.schaefer@nordlicht.example"


async def test_where_nobody_listens_it_is_said(tmp_path: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if AUTHENTICATE in request.url.path:
            raise httpx.ConnectError("down")
        return a_state()

    async with wire_bench(tmp_path, handler, WITH_TOKEN) as bench:
        with pytest.raises(SystemUnavailable) as caught:
            await bench.line.api.get(PRINCIPAL)

    assert caught.value.message == SILENT


DEEP = b"[" * 100_000
DEEP_TOKEN = b".".join(
    urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg": "none"}', DEEP, b"")
)


@pytest.mark.parametrize(
    "content", [DEEP, b'{"IsSuccessful": true, "Token": "' + DEEP_TOKEN + b'"}', b"[]", b"7"]
)
async def test_what_holds_no_ticket_is_said(tmp_path: Path, content: bytes) -> None:
    """Also where it is nested so deeply that it cannot be read."""

    def handler(request: httpx.Request) -> httpx.Response:
        if AUTHENTICATE in request.url.path:
            return httpx.Response(200, content=content)
        return a_state()

    async with wire_bench(tmp_path, handler, WITH_TOKEN) as bench:
        with pytest.raises(SystemUnavailable) as caught:
            await bench.line.api.get(PRINCIPAL)

    assert caught.value.message == REFUSED
