"""The messenger asks Slack itself whether it may read files, and how they arrive in requests."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from licbot.ports.messenger import SentFile
from licbot.sandbox.serving import serving
from licbot.slack.messenger import SlackMessenger, web_client
from licbot.slack.payloads import submission_request


class Slack:
    """Answers ``auth.test``, with the scopes of the token as Slack names them."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.app = Starlette(routes=[Route("/api/auth.test", self._answer, methods=["POST"])])

    async def _answer(self, _: Request) -> JSONResponse:
        return JSONResponse({"ok": True}, headers=self.headers)


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def client(slack: Slack) -> AsyncIterator[AsyncWebClient]:
    async with serving(slack.app) as address:
        yield web_client("xoxb-1", f"{address}/api/")


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ({"x-oauth-scopes": "chat:write,files:read"}, True),
        ({"X-OAuth-Scopes": "files:read, commands"}, True),
        ({"x-oauth-scopes": "chat:write,files:read.not,remote_files:read"}, False),
        ({"x-oauth-scopes": ""}, False),
        ({}, True),
    ],
)
async def test_the_scopes_of_the_token_decide(
    slack: Slack, client: AsyncWebClient, headers: dict[str, str], may: bool
) -> None:
    """Where Slack does not say, the download will tell."""
    slack.headers = headers

    assert await SlackMessenger(client).may_read_files() is may


async def test_a_scope_that_was_just_given_counts_at_once(
    slack: Slack, client: AsyncWebClient
) -> None:
    messenger = SlackMessenger(client)
    slack.headers = {"x-oauth-scopes": "commands"}
    assert not await messenger.may_read_files()

    slack.headers = {"x-oauth-scopes": "commands,files:read"}

    assert await messenger.may_read_files()


def test_files_of_a_submission_stand_under_their_field() -> None:
    download, private = "https://files.slack.com/download/F1", "https://files.slack.com/F2"
    whole = {
        "id": "F1",
        "name": "new.lic",
        "size": 12,
        "url_private": "https://files.slack.com/F1",
        "url_private_download": download,
    }
    bare = {"id": "F2", "title": "old", "size": "12", "url_private": private}
    values = {
        "a": {"load:file": {"type": "file_input", "files": [whole, bare, {}]}},
        "b": {"other:file": {"type": "file_input"}},
        "c": {"words": {"type": "plain_text_input", "value": "hello"}},
    }

    request = submission_request({"user": {"id": "U1"}, "view": {"state": {"values": values}}})

    assert request.files == {
        "load:file": [
            SentFile(id="F1", name="new.lic", size=12, address=download),
            SentFile(id="F2", name="old", size=None, address=private),
            SentFile(id="", name="", size=None, address=""),
        ],
        "other:file": [],
    }
    assert request.values["words"] == "hello"
