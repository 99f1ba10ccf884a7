"""A tenant is found where it is, in the state it is in, and asked for no more often than needed."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot.testing import FakeClock
from licbot_superoffice.settings import Online, read
from licbot_superoffice.tenant import FOREIGN, NO_STATE, OnlineLocator, TenantStopped
from licbot_superoffice.transport import SILENT, Transport
from tests.plugins.superoffice.auth_support import as_json, online_settings, wire

HOST = "https://online2.superoffice.com/Cust12345"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True):
        yield


class Login:
    """The login host, which says of a tenant what it is told to."""

    def __init__(self, **settings: str) -> None:
        self.clock = FakeClock()
        self.asked: list[str] = []
        self.answer: Any = self.state()
        site = read(online_settings(**settings), ".").site
        assert isinstance(site, Online)
        transport = Transport(self.clock, network=wire(self._take))
        self.locator = OnlineLocator(site, transport, self.clock)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, httpx.Response):
            return self.answer
        return as_json(self.answer)

    def state(self, state: str = "Running", **more: object) -> dict[str, object]:
        until = self.clock.now() + timedelta(minutes=10)
        return {
            "ContextIdentifier": "Cust12345",
            "Endpoint": HOST,
            "State": state,
            "IsRunning": state == "Running",
            "ValidUntil": f"{until:%Y-%m-%dT%H:%M:%S}.4834463Z",
            "Api": f"{HOST}/api",
            "Version": "10.3.5",
            **more,
        }

    async def api(self) -> str:
        return (await self.locator.place()).api


async def test_a_tenant_is_asked_for_once_until_its_answer_is_no_longer_valid() -> None:
    login = Login(environment="sod")

    assert await login.api() == f"{HOST}/api"
    login.clock.advance(timedelta(minutes=10))
    assert await login.api() == f"{HOST}/api"
    assert login.asked == ["https://sod.superoffice.com/api/state/Cust12345"]

    login.answer = login.state(Api=f"{HOST}/api/", Endpoint="https://online3.superoffice.com/C")
    login.clock.advance(timedelta(seconds=1))
    place = await login.locator.place()

    assert (place.api, place.page) == (f"{HOST}/api", "https://online3.superoffice.com/C")
    assert len(login.asked) == 2


async def test_all_who_ask_at_once_get_the_same_answer() -> None:
    login = Login()

    places = await asyncio.gather(*(login.locator.place() for _ in range(10)))

    assert len(set(places)) == 1
    assert len(login.asked) == 1


async def test_all_who_ask_at_once_are_told_of_the_same_fault() -> None:
    login = Login()
    login.answer = login.state("Suspended")

    results = await asyncio.gather(
        *(login.locator.place() for _ in range(10)), return_exceptions=True
    )

    assert {type(result) for result in results} == {TenantStopped}
    assert len(login.asked) == 1


async def test_a_tenant_that_moved_is_asked_for_anew_and_only_once() -> None:
    login = Login()
    place = await login.locator.place()

    login.locator.moved(place)
    login.answer = login.state(Api="https://online9.superoffice.com/Cust12345/api")
    assert await login.api() == "https://online9.superoffice.com/Cust12345/api"

    login.locator.moved(place)
    await login.api()
    assert len(login.asked) == 2, "who hears late that it moved changes nothing"


async def test_a_tenant_in_online_maintenance_works() -> None:
    login = Login()
    login.answer = login.state("OnlineMaintenance")

    assert await login.api() == f"{HOST}/api"


@pytest.mark.parametrize("state", ["OfflineMaintenance", "Provisioning", "MigrationPending"])
async def test_a_tenant_in_maintenance_is_waited_for(state: str) -> None:
    login = Login()
    login.answer = login.state(state)

    with pytest.raises(SystemUnavailable) as caught:
        await login.api()

    assert not isinstance(caught.value, TenantStopped)
    assert "maintained" in caught.value.message
    assert "licbot tries again by itself" in caught.value.message

    login.answer = login.state()
    assert await login.api() == f"{HOST}/api", "it is asked for again at once"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("Suspended", "is suspended"),
        ("Deleted", "was deleted"),
        ("Deleting", "is being deleted"),
        ("DeleteFailed", "was to be deleted"),
        ("ProvisioningFailed", "could not be set up"),
        ("Unknown", "does not know the tenant"),
        ("SomethingNew", "does not know the tenant"),
    ],
)
async def test_a_tenant_that_stopped_says_what_to_do(state: str, words: str) -> None:
    login = Login()
    login.answer = login.state(state)

    with pytest.raises(TenantStopped) as caught:
        await login.api()

    assert words in caught.value.message
    assert "Cust12345" in caught.value.message
    assert "tries again" not in caught.value.message


@pytest.mark.parametrize("status", [400, 404])
async def test_a_tenant_that_is_not_found_is_unknown(status: int) -> None:
    login = Login()
    login.answer = httpx.Response(status)

    with pytest.raises(TenantStopped, match="does not know the tenant Cust12345"):
        await login.api()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"[" * 100_000),
        [],
        None,
        {},
    ],
)
async def test_what_is_no_state_is_said_in_words(answer: object) -> None:
    login = Login()
    login.answer = as_json(None) if answer is None else answer

    with pytest.raises(SystemUnavailable) as caught:
        await login.api()

    assert caught.value.message == NO_STATE


@pytest.mark.parametrize(
    "api",
    [
        "http://online2.superoffice.com/Cust12345/api",
        "https://online2.superoffice.com.evil.example/api",
        "https://evilsuperoffice.com/api",
        "https://online2.superoffice.com:8443/api",
        "https://me:you@online2.superoffice.com/api",
        "https://online2.superoffice.com@evil.example/api",
        "http://127.0.0.1:8000/api",
        "https://[",
        "ftp://online2.superoffice.com/api",
        "api",
    ],
)
async def test_an_address_elsewhere_gets_nothing(api: str) -> None:
    login = Login()
    login.answer = login.state(Api=api)

    with pytest.raises(SystemUnavailable) as caught:
        await login.api()

    assert caught.value.message == FOREIGN

    login.answer = login.state(Endpoint=api)
    with pytest.raises(SystemUnavailable):
        await login.api()


@pytest.mark.parametrize(
    "api", ["http://127.0.0.1:8000/api", "http://127.0.0.1:8001/api", "http://localhost:8002/api"]
)
async def test_a_stand_in_has_its_hosts_on_this_computer(api: str) -> None:
    """They are numbered, and ports are its numbers."""
    login = Login(login_url="http://127.0.0.1:8000")
    login.answer = login.state(Api=api, Endpoint="")

    assert await login.api() == api
    assert (await login.locator.place()).page == ""


async def test_a_stand_in_stays_on_this_computer() -> None:
    for elsewhere in ("http://192.168.0.7:8000/api", "http://localhost.evil.example/api"):
        other = Login(login_url="http://127.0.0.1:8000")
        other.answer = other.state(Api=elsewhere)
        with pytest.raises(SystemUnavailable):
            await other.api()


async def test_an_older_answer_without_the_address_of_the_api_will_do() -> None:
    login = Login()
    login.answer = login.state(Api=None)

    assert await login.api() == f"{HOST}/api"


@pytest.mark.parametrize("until", [None, "soon", 7])
async def test_an_answer_without_an_end_is_valid_for_a_minute(until: object) -> None:
    login = Login()
    login.answer = login.state(ValidUntil=until)

    await login.api()
    login.clock.advance(timedelta(seconds=59))
    await login.api()
    assert len(login.asked) == 1

    login.clock.advance(timedelta(seconds=1))
    await login.api()
    assert len(login.asked) == 2


async def test_a_time_without_a_zone_is_in_utc() -> None:
    login = Login()
    login.answer = login.state(ValidUntil="2026-11-24T09:05:00")

    await login.api()
    login.clock.advance(timedelta(minutes=5))
    await login.api()

    assert len(login.asked) == 2


async def test_where_nobody_answers_it_is_said() -> None:
    login = Login()
    login.answer = httpx.ConnectError("down")

    with pytest.raises(SystemUnavailable) as caught:
        await login.api()

    assert caught.value.message == SILENT


async def test_an_operator_reads_where_the_tenant_is() -> None:
    [line] = await Login().locator.described()

    assert line == (
        "SuperOffice Online, tenant Cust12345 at online2.superoffice.com: Running, version 10.3.5."
    )
