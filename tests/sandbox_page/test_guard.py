"""The page answers this machine alone, and acts for itself alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from licbot.sandbox.actions import Actions
from licbot.sandbox.page import page_routes
from licbot.sandbox.records import Channel, User
from licbot.sandbox.workspace import Workspace

OWN = {"x-local-workspace": "1", "origin": "http://127.0.0.1:8000"}


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(bot_token="xoxb-guard", signing_secret="guard-secret")


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return workspace.add_user("ada", real_name="Ada Lovelace")


@pytest.fixture
def licences(workspace: Workspace, ada: User) -> Channel:
    return workspace.add_channel("licences", members=[ada.id])


@pytest.fixture
async def client(workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        actions = Actions(workspace, "http://127.0.0.1:9/slack/events", http)
        app = Starlette(routes=page_routes(workspace, actions))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000"
        ) as opened:
            yield opened


def message(user: User, channel: Channel, **more: Any) -> dict[str, Any]:
    return {"as": user.id, "kind": "message", "channel": channel.id, "text": "Hello", **more}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "LOCALHOST:1"])
async def test_the_page_opens_under_the_names_of_this_machine(
    client: httpx.AsyncClient, licences: Channel, host: str
) -> None:
    response = await client.get("/", headers={"host": host})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.7:8000", "", "[::1", "::1"]
)
@pytest.mark.parametrize("path", ["/", "/fragment", "/events"])
async def test_a_name_that_was_bound_to_this_machine_from_outside_is_refused(
    client: httpx.AsyncClient, licences: Channel, host: str, path: str
) -> None:
    response = await client.get(path, headers={"host": host})
    assert response.status_code == 421


async def test_the_page_may_load_from_itself_alone(
    client: httpx.AsyncClient, licences: Channel
) -> None:
    response = await client.get("/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "<style" not in response.text
    assert " style=" not in response.text
    assert "onclick" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8000"},
        {**OWN, "origin": "http://evil.example"},
        {**OWN, "origin": "http://127.0.0.1:9000"},
        {**OWN, "origin": "null"},
        {**OWN, "sec-fetch-site": "cross-site"},
        {**OWN, "sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/act", "/suggest", "/upload"])
async def test_another_page_cannot_act(
    client: httpx.AsyncClient,
    workspace: Workspace,
    ada: User,
    licences: Channel,
    headers: dict[str, str],
    path: str,
) -> None:
    response = await client.post(path, json=message(ada, licences), headers=headers)
    assert response.status_code == 403
    assert workspace.messages == {}


async def test_the_page_itself_acts(
    client: httpx.AsyncClient, workspace: Workspace, ada: User, licences: Channel
) -> None:
    response = await client.post("/act", json=message(ada, licences), headers=OWN)
    assert response.json()["ok"]
    assert [said.text for said in workspace.messages.values()] == ["Hello"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "unknown"},
        {"as": "U0000000001"},
        {"as": "nobody"},
        {"kind": "press"},
        {"kind": "choose", "block_id": "b", "action_id": "a", "values": 7},
        {"kind": "submit", "view_id": "V", "entered": [1]},
        {"kind": ["press"]},
    ],
)
async def test_what_is_no_action_does_nothing(
    client: httpx.AsyncClient,
    workspace: Workspace,
    ada: User,
    licences: Channel,
    change: dict[str, Any],
) -> None:
    response = await client.post("/act", json=message(ada, licences, **change), headers=OWN)
    assert response.status_code == 400
    assert workspace.messages == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
@pytest.mark.parametrize("path", ["/act", "/suggest"])
async def test_what_is_no_json_does_nothing(
    client: httpx.AsyncClient, licences: Channel, path: str, body: bytes
) -> None:
    response = await client.post(path, content=body, headers=OWN)
    assert response.status_code == 400


async def test_nobody_uploads_nothing(client: httpx.AsyncClient, licences: Channel) -> None:
    response = await client.post("/upload", data={"as": "nobody"}, headers=OWN)
    assert response.status_code == 400


async def test_an_upload_without_a_file_says_so(
    client: httpx.AsyncClient, ada: User, licences: Channel
) -> None:
    response = await client.post(
        "/upload", data={"as": ada.id, "channel": licences.id}, headers=OWN
    )
    assert response.json()["error"] == "There was no file."


async def test_only_ones_own_ephemeral_messages_can_be_dismissed(
    client: httpx.AsyncClient, workspace: Workspace, ada: User, licences: Channel
) -> None:
    ben = workspace.add_user("ben")
    said = workspace.post(licences.id, ada.id, "For everyone")
    told = workspace.tell(ada.id, licences.id, "For Ada")

    async def dismiss(user: User, ts: str) -> None:
        given = {"as": user.id, "kind": "dismiss", "message_ts": ts}
        assert (await client.post("/act", json=given, headers=OWN)).json()["ok"]

    await dismiss(ada, said.ts)
    await dismiss(ben, told.ts)
    await dismiss(ada, "0.0")
    assert workspace.visible(licences.id, ada.id) == [said, told]
    await dismiss(ada, told.ts)
    assert workspace.visible(licences.id, ada.id) == [said]


async def test_a_file_is_given_only_to_those_who_see_its_message(
    client: httpx.AsyncClient, workspace: Workspace, ada: User, licences: Channel
) -> None:
    ben = workspace.add_user("ben")
    files = {"file": ("<b>.html", b"<script>1</script>", "text/html")}
    given = {"as": ada.id, "channel": licences.id}
    shared = await client.post("/upload", data=given, files=files, headers=OWN)
    path = f"/download/{shared.json()['file']}"

    assert (await client.get(path, params={"as": ben.id})).status_code == 404
    assert (await client.get("/download/F1", params={"as": ada.id})).status_code == 404
    response = await client.get(path, params={"as": ada.id})
    assert response.content == b"<script>1</script>"
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment")


async def test_a_permalink_finds_who_can_see_the_message(
    client: httpx.AsyncClient, workspace: Workspace, ada: User
) -> None:
    ben = workspace.add_user("ben")
    board = workspace.add_channel("board", members=[ben.id])
    said = workspace.post(board.id, ben.id, "Here")
    path = f"/archives/{board.id}/p{said.ts.replace('.', '')}"

    response = await client.get(path)
    assert response.headers["location"] == f"/?as={ben.id}&channel={board.id}#m{said.ts}"
    assert (await client.get("/archives/C1/p1")).status_code == 404


async def test_a_workspace_without_people_says_so(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert "Nobody is here yet" in response.text
    assert (await client.get("/archives/C1/p1")).status_code == 404


async def test_a_long_conversation_is_shown_in_pages(
    client: httpx.AsyncClient, workspace: Workspace, ada: User, licences: Channel
) -> None:
    for number in range(130):
        workspace.post(licences.id, ada.id, f"Message number {number:03}")
    newest = (await client.get("/")).text
    assert "Message number 129" in newest
    assert "Message number 030" in newest
    assert "Message number 029" not in newest

    first_shown = list(workspace.messages)[30]
    asked = {"as": ada.id, "channel": licences.id, "before": first_shown}
    earlier = (await client.get("/", params=asked)).text
    assert f"before={first_shown}" in newest
    assert "Message number 029" in earlier
    assert "Message number 030" not in earlier
    assert "Show earlier messages" not in earlier


async def test_a_person_hears_of_what_they_may_see(
    workspace: Workspace, ada: User, licences: Channel
) -> None:
    ben = workspace.add_user("ben")
    async with httpx.AsyncClient() as http:
        routes = page_routes(workspace, Actions(workspace, "http://127.0.0.1:9/", http))
        heard = _EventStream(Starlette(routes=routes), f"as={ada.id}")
        async with heard:
            assert "ready" in await heard.next()
            workspace.tell(ben.id, licences.id, "For Ben")
            assert "not for you" in await heard.next()
            workspace.post(licences.id, ben.id, "For everyone")
            assert f'"channel": "{licences.id}"' in await heard.next()


class _EventStream:
    """The events of the page, read one at a time from the running application."""

    def __init__(self, app: Starlette, query: str) -> None:
        self._app = app
        self._chunks: asyncio.Queue[str] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "method": "GET",
            "path": "/events",
            "query_string": query.encode(),
            "headers": [(b"host", b"127.0.0.1")],
        }

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._app(self._scope, self._receive, self._send))

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await self._task

    async def next(self) -> str:
        async with asyncio.timeout(5):
            return await self._chunks.get()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, sent: Any) -> None:
        if sent["type"] == "http.response.body" and sent["body"]:
            await self._chunks.put(sent["body"].decode())
