"""Things go wrong when they are asked to, and only then."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import httpx
import pytest

from licbot.testing.superoffice import (
    Busy,
    Cut,
    Failure,
    Garbage,
    Message,
    Null,
    Onsite,
    Status,
    Tenant,
    Timeout,
    serve,
)
from tests.testing.superoffice.visiting import (
    ADMIN,
    OnlineSite,
    Site,
    authorize_url,
    code_of,
    onsite_site,
)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Status(), (500, "went wrong")),
        (Status(502, "Bad gateway"), (502, "Bad gateway")),
        (Busy(), (429, "again")),
        (Busy(status=503), (503, "again")),
        (Null(), (200, "null")),
        (Message("No.", "Because."), (200, '{"Message":"No.","MessageDetail":"Because."}')),
        (Garbage(), (200, "<!doctype html>")),
    ],
)
async def test_a_request_goes_wrong_as_often_as_planned(
    house: Site, tenant: Tenant, failure: Failure, expected: tuple[int, str]
) -> None:
    """Other paths are not touched, and the ledger says that it was planned."""
    tenant.fail("/License", failure, times=2)
    other = await house.get("/User/currentAssociate")

    answers = [await house.get("/License") for _ in range(3)]

    assert other.status_code == 200
    for answer in answers[:2]:
        assert answer.status_code == expected[0]
        assert expected[1] in answer.text
    assert (answers[2].status_code, answers[2].json()[0]["New"]) == (200, None)
    assert [served.injected for served in tenant.requests] == [False, True, True, False]


async def test_a_busy_server_says_when_to_come_again(house: Site, tenant: Tenant) -> None:
    """Where it is told to."""
    tenant.fail("/License", Busy(status=503, retry_after="2"))

    assert (await house.get("/License")).headers["Retry-After"] == "2"


async def test_the_login_host_goes_wrong_too(cloud: OnlineSite) -> None:
    """Its paths belong to every tenant."""
    cloud.tenant.fail("oauth/tokens", Status(503))
    code = code_of(await cloud.online.approve(authorize_url(cloud.address), ADMIN))

    first, second = await cloud.redeem(code), await cloud.redeem(code)

    assert (first.status_code, second.status_code) == (503, 200)


@pytest.mark.parametrize("after_work", [False, True])
async def test_an_answer_may_be_lost(house: Site, tenant: Tenant, after_work: bool) -> None:
    """With or without the work done."""
    entity = (await house.get("/User/102")).json()
    for link in entity["LicenseOwners"][0]["RestrictedModuleLicenses"]:
        link["Assigned"] = False
    tenant.fail("/User/", Cut(after_work=after_work))

    with pytest.raises(httpx.RemoteProtocolError):
        await house.put("/User/102", entity)

    assert (tenant.held_by(102) == set()) is after_work
    assert tenant.requests[-1].status is None


async def test_an_answer_may_never_come(house: Site, tenant: Tenant) -> None:
    """The client has to give up."""
    tenant.fail("/License", Timeout())

    with pytest.raises(httpx.ReadTimeout):
        await house.http.get(house.url("/License"), headers=house.headers, timeout=0.05)

    assert (await house.get("/License")).status_code == 200


async def test_the_server_ends_at_once_whatever_waits(tenant: Tenant) -> None:
    """Whoever waits is hung up on."""
    tenant.fail("/License", Timeout())
    arrived = asyncio.Event()
    tenant.before("/License", arrived.set)
    async with onsite_site(tenant) as house:
        waiting = asyncio.create_task(house.get("/License"))
        await arrived.wait()
        started = time.perf_counter()
        async with onsite_site(tenant):
            pass
    # The outer site is closed now, while its client was waiting.

    with pytest.raises(httpx.HTTPError):
        await waiting
    assert time.perf_counter() - started < 1


async def test_the_server_hangs_up_on_whoever_stays(tenant: Tenant) -> None:
    """A connection that is kept open is closed with the server."""
    async with serve(Onsite(tenant).app) as address:
        port = httpx.URL(address).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /WebApi/api HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")

    with suppress(ConnectionResetError):
        await asyncio.wait_for(reader.read(), 1)
    writer.close()


async def test_a_cut_needs_a_real_server(tenant: Tenant) -> None:
    """Without one the application says so."""
    tenant.fail("/api", Cut())
    transport = httpx.ASGITransport(Onsite(tenant).app)
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(ConnectionResetError):
            await http.get("http://127.0.0.1/WebApi/api")


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
async def test_something_happens_before_a_request_once(
    house: Site, tenant: Tenant, kind: str
) -> None:
    """Only before one to that path."""
    seen: list[int] = []

    async def later() -> None:
        await asyncio.sleep(0)
        seen.append(len(tenant.requests))

    def at_once() -> None:
        seen.append(len(tenant.requests))

    happening: Any = later if kind == "coroutine" else at_once
    tenant.before("/License", happening)

    for path in ("/Archive", "/License", "/License"):
        await house.get(path)

    assert seen == [1]
