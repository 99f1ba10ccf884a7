"""What a person does in the workspace, delivered to the app as Slack delivers it."""

from __future__ import annotations

import functools
import html
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ParamSpec

import httpx

from licbot.sandbox import payloads
from licbot.sandbox.choosing import add_file, check_room_for, keep, new_value
from licbot.sandbox.delivery import Answer, Courier, Delivery
from licbot.sandbox.elements import Placed, options_of
from licbot.sandbox.entry import entry_errors
from licbot.sandbox.methods_files import new_file
from licbot.sandbox.records import Channel, Json, Refused, User, View
from licbot.sandbox.responses import answer_command
from licbot.sandbox.rules import check_options
from licbot.sandbox.shapes import view_json
from licbot.sandbox.submission import apply_answer
from licbot.sandbox.surfaces import Redrawn, Target, Unable, find_element, find_target, own_view
from licbot.sandbox.workspace import Workspace

# From how many characters on an external select asks, unless it says so itself.
_MIN_QUERY_LENGTH = 3

_P = ParamSpec("_P")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of something a person did.

    `error` is a sentence for the person; `errors` are messages by block_id; `confirm` is the
    confirmation object to show before doing it again with `confirmed=True`; `options` and
    `option_groups` are what a suggestion request brought; `file` is an uploaded file's id;
    `redrawn` tells that what they used was drawn anew, or taken away, before it got here;
    `status` is the app's HTTP status, None where nothing was sent or nothing came back.
    """

    ok: bool = True
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    confirm: Json | None = None
    options: list[Json] = field(default_factory=list)
    option_groups: list[Json] = field(default_factory=list)
    file: str = ""
    redrawn: bool = False
    status: int | None = None


def _told(
    act: Callable[_P, Awaitable[Outcome]],
) -> Callable[_P, Coroutine[Any, Any, Outcome]]:
    """Turn what cannot be done into an outcome that says so."""

    @functools.wraps(act)
    async def acting(*args: _P.args, **kwargs: _P.kwargs) -> Outcome:
        try:
            return await act(*args, **kwargs)
        except Unable as unable:
            return Outcome(ok=False, error=str(unable), redrawn=isinstance(unable, Redrawn))

    return acting


class Actions:
    """A client of the workspace for all its people.

    Every method takes the id of the user who acts. An element is named by its message
    (`message_ts`) or view (`view_id`, modal or Home tab) and by its block_id and action_id.
    `deliveries` is everything that was sent to the app, the latest last.

    :param request_url: where the app listens
    :param http: the client to send with
    """

    def __init__(self, workspace: Workspace, request_url: str, http: httpx.AsyncClient) -> None:
        self.workspace = workspace
        self.deliveries: list[Delivery] = []
        self._courier = Courier(workspace, request_url, http)

    # Elements

    @_told
    async def press(
        self,
        user: str,
        *,
        block_id: str,
        action_id: str,
        message_ts: str = "",
        view_id: str = "",
        confirmed: bool = False,
    ) -> Outcome:
        """Press a button."""
        person, target, item = self._found(user, message_ts, view_id, block_id, action_id)
        if item.element["type"] != "button":
            raise Unable("Only buttons can be pressed.")
        if "confirm" in item.element and not confirmed:
            return Outcome(ok=False, confirm=item.element["confirm"])
        return await self._dispatch(person, target, item, {})

    @_told
    async def choose(
        self,
        user: str,
        *,
        block_id: str,
        action_id: str,
        values: Sequence[str],
        message_ts: str = "",
        view_id: str = "",
        confirmed: bool = False,
    ) -> Outcome:
        """Give an element a new value and, where the element does that, tell the app.

        :param values: all that is chosen afterwards: values of options, ids of users or
            conversations, YYYY-MM-DD, HH:MM, or a text
        """
        person, target, item = self._found(user, message_ts, view_id, block_id, action_id)
        value = new_value(self.workspace, user, target, item, values)
        if "confirm" in item.element and not confirmed:
            return Outcome(ok=False, confirm=item.element["confirm"])
        keep(target, item, value)
        if not item.dispatches:
            return Outcome()
        return await self._dispatch(person, target, item, value)

    @_told
    async def type(
        self,
        user: str,
        *,
        block_id: str,
        action_id: str,
        values: Sequence[str],
        message_ts: str = "",
        view_id: str = "",
    ) -> Outcome:
        """Give an element a new value without telling the app."""
        _person, target, item = self._found(user, message_ts, view_id, block_id, action_id)
        keep(target, item, new_value(self.workspace, user, target, item, values))
        return Outcome()

    @_told
    async def suggest(
        self,
        user: str,
        *,
        block_id: str,
        action_id: str,
        value: str,
        message_ts: str = "",
        view_id: str = "",
    ) -> Outcome:
        """Ask the app for the options of an external select."""
        person, target, item = self._found(user, message_ts, view_id, block_id, action_id)
        if len(value) < item.element.get("min_query_length", _MIN_QUERY_LENGTH):
            return Outcome()
        delivery = payloads.block_suggestion(self.workspace, person, target, item, value)
        answer = await self._deliver(delivery)
        wrong = check_options(answer.body) if answer.ok else []
        if not answer.ok or wrong:
            self.workspace.refused += [Refused("invalid_options", tuple(wrong))] if wrong else []
            return Outcome(ok=False, error="No choices could be loaded.", status=answer.status)
        key = (user, block_id, action_id)
        self.workspace.suggestions.setdefault(key, []).extend(options_of(answer.body))
        return Outcome(
            options=answer.body.get("options") or [],
            option_groups=answer.body.get("option_groups") or [],
            status=answer.status,
        )

    # Views

    @_told
    async def submit(self, user: str, view_id: str) -> Outcome:
        """Submit a modal; the errors that keep it open are in the outcome and on the view."""
        person, view = self._person(user), self._top_modal(user, view_id)
        view.errors, view.notice = entry_errors(view), ""
        if view.errors:
            self.workspace.announce_view(view)
            return Outcome(ok=False, errors=view.errors)
        delivery = payloads.view_submission(self.workspace, person, view)
        answer = await self._deliver(delivery)
        if not answer.ok:
            return self._trouble(view, answer)
        try:
            errors = apply_answer(self.workspace, view, answer.body)
        except Refused:
            return self._trouble(view, answer)
        return Outcome(ok=not errors, errors=errors, status=answer.status)

    @_told
    async def close(self, user: str, view_id: str, *, clear: bool = False) -> Outcome:
        """Close a modal, with `clear` or where the view says so all that are open."""
        person, view = self._person(user), self._top_modal(user, view_id)
        cleared = clear or bool(view.payload.get("clear_on_close"))
        gone = list(reversed(self.workspace.stack(user))) if cleared else [view]
        status: int | None = None
        for closed in gone:
            self.workspace.close_view(closed)
            if closed.payload.get("notify_on_close"):
                told = payloads.view_closed(self.workspace, person, closed, cleared=cleared)
                status = (await self._deliver(told)).status
        return Outcome(status=status)

    @_told
    async def open_home(self, user: str) -> Outcome:
        """Look at the Home tab; what the app publishes is in `workspace.homes`."""
        channel = self.workspace.direct_messages(self._person(user).id)
        content: Json = {"type": "app_home_opened", "user": user, "channel": channel.id}
        home = self.workspace.homes.get(user)
        if home is not None:
            content["view"] = view_json(self.workspace, home)
        return await self._event("app_home_opened", content | {"tab": "home"})

    # Conversations

    @_told
    async def command(self, user: str, channel: str, text: str) -> Outcome:
        """Send a slash command such as "/license review"; what it is answered becomes a message."""
        person = self._person(user)
        name, _, rest = text.strip().partition(" ")
        place = self._own_channel(user, channel)
        if name not in self.workspace.commands or "commands" not in self.workspace.app.scopes:
            raise Unable(f"There is no command {name} here.")
        delivery = payloads.slash_command(self.workspace, person, place, name, rest.strip())
        answer = await self._deliver(delivery)
        if not answer.ok:
            return self._failed(user, channel, f"{name} did not work: {self._why(answer)}", answer)
        try:
            answer_command(self.workspace, user, channel, answer.body)
        except Refused as refused:
            sentence = f"{name} did not work: its answer was refused ({refused.error})."
            return self._failed(user, channel, sentence, answer)
        return Outcome(status=answer.status)

    @_told
    async def post_message(self, user: str, channel: str, text: str) -> Outcome:
        """Write a message; the app hears of it in its direct messages."""
        place = self._own_channel(user, channel)
        escaped = html.escape(text, quote=False)
        message = self.workspace.post(place.id, self._person(user).id, escaped)
        if place.kind != "im":
            return Outcome()
        content = {"type": "message", "channel": place.id, "user": user, "text": escaped}
        return await self._event("message.im", content | {"ts": message.ts, "channel_type": "im"})

    @_told
    async def upload(
        self,
        user: str,
        name: str,
        content: bytes,
        *,
        channel: str = "",
        view_id: str = "",
        block_id: str = "",
        action_id: str = "",
    ) -> Outcome:
        """Upload a file into a conversation, or into a file input of a view."""
        if view_id:
            return self._upload_into_view(user, name, content, view_id, block_id, action_id)
        place = self._own_channel(user, channel)
        file = replace(new_file(self.workspace, user, name, content), channels=(place.id,))
        self.workspace.files[file.id] = file
        self.workspace.post(place.id, user, "", files=[file.id])
        shared: Json = {"type": "file_shared", "file_id": file.id, "user_id": user}
        shared |= {"file": {"id": file.id}, "channel_id": place.id}
        outcome = await self._event("file_shared", shared)
        return replace(outcome, file=file.id)

    def _upload_into_view(
        self, user: str, name: str, content: bytes, view_id: str, block_id: str, action_id: str
    ) -> Outcome:
        _person, target, item = self._found(user, "", view_id, block_id, action_id)
        check_room_for(target, item, name)
        file = new_file(self.workspace, user, name, content)
        add_file(self.workspace, target, item, file)
        return Outcome(file=file.id)

    # Deliveries that do not go as they should

    async def redeliver(
        self, delivery: Delivery, retry_num: int = 1, reason: str = "http_timeout"
    ) -> Answer:
        """Send something again, word for word, as Slack does with events."""
        extra = {"x-slack-retry-num": str(retry_num), "x-slack-retry-reason": reason}
        return await self._courier.deliver(delivery, extra)

    async def repeat(self, delivery: Delivery) -> Answer:
        """Do again what was done before, from a screen that has not noticed: a new request."""
        fresh = dict(delivery.payload)
        if "trigger_id" in fresh:
            before = self.workspace.triggers[fresh["trigger_id"]]
            fresh["trigger_id"] = self.workspace.issue_trigger(before.user, before.view_id)
        if "actions" in fresh:
            at = self.workspace.next_ts()
            fresh["actions"] = [{**action, "action_ts": at} for action in fresh["actions"]]
        return await self._deliver(replace(delivery, payload=fresh))

    async def send_raw(self, body: str, headers: Mapping[str, str]) -> Answer:
        """Send a body with exactly these headers."""
        return await self._courier.send(body, headers)

    async def forge(self, delivery: Delivery) -> Answer:
        """Send something with a signature that was made with another secret."""
        headers = self._courier.signed(delivery.body) | {"content-type": delivery.content_type}
        headers["x-slack-signature"] = f"v0={secrets.token_hex(32)}"
        return await self._courier.send(delivery.body, headers)

    async def deliver_late(self, delivery: Delivery, timestamp: int) -> Answer:
        """Send something that was signed at `timestamp`, in seconds since the epoch."""
        headers = self._courier.signed(delivery.body, timestamp)
        headers["content-type"] = delivery.content_type
        return await self._courier.send(delivery.body, headers)

    async def announce_event(self, content: Json) -> Outcome:
        """Send an event that comes from no person, such as `app_uninstalled`."""
        return await self._event(str(content["type"]), content)

    # Within

    async def _deliver(self, delivery: Delivery) -> Answer:
        self.deliveries.append(delivery)
        return await self._courier.deliver(delivery)

    async def _event(self, name: str, content: Json) -> Outcome:
        if name not in self.workspace.events:
            return Outcome()
        answer = await self._deliver(payloads.event(self.workspace, content))
        error = "" if answer.ok else self._why(answer)
        return Outcome(ok=answer.ok, error=error, status=answer.status)

    async def _dispatch(self, person: User, target: Target, item: Placed, value: Json) -> Outcome:
        delivery = payloads.block_action(self.workspace, person, target, item, value)
        answer = await self._deliver(delivery)
        if answer.ok:
            return Outcome(status=answer.status)
        if isinstance(target.where, View):
            return self._trouble(target.where, answer)
        sentence = f"That did not work: {self._why(answer)}"
        return self._failed(person.id, target.where.channel, sentence, answer)

    def _found(
        self, user: str, message_ts: str, view_id: str, block_id: str, action_id: str
    ) -> tuple[User, Target, Placed]:
        target = find_target(self.workspace, self._person(user).id, message_ts, view_id)
        return self.workspace.users[user], target, find_element(target, block_id, action_id)

    def _person(self, user: str) -> User:
        person = self.workspace.users.get(user)
        if person is None or person.deleted:
            raise Unable("This person is not a member here.")
        return person

    def _own_channel(self, user: str, channel: str) -> Channel:
        place = self.workspace.channels.get(channel)
        if place is None or user not in place.members:
            raise Unable("This person is not in that conversation.")
        return place

    def _top_modal(self, user: str, view_id: str) -> View:
        view = own_view(self.workspace, user, view_id)
        stack = self.workspace.stack(user)
        if not stack or stack[-1] is not view:
            raise Unable("Another view is in front of this one.")
        return view

    def _why(self, answer: Answer) -> str:
        app = self.workspace.app.name
        if answer.status is None:
            return f"{app} did not answer in time. Please try again."
        return f"{app} answered with an error ({answer.status}). Please try again."

    def _failed(self, user: str, channel: str, sentence: str, answer: Answer) -> Outcome:
        self.workspace.tell(user, channel, sentence)
        return Outcome(ok=False, error=sentence, status=answer.status)

    def _trouble(self, view: View, answer: Answer) -> Outcome:
        if answer.ok:
            view.notice = f"The answer of {self.workspace.app.name} could not be shown."
        else:
            view.notice = self._why(answer)
        self.workspace.announce_view(view)
        return Outcome(ok=False, error=view.notice, status=answer.status)
