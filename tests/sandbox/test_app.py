"""The whole workspace is one application: Web API, answers, files and the page."""

from __future__ import annotations

import httpx

from licbot.sandbox.actions import Actions
from licbot.sandbox.app import create_sandbox
from licbot.sandbox.workspace import Workspace


async def test_the_workspace_serves_its_web_api_and_its_page(workspace: Workspace) -> None:
    app = create_sandbox(workspace, "http://app.test/slack/events")
    transport = httpx.ASGITransport(app)
    bearer = {"authorization": "Bearer xoxb-local"}

    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:3080", follow_redirects=True
        ) as http,
    ):
        who = await http.post("/api/auth.test", headers=bearer)
        answer = await http.post("/response/R0", json={"text": "x"})
        page = await http.get("/")

    assert who.json()["bot_id"] == workspace.app.bot_id
    assert answer.json()["error"] == "used_url"
    assert "text/html" in page.headers["content-type"]
    assert isinstance(app.state.actions, Actions)
