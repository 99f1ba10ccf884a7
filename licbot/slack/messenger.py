"""The messenger: Slack's Web API, with its limits."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from licbot.domain.people import Person
from licbot.ports.messenger import MessageGone, SentFile
from licbot.ports.store import Card
from licbot.slack.files import Files

REMEMBER_SECONDS = 300.0
REMEMBER_PEOPLE = 5_000

FILES_SCOPE = "files:read"

GONE = frozenset({"message_not_found", "cant_update_message"})


def web_client(token: str | None, api_url: str) -> AsyncWebClient:
    """A Web API client that waits where Slack asks it to."""
    return AsyncWebClient(
        token=token,
        base_url=api_url if api_url.endswith("/") else f"{api_url}/",
        timeout=10,
        retry_handlers=[
            AsyncRateLimitErrorRetryHandler(max_retry_count=3),
            AsyncConnectionErrorRetryHandler(max_retry_count=1),
            AsyncServerErrorRetryHandler(max_retry_count=2),
        ],
    )


class SlackMessenger:
    """Implements the messenger port."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._files = Files(client.token or "", client.base_url, proxy=client.proxy)
        self._people: dict[str, tuple[float, Person]] = {}

    async def post(self, channel: str, text: str, blocks: Sequence[Block]) -> Card:
        """Post a message."""
        answer = await self._client.chat_postMessage(
            channel=channel, text=text, blocks=as_json(blocks), unfurl_links=False
        )
        return Card(channel=answer["channel"], ts=answer["ts"])

    async def update(self, card: Card, text: str, blocks: Sequence[Block]) -> None:
        """Replace a message in place."""
        try:
            await self._client.chat_update(
                channel=card.channel, ts=card.ts, text=text, blocks=as_json(blocks)
            )
        except SlackApiError as error:
            if error.response.get("error") in GONE:
                raise MessageGone from error
            raise

    async def permalink(self, card: Card) -> str | None:
        """The address of a message."""
        try:
            answer = await self._client.chat_getPermalink(channel=card.channel, message_ts=card.ts)
        except SlackApiError as error:
            if error.response.get("error") in GONE:
                raise MessageGone from error
            return None
        link: str | None = answer.get("permalink")
        return link

    async def person(self, user: str) -> Person:
        """Who this Slack user is, remembered for five minutes."""
        remembered = self._people.get(user)
        if remembered and time.monotonic() - remembered[0] < REMEMBER_SECONDS:
            return remembered[1]
        answer = await self._client.users_info(user=user, include_locale=True)
        person = as_person(user, answer.get("user") or {})
        if len(self._people) >= REMEMBER_PEOPLE:
            self._people.clear()
        self._people[user] = (time.monotonic(), person)
        return person

    async def may_read_files(self) -> bool:
        """Whether the token has the scope for it. Asked anew each time: it may just have come."""
        answer = await self._client.auth_test()
        headers = {name.lower(): words for name, words in answer.headers.items()}
        granted = headers.get("x-oauth-scopes")
        return granted is None or FILES_SCOPE in granted.replace(",", " ").split()

    async def download(self, file: SentFile, most: int) -> bytes:
        """The content of a file. Raises FilesForbidden, FileTooLarge or FileUnreadable."""
        return await self._files.fetch(file, most)


def as_person(user: str, account: Mapping[str, Any]) -> Person:
    """A Slack account; only a full, active member's confirmed e-mail address counts."""
    profile = account.get("profile") or {}
    doubtful = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    trusted = account.get("is_email_confirmed") is True and not any(
        account.get(flag) for flag in doubtful
    )
    return Person(
        id=user,
        name=profile.get("display_name") or account.get("real_name") or account.get("name") or user,
        email=(profile.get("email") or None) if trusted else None,
        language=_language(account.get("locale")),
    )


def _language(locale: object) -> str:
    """The two letters before the country, such as in ``de-DE``."""
    return locale[:2].lower() if isinstance(locale, str) and len(locale) > 1 else "en"


def as_json(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Blocks as Slack's JSON."""
    return [block.to_dict() for block in blocks]
