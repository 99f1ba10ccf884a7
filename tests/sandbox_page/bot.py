"""A small app for the page to talk to: it answers as told, and remembers what it heard."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sandbox_page.gallery import HOME, MESSAGE, PEOPLE, Json, modal, second_modal


class Bot:
    """Answers slash commands, clicks and forms with the gallery.

    `heard` are the payloads in order; while `gate` is not set no answer is given.
    """

    def __init__(self, api: httpx.AsyncClient) -> None:
        self._api = api
        self.heard: list[Json] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._news = asyncio.Condition()
        self.app = Starlette(routes=[Route("/slack/events", self._take, methods=["POST"])])

    async def until_heard(self, kind: str, **wanted: Any) -> Json:
        """The first payload of this type whose fields are as wanted, now or later."""
        async with asyncio.timeout(10), self._news:
            while True:
                for payload in self.heard:
                    if payload.get("type") == kind and wanted.items() <= payload.items():
                        return payload
                await self._news.wait()

    @property
    def closed(self) -> list[Json]:
        """The views of which it was told that they were closed."""
        return [one["view"] for one in self.heard if one["type"] == "view_closed"]

    async def call(self, method: str, **arguments: Any) -> Json:
        """Call the Web API."""
        response = await self._api.post(f"/api/{method}", json=arguments)
        answer: Json = response.json()
        assert answer["ok"], answer
        return answer

    async def _take(self, request: Request) -> Response:
        payload = await self._payload(request)
        async with self._news:
            self.heard.append(payload)
            self._news.notify_all()
        await self.gate.wait()
        answers = {
            "command": self._command,
            "block_actions": self._action,
            "view_submission": self._submission,
            "block_suggestion": self._suggestion,
            "event_callback": self._event,
        }
        answer = answers.get(payload["type"])
        return await answer(payload) if answer else Response()

    async def _payload(self, request: Request) -> Json:
        if "json" in request.headers["content-type"]:
            event: Json = await request.json()
            return event
        form = await request.form()
        if "payload" in form:
            interaction: Json = json.loads(str(form["payload"]))
            return interaction
        return {"type": "command", **{key: str(value) for key, value in form.items()}}

    async def _command(self, payload: Json) -> Response:
        if payload["text"] == "post":
            await self.call(
                "chat.postMessage", channel=payload["channel_id"], text="News", blocks=MESSAGE
            )
        elif payload["text"] == "modal":
            await self.call("views.open", trigger_id=payload["trigger_id"], view=modal())
        else:
            return JSONResponse({"response_type": "ephemeral", "text": "Nothing is waiting."})
        return Response()

    async def _action(self, payload: Json) -> Response:
        action = payload["actions"][0]
        if action["action_id"] == "activate":
            await self.call(
                "chat.update",
                channel=payload["channel"]["id"],
                ts=payload["message"]["ts"],
                text=f"Activated by <@{payload['user']['id']}>",
                blocks=[],
            )
        elif action["action_id"] == "open":
            await self.call("views.open", trigger_id=payload["trigger_id"], view=modal())
        elif action["action_id"] == "push":
            await self.call("views.push", trigger_id=payload["trigger_id"], view=second_modal())
        elif action["action_id"] == "people":
            await self._count(payload, f"· {len(action['selected_options'])} chosen")
        elif action["action_id"] == "search":
            await self._count(payload, f"· looking for “{action['value']}”")
        elif action["action_id"] == "order":
            await self._count(payload, f"· by {action['selected_option']['value']}")
        return Response()

    async def _count(self, payload: Json, note: str) -> None:
        view = payload["view"]
        await self.call("views.update", view_id=view["id"], hash=view["hash"], view=modal(note))

    async def _submission(self, payload: Json) -> Response:
        why = payload["view"]["state"]["values"]["why"]["why"]["value"]
        if why == "because":
            errors = {"why": "Please say it in a sentence."}
            return JSONResponse({"response_action": "errors", "errors": errors})
        return Response()

    async def _suggestion(self, payload: Json) -> Response:
        wanted = payload["value"].lower()
        return JSONResponse(
            {"options": [one for one in PEOPLE if wanted in one["text"]["text"].lower()]}
        )

    async def _event(self, payload: Json) -> Response:
        if payload["event"]["type"] == "app_home_opened":
            await self.call("views.publish", user_id=payload["event"]["user"], view=HOME)
        return Response()
