"""Calls reach the tenant where it is, as they were given, and not twice where they must not."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot.testing.superoffice import Busy, Cut, Status
from licbot_superoffice.calls import MOVED, UNDECIDED
from licbot_superoffice.tenant import TenantStopped
from licbot_superoffice.transport import SILENT, TRIES, TROUBLED
from licbot_superoffice.wire import Answer
from tests.plugins.superoffice.auth_support import (
    OnlineBench,
    as_json,
    online_bench,
    onsite_bench,
    pem,
    wire_bench,
)

ACTIVATE = "Agents/License/ActivateLicenseInfo"
OWNERS = "Agents/License/GetLicenseForAllOwnersFromDB"
PRINCIPAL = "User/currentPrincipal"
ONSITE = {"address": "https://crm.example.com/WebApi", "username": "licbot", "password": "x"}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[OnlineBench]:
    async with online_bench(tmp_path, private_key_pem=pem(), system_token="App-1") as made:
        made.tenant.system_token = "App-1"
        yield made


async def test_an_answer_is_read_as_json_or_said_to_be_none() -> None:
    assert Answer(status=200, content=b'{"a": [1, null]}').json() == {"a": [1, None]}

    for content in (b"", b"<html>", b"\xff", b"[" * 100_000):
        with pytest.raises(SystemUnavailable, match="can't read"):
            Answer(status=200, content=content).json()


def test_what_was_answered_does_not_show() -> None:
    assert "secret" not in repr(Answer(status=200, content=b"secret"))


async def test_a_call_carries_what_it_was_given(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return as_json({"ok": True})

    async with wire_bench(tmp_path, handler, ONSITE) as bench:
        query = {"$select": "a/b,c", "$entities": "x", "$top": "2"}
        await bench.line.api.get("Archive/InternalUsers", query=query, language="de")
        await bench.line.api.post(OWNERS, b'{"a":1.0}')
        await bench.line.api.put("User/7", b"{}")

    read, sent, put = asked
    assert read.method == "GET"
    assert read.url.path == "/WebApi/api/v1/Archive/InternalUsers"
    assert dict(read.url.params) == query
    assert (read.headers["so-language"], read.headers["accept-language"]) == ("de", "de")
    assert (sent.method, sent.content) == ("POST", b'{"a":1.0}')
    assert sent.headers["content-type"] == "application/json"
    assert "so-language" not in sent.headers
    assert "so-timezone" not in sent.headers, "dates that are signed must not be shifted"
    assert (put.method, put.url.path, put.content) == ("PUT", "/WebApi/api/v1/User/7", b"{}")


@pytest.mark.parametrize("status", [204, 302, 400, 403, 404, 409])
async def test_other_statuses_are_for_whoever_asked(bench: OnlineBench, status: int) -> None:
    bench.tenant.fail(PRINCIPAL, Status(status))

    assert (await bench.line.api.get(PRINCIPAL)).status == status


async def test_a_tenant_that_moved_in_mid_run_is_found(bench: OnlineBench) -> None:
    await bench.line.api.get(PRINCIPAL)
    bench.tenant.move("online7")

    assert (await bench.line.api.post(ACTIVATE, b"{}", again=False)).status != 421
    served = [each.path for each in bench.tenant.requests if ACTIVATE in each.path]
    assert [path.split("/")[1] for path in served] == ["online2", "online7"]
    assert bench.asked("/api/state/") == 2


async def test_a_tenant_that_keeps_moving_is_not_chased(bench: OnlineBench) -> None:
    await bench.line.api.get(PRINCIPAL)
    before = bench.asked(PRINCIPAL)
    bench.tenant.fail(PRINCIPAL, Status(421), times=9)

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.get(PRINCIPAL)

    assert caught.value.message == MOVED
    assert bench.asked(PRINCIPAL) == before + 2, "asked anew once a call"


@pytest.mark.parametrize("how", [Cut(), Status(503), Cut(after_work=True)])
async def test_reads_are_tried_again(bench: OnlineBench, how: Cut | Status) -> None:
    bench.tenant.fail(PRINCIPAL, how, times=TRIES - 1)

    assert (await bench.line.api.get(PRINCIPAL)).status == 200


@pytest.mark.parametrize(
    ("how", "words"),
    [(Cut(after_work=True), SILENT), (Cut(), SILENT), (Status(502, "oh"), TROUBLED)],
)
async def test_an_activation_whose_answer_is_lost_is_not_sent_again(
    bench: OnlineBench, how: Cut | Status, words: str
) -> None:
    bench.tenant.fail(ACTIVATE, how)

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.post(ACTIVATE, b'{"NewLicense": {}}', again=False)

    assert caught.value.message == words
    assert bench.asked(ACTIVATE) == 1


async def test_a_change_that_ended_in_an_error_may_have_been_made(bench: OnlineBench) -> None:
    """SuperOffice's words are told; that nothing was done they do not say."""
    bench.tenant.fail(ACTIVATE, Status(500, "Disk full"))

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.post(ACTIVATE, b'{"NewLicense": {}}', again=False)

    assert caught.value.message == f"{UNDECIDED} SuperOffice says: “Disk full”."
    assert bench.asked(ACTIVATE) == 1


async def test_a_read_that_ended_in_an_error_is_for_whoever_asked(bench: OnlineBench) -> None:
    bench.tenant.fail(OWNERS, Status(500, "No such table"), times=TRIES)

    answer = await bench.line.api.post(OWNERS)

    assert (answer.status, answer.json()["ErrorMessage"]) == (500, "No such table")
    assert bench.asked(OWNERS) == TRIES


async def test_a_change_of_a_user_is_not_sent_again(tmp_path: Path) -> None:
    async with onsite_bench(tmp_path) as bench:
        bench.tenant.fail("User/104", Cut(after_work=True))

        with pytest.raises(SystemUnavailable):
            await bench.line.api.put("User/104", b"{}")

        assert bench.asked("User/104") == 1


async def test_an_ended_ticket_does_not_make_an_activation_twice(bench: OnlineBench) -> None:
    await bench.line.api.get(PRINCIPAL)
    bench.tenant.expire_tokens()

    await bench.line.api.post(ACTIVATE, b"{}", again=False)

    statuses = [each.status for each in bench.tenant.requests if ACTIVATE in each.path]
    assert statuses[0] == 401, "what was refused was not carried out"
    assert len(statuses) == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_tenant_is_waited_for(bench: OnlineBench, status: int) -> None:
    bench.tenant.fail(PRINCIPAL, Busy(status=status, retry_after="3"), times=2)

    assert (await bench.line.api.get(PRINCIPAL)).status == 200
    assert bench.pauses.seconds == [3.0, 3.0]


@pytest.mark.parametrize(
    ("state", "words"),
    [("OfflineMaintenance", "is being maintained"), ("Suspended", "is suspended")],
)
async def test_a_tenant_that_goes_down_in_mid_run_says_why(
    bench: OnlineBench, state: str, words: str
) -> None:
    """It was located before, and answers 503 now: its state has the better words."""
    await bench.line.api.get(PRINCIPAL)
    bench.tenant.state = state

    with pytest.raises(SystemUnavailable, match=words) as caught:
        await bench.line.api.get(PRINCIPAL)

    assert isinstance(caught.value, TenantStopped) is (state == "Suspended")
    bench.tenant.state = "Running"
    assert (await bench.line.api.get(PRINCIPAL)).status == 200


async def test_people_administer_at_the_tenants_page_or_where_the_settings_say(
    bench: OnlineBench, tmp_path: Path
) -> None:
    assert (await bench.line.api.page()).endswith("/online2/Cust12345")

    async with online_bench(tmp_path, admin_page="https://crm.example.com/admin") as other:
        assert await other.line.api.page() == "https://crm.example.com/admin"


async def test_an_operator_reads_how_the_tenant_is_reached(bench: OnlineBench) -> None:
    where, who = await bench.line.api.about()

    assert "tenant Cust12345 at 127.0.0.1: Running, version" in where
    assert "system user" in who
