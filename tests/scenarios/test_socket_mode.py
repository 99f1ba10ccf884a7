"""Socket Mode: licbot opens the connection, and nothing has to reach it from outside."""

import asyncio
from http import HTTPStatus
from pathlib import Path

import httpx

from licbot.sandbox.sockets import Socket
from tests.scenarios.customers import licence, tenant
from tests.scenarios.world import World, modal_of, world

ENOUGH_FAILURES = 1_000
"""More than licbot can try in this story."""


async def test_everything_goes_through_the_connection_which_is_opened_again_when_it_is_lost(
    tmp_path: Path,
) -> None:
    async with (
        world(
            tmp_path,
            tenant=tenant({"sales": ["Anna", "Ben", "Clara"]}),
            installed=licence(1, {"sales": 3}),
            offers=[licence(2, {"sales": 2})],
            socket_mode=True,
        ) as here,
        httpx.AsyncClient(base_url=here.address) as probe,
    ):
        await nothing_is_taken_over_http(here, probe)
        await commands_buttons_and_windows_work(here)
        await a_lost_connection_is_opened_again_at_once(here, probe)
        await while_slack_is_out_of_reach_licbot_is_not_ready(here, probe)
        anna = here.person("anna")
        await anna.press("Activate", confirm=True)
        await here.card_says(anna, "New licence activated")
        assert await here.holders("sales") == {"anna", "clara"}


async def nothing_is_taken_over_http(here: World, probe: httpx.AsyncClient) -> None:
    refused = await probe.post("/slack/events", data={"command": "/license"})
    assert refused.status_code == HTTPStatus.NOT_FOUND
    assert len(here.workspace.connections) == 1
    ready = await probe.get("/readyz")
    assert (ready.status_code, ready.json()["problems"]) == (HTTPStatus.OK, [])


async def commands_buttons_and_windows_work(here: World) -> None:
    anna = here.person("anna")
    await here.card_says(anna, "red: 1 must go")
    status = await here.answer(anna, "/license")
    assert "Sales\n3\n3\n0" in status.text
    assert (
        "Only administrators may do this."
        in (await here.answer(here.person("ben"), "/license")).text
    )
    await anna.press("Remove superfluous licences")
    outcome = await anna.submit()
    assert list(outcome.errors.values()) == [
        "Too few are picked: pick 1 more person, then press OK."
    ]
    await anna.tick("Ben")
    assert modal_of(anna).ticked == ["Ben"]
    await anna.submit()
    await here.card_says(anna, "1 of 1 picked")
    assert {delivery.kind for delivery in here.actions.deliveries} == {
        "slash_commands",
        "interactive",
    }


async def a_lost_connection_is_opened_again_at_once(here: World, probe: httpx.AsyncClient) -> None:
    """Slack closes each connection after some hours."""
    assert here.licbot.socket is not None
    here.licbot.socket.client.ping_interval = 0.05
    lost = await hung_up(here)
    async with asyncio.timeout(20):
        while here.workspace.connections in ([], [lost]):
            await probe.get("/healthz")
    status = await here.answer(here.person("anna"), "/license")
    assert "Activate new licence: one is waiting." in status.text.replace("*", "")


async def while_slack_is_out_of_reach_licbot_is_not_ready(
    here: World, probe: httpx.AsyncClient
) -> None:
    for _ in range(ENOUGH_FAILURES):
        here.workspace.fail_next("apps.connections.open", error="internal_error")
    lost = await hung_up(here)
    await becomes(probe, HTTPStatus.SERVICE_UNAVAILABLE)
    assert (await probe.get("/readyz")).json()["problems"] == ["the Socket Mode connection is down"]
    assert (await probe.get("/healthz")).status_code == HTTPStatus.OK
    here.workspace.faults.clear()
    await becomes(probe, HTTPStatus.OK)
    [opened] = here.workspace.connections
    assert opened is not lost


async def hung_up(here: World) -> Socket:
    """Let Slack close the connection; gives it."""
    [connection] = here.workspace.connections
    assert isinstance(connection, Socket)
    await connection.hang_up()
    return connection


async def becomes(probe: httpx.AsyncClient, expected: HTTPStatus) -> None:
    """Ask how licbot is until it is so."""
    async with asyncio.timeout(20):
        while (await probe.get("/readyz")).status_code != expected:
            pass
