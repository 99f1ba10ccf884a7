"""The surface: Slack's deliveries to the steps' handlers, and their replies to Slack.

Bolt has a handful of listeners; which handler answers is a look-up in the plugins' tables.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from difflib import get_close_matches
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from licbot.ports.conversation import Action, Directory, Reply, Request, Say
from licbot.ports.ports import Ports
from licbot.ports.texts import clip, escape
from licbot.slack import replies
from licbot.slack.messenger import as_json, web_client
from licbot.slack.payloads import (
    Payload,
    action_request,
    command_request,
    key_of,
    submission_request,
    suggestion_request,
)
from licbot.slack.serving import in_words, is_new, serve, unless_slack_fails

ANY = re.compile(".*", re.DOTALL)
GONE = "This button is from an earlier licbot and does nothing any more. Type `/license`."

UNSHOWN = "Slack did not show the answer. Try it once more."

PATIENCE_SECONDS = 2.4
"""Slack waits three seconds for the ack; what takes longer is answered after it."""


SETTLE_SECONDS = 0.7
"""Slack takes an ack in within this time."""


class Surface:
    """Answers what people do in Slack."""

    def __init__(self, directory: Directory, ports: Ports) -> None:
        self._directory = directory
        self._ports = ports
        self.patience = PATIENCE_SECONDS
        self.settle = SETTLE_SECONDS
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._late: set[asyncio.Task[None]] = set()

    async def command(
        self, payload: Payload, ack: AsyncAck, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """``/license`` with or without a word. Commands only ask, so one sent twice is answered."""
        word, _, rest = payload.get("text", "").strip().partition(" ")
        action = self._command(word.lower())
        if action is None:
            await replies.to_command(Say(text=self._nearest(word)), payload, ack, client)
            return
        answer = asyncio.create_task(
            serve(command_request(payload, rest.strip()), action, self._ports)
        )
        waiting = await self._waiting(answer, action, payload, client)
        if waiting:
            await ack()
            self._later(self._fill(answer, waiting, client))
        elif await self._in_time(answer):
            await replies.to_command(answer.result(), payload, ack, client)
        else:
            await ack()
            self._later(self._answer_late(answer, payload, client, respond))

    async def _answer_late(
        self,
        answer: asyncio.Task[Reply],
        payload: Payload,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        await unless_slack_fails(replies.to_late_command(await answer, payload, client, respond))

    async def _waiting(
        self, answer: asyncio.Task[Reply], action: Action, payload: Payload, client: AsyncWebClient
    ) -> str:
        """The modal that is opened where one is to come and takes long; empty otherwise."""
        if not action.shows or await self._in_time(answer, self.patience / 2):
            return ""
        return await replies.open_waiting(payload, client)

    async def _fill(
        self, answer: asyncio.Task[Reply], view_id: str, client: AsyncWebClient
    ) -> None:
        await unless_slack_fails(replies.fill(await answer, view_id, client))

    async def _fill_soon(
        self, answer: asyncio.Task[Reply], view_id: str, client: AsyncWebClient
    ) -> None:
        """Fill what the ack is about to show: done before, it would be overwritten."""
        await asyncio.sleep(self.settle)
        await self._fill(answer, view_id, client)

    def _command(self, word: str) -> Action | None:
        step = self._directory.step(word)
        return step.command if step else None

    def _nearest(self, word: str) -> str:
        near = get_close_matches(word.lower(), self._directory.words(), n=1, cutoff=0.0)
        hint = f" Did you mean `/license {near[0]}`?" if near else ""
        shown = escape(clip(word, 40))
        return f"licbot has no step “{shown}”.{hint} `/license help` lists what it has."

    async def action(
        self, payload: Payload, ack: AsyncAck, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """A click or a choice."""
        pressed = payload["actions"][0]
        if not pressed.get("url") and await is_new(self._ports, key_of(payload)):
            work = asyncio.create_task(self._act(payload, client, respond))
            if not await self._in_time(work):
                self._later(work)
                await ack()
                await self._say_to_wait(payload, client, respond)
                return
        await ack()

    async def _say_to_wait(
        self, payload: Payload, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """Give a sign of life where nothing is seen to happen; a modal would be covered by it."""
        if not payload.get("view"):
            words = replies.to_action(Say(text=replies.WAIT), payload, client, respond)
            await unless_slack_fails(words)

    async def _act(self, payload: Payload, client: AsyncWebClient, respond: AsyncRespond) -> None:
        action = self._directory.action(payload["actions"][0]["action_id"], "actions")
        async with self._turn(payload):
            reply: Reply = Say(text=GONE)
            if action:
                answer = asyncio.create_task(serve(action_request(payload), action, self._ports))
                waiting = await self._waiting(answer, action, payload, client)
                if waiting:
                    await self._fill(answer, waiting, client)
                    return
                reply = await answer
            if not await unless_slack_fails(replies.to_action(reply, payload, client, respond)):
                words = replies.to_action(Say(text=UNSHOWN), payload, client, respond)
                await unless_slack_fails(words)

    async def _in_time(self, work: asyncio.Task[Any], seconds: float | None = None) -> bool:
        """Whether it is done before Slack gives up; if not, it goes on by itself."""
        done, _ = await asyncio.wait({work}, timeout=self.patience if seconds is None else seconds)
        return bool(done)

    def _later(self, work: Coroutine[Any, Any, None] | asyncio.Task[None]) -> None:
        """Keep hold of what goes on after the ack."""
        task = work if isinstance(work, asyncio.Task) else asyncio.create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def submission(self, payload: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        """OK in a modal."""
        if not await is_new(self._ports, key_of(payload)):
            await ack()
            return
        answer = asyncio.create_task(self._submitted(payload))
        if await self._in_time(answer):
            await replies.to_submission(answer.result(), ack)
        else:
            await ack(response_action="update", view=replies.waiting_view().to_dict())
            self._later(self._fill_soon(answer, payload["view"]["id"], client))

    async def _submitted(self, payload: Payload) -> Reply:
        async with self._turn(payload):
            return await self._answer(submission_request(payload), "submissions")

    async def suggestion(self, payload: Payload, ack: AsyncAck) -> None:
        """Type-ahead."""
        reply = await self._answer(suggestion_request(payload), "suggestions")
        await replies.to_suggestion(reply, ack)

    async def home(self, event: Payload, client: AsyncWebClient) -> None:
        """Someone opened the Home tab."""
        if event.get("tab", "home") != "home":
            return
        # Slack sends an event again that is not answered soon.
        self._later(self._publish_home(event["user"], client))

    async def _publish_home(self, user: str, client: AsyncWebClient) -> None:
        reply = await in_words(self._home(user))
        shown = replies.blocks_of(reply) if reply.text else reply.blocks
        view = {"type": "home", "blocks": as_json(shown)}
        await unless_slack_fails(client.views_publish(user_id=user, view=view))

    async def _home(self, user: str) -> Say:
        person = await self._ports.messenger.person(user)
        roles = await self._ports.advice.roles(person, self._ports)
        return Say(text="", blocks=await self._directory.home(person, roles, self._ports))

    async def drain(self, seconds: float) -> None:
        """Let what goes on after its ack come to its end, for so long at most."""
        if self._late:
            await asyncio.wait(self._late, timeout=seconds)

    async def _answer(self, request: Request, kind: str) -> Reply:
        action = self._directory.action(request.action, kind)
        return await serve(request, action, self._ports) if action else Say(text=GONE)

    def _turn(self, payload: Payload) -> asyncio.Lock:
        """One request of a modal at a time, so that what is shown last is what is newest."""
        view_id = payload.get("view", {}).get("id", "")
        lock = self._turns.get(view_id) or asyncio.Lock()
        if view_id:
            self._turns[view_id] = lock
        return lock


def _authorizer(client: AsyncWebClient) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Tell Bolt who licbot is; Slack is asked once, since asking at each request is slow."""
    known: list[AuthorizeResult] = []

    async def authorize(team_id: str | None) -> AuthorizeResult:
        if not known:
            answer = await client.auth_test()
            known.append(
                AuthorizeResult(
                    enterprise_id=answer.get("enterprise_id"),
                    team_id=answer.get("team_id"),
                    bot_user_id=answer.get("user_id"),
                    bot_id=answer.get("bot_id"),
                    bot_token=client.token,
                )
            )
        return known[0]

    return authorize


def build_app(surface: Surface, client: AsyncWebClient, signing_secret: str) -> AsyncApp:
    """The Bolt app. Handlers do one short transaction, so it answers when they return."""
    app = AsyncApp(
        # Bolt wants no token of its own where it is told who licbot is.
        client=web_client(None, client.base_url),
        signing_secret=signing_secret or None,
        authorize=_authorizer(client),
        process_before_response=True,
        request_verification_enabled=bool(signing_secret),
    )

    @app.command("/license")
    async def on_command(
        body: Payload, ack: AsyncAck, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await surface.command(body, ack, client, respond)

    @app.action(ANY)
    async def on_action(
        body: Payload, ack: AsyncAck, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await surface.action(body, ack, client, respond)

    @app.view(ANY)
    async def on_submission(body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        await surface.submission(body, ack, client)

    @app.view_closed(ANY)
    async def on_close(ack: AsyncAck) -> None:
        await ack()

    @app.options(ANY)
    async def on_suggestion(body: Payload, ack: AsyncAck) -> None:
        await surface.suggestion(body, ack)

    @app.event("app_home_opened")
    async def on_home(event: Payload, client: AsyncWebClient) -> None:
        await surface.home(event, client)

    return app
