"""A local workspace with people, a bot that answers, and a browser to look at it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.routing import Mount

from licbot.sandbox.app import create_sandbox
from licbot.sandbox.records import Channel, User
from licbot.sandbox.workspace import Workspace
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import complaints_of
from tests.sandbox_page.bot import Bot


@dataclass(frozen=True, kw_only=True)
class Office:
    """A workspace that is served, the people in it and the bot behind it."""

    workspace: Workspace
    bot: Bot
    url: str
    ada: User
    ben: User
    mallory: User
    licences: Channel
    board: Channel

    def address(self, user: User, channel: Channel | None = None) -> str:
        """Where the page stands for somebody, in #licences unless said otherwise."""
        return f"{self.url}/?as={user.id}&channel={(channel or self.licences).id}"


@asynccontextmanager
async def served(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application on this socket for as long as the context lasts."""
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await running


def _listener() -> tuple[socket.socket, str]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    # Listening from now on, so that who comes before the server is ready waits for it.
    listener.listen()
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest_asyncio.fixture(loop_scope="module")
async def office() -> AsyncIterator[Office]:
    """A workspace of three people, one of them with a name that wants to be markup."""
    workspace = Workspace(bot_token="xoxb-page", signing_secret="page-secret")
    ada = workspace.add_user("ada", real_name="Ada Lovelace", email="ada@nordwind.example")
    ben = workspace.add_user("ben", real_name="Ben Approver", email="ben@nordwind.example")
    mallory = workspace.add_user("mal", real_name='<script>alert("1")</script> *Mal*')
    everyone = [ada.id, ben.id, mallory.id]
    licences = workspace.add_channel("licences", members=everyone)
    board = workspace.add_channel("board", private=True, members=[ada.id])
    workspace.add_command("/license", "See, check and activate licences", "[step]")
    workspace.add_command("/remind", "Be reminded of something", "[what]")
    listener, url = _listener()
    workspace.base_url = url
    headers = {"authorization": f"Bearer {workspace.bot_token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as api:
        bot = Bot(api)
        async with served(_together(workspace, bot, url), listener):
            yield Office(
                workspace=workspace,
                bot=bot,
                url=url,
                ada=ada,
                ben=ben,
                mallory=mallory,
                licences=licences,
                board=board,
            )


def _together(workspace: Workspace, bot: Bot, url: str) -> Starlette:
    """The workspace and the bot on one server: starting two takes longer than the tests."""
    sandbox = create_sandbox(workspace, f"{url}/bot/slack/events")
    return Starlette(
        routes=[Mount("/bot", bot.app), Mount("/", sandbox)],
        lifespan=sandbox.router.lifespan_context,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A screen of usual size; offices have ports of their own, so nothing stored is shared."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(desk: BrowserContext, office: Office) -> AsyncIterator[Page]:
    """Ada in #licences; an error in the page's scripts or its policy fails the test."""
    opened = await desk.new_page()
    complaints = complaints_of(opened)
    await opened.goto(office.address(office.ada))
    yield opened
    await opened.close()
    assert complaints == []
