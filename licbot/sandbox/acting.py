"""What the page sends when a person acts, checked and handed to the workspace's actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from licbot.sandbox.actions import Actions, Outcome
from licbot.sandbox.workspace import Workspace

Given = Mapping[str, Any]


class Acts:
    """One method a kind of action; each reads what it needs before anything happens.

    A method raises KeyError, TypeError or ValueError when a part is missing or of a wrong type.
    """

    def __init__(self, workspace: Workspace, actions: Actions) -> None:
        self._workspace = workspace
        self._actions = actions
        self._kinds: Mapping[str, Callable[[str, Given], Awaitable[Outcome]]] = {
            "command": self._command,
            "message": self._message,
            "press": self._press,
            "choose": self._choose,
            "type": self._type,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "dismiss": self._dismiss,
        }

    def prepared(self, user: str, given: Given) -> Awaitable[Outcome]:
        """The action that was asked for; it happens when the result is awaited."""
        return self._kinds[given["kind"]](user, given)

    def suggestions(self, user: str, given: Given) -> Awaitable[Outcome]:
        """The question to the app for options."""
        return self._actions.suggest(user, value=str(given["value"]), **_element(given))

    def _command(self, user: str, given: Given) -> Awaitable[Outcome]:
        return self._actions.command(user, str(given["channel"]), str(given["text"]))

    def _message(self, user: str, given: Given) -> Awaitable[Outcome]:
        return self._actions.post_message(user, str(given["channel"]), str(given["text"]))

    def _press(self, user: str, given: Given) -> Awaitable[Outcome]:
        confirmed = bool(given.get("confirmed"))
        return self._actions.press(user, confirmed=confirmed, **_element(given))

    def _choose(self, user: str, given: Given) -> Awaitable[Outcome]:
        return self._actions.choose(
            user,
            values=_strings(given["values"]),
            confirmed=bool(given.get("confirmed")),
            **_element(given),
        )

    def _type(self, user: str, given: Given) -> Awaitable[Outcome]:
        return self._actions.type(user, values=_strings(given["values"]), **_element(given))

    def _submit(self, user: str, given: Given) -> Awaitable[Outcome]:
        view_id = str(given["view_id"])
        typed = [
            self._type(user, {**entry, "view_id": view_id}) for entry in given.get("entered", ())
        ]
        return self._submitted(user, view_id, typed)

    async def _submitted(
        self, user: str, view_id: str, typed: Sequence[Awaitable[Outcome]]
    ) -> Outcome:
        """What was typed last is set first, so that no keystroke is lost to a quick Enter."""
        outcomes = [await entry for entry in typed]
        refused = next((outcome for outcome in outcomes if not outcome.ok), None)
        return refused or await self._actions.submit(user, view_id)

    def _close(self, user: str, given: Given) -> Awaitable[Outcome]:
        clear = bool(given.get("clear"))
        return self._actions.close(user, str(given["view_id"]), clear=clear)

    def _home(self, user: str, _: Given) -> Awaitable[Outcome]:
        return self._actions.open_home(user)

    def _dismiss(self, user: str, given: Given) -> Awaitable[Outcome]:
        return self._dismissed(user, str(given["message_ts"]))

    async def _dismissed(self, user: str, ts: str) -> Outcome:
        message = self._workspace.messages.get(ts)
        if message is not None and message.ephemeral_for == user:
            self._workspace.delete(message)
        return Outcome()


def _element(given: Given) -> dict[str, str]:
    """The names of an element and of the surface it stands on."""
    names = {"block_id": given["block_id"], "action_id": given["action_id"]}
    places = {key: given[key] for key in ("message_ts", "view_id") if given.get(key)}
    return {key: str(value) for key, value in {**names, **places}.items()}


def _strings(values: Any) -> list[str]:
    return [str(value) for value in values]
