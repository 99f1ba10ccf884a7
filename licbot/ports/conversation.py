"""What a person asked for in Slack, and what licbot answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

from licbot.domain.people import Person, Role
from licbot.ports.messenger import SentFile
from licbot.ports.ports import Ports


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """A group of check boxes: what was listed, what was ticked when drawn, what is ticked."""

    block_id: str
    listed: frozenset[str]
    shown: frozenset[str]
    ticked: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One thing a person did.

    user, name: who; a Slack user id and their handle. language: what they read, in two letters.
    channel: where, empty in modals.
    text: the words after the step's name in a command; what was typed in a suggestion.
    action: the full action_id of what was pressed or chosen. value: its value or chosen option.
    selection: the group of check boxes that changed. metadata: the view's private_metadata.
    block_ids: the blocks of the view or message, in order.
    values: what the view's or message's inputs hold, by action_id.
    selections: all groups of check boxes of the view, as they stand.
    files: what was handed over in the view's file inputs, by action_id.
    modal: whether it came from a modal.
    """

    user: str
    name: str = ""
    language: str = "en"
    team: str = ""
    channel: str = ""
    text: str = ""
    action: str = ""
    value: str = ""
    selection: Selection | None = None
    metadata: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    selections: Sequence[Selection] = ()
    files: Mapping[str, Sequence[SentFile]] = field(default_factory=dict)
    modal: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """Tell the person something only they see.

    instead: in a modal, it takes the modal's place, which has become pointless.
    """

    text: str
    blocks: Sequence[Block] = ()
    instead: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Show:
    """Open a modal, on top of the one that is open."""

    view: View


@dataclass(frozen=True, kw_only=True, slots=True)
class Replace:
    """Replace the modal that the request came from."""

    view: View


@dataclass(frozen=True, kw_only=True, slots=True)
class Errors:
    """Keep the modal open and say what is wrong, by block_id of an input."""

    by_block: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggest:
    """Options for a type-ahead."""

    options: Sequence[Option]


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """Nothing to say; a modal closes."""


Reply = Say | Show | Replace | Errors | Suggest | Done

Handler = Callable[[Request, Ports], Awaitable[Reply]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A handler and the role it needs.

    shows: it answers with a modal. Where that takes long, an empty one is opened at once, since
    Slack lets licbot open one only for three seconds.
    """

    handler: Handler
    role: Role
    shows: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A licensing step.

    name: its word in ``/license``. summary: one line for the help.
    command: what the word does. Actions are keyed by the verb in ``<step>:<verb>`` or
    ``<step>:<verb>:<anything>`` as action_id; submissions by the verb in the view's
    callback_id of the same form.
    aliases: other words for it; the empty one is ``/license`` alone.
    is_offered: whether the help names it; not where none of the systems knows the like.
    """

    name: str
    summary: str
    command: Action | None = None
    aliases: Sequence[str] = ()
    actions: Mapping[str, Action] = field(default_factory=dict)
    submissions: Mapping[str, Action] = field(default_factory=dict)
    suggestions: Mapping[str, Action] = field(default_factory=dict)
    is_offered: Callable[[Ports], bool] = lambda ports: True


class Directory(Protocol):
    """Finds the handler behind what a person did."""

    def step(self, word: str) -> Step | None:
        """The step with this name or alias."""
        ...

    def words(self) -> Sequence[str]:
        """The names of the steps that have a command, and their aliases."""
        ...

    def action(self, action_id: str, kind: str) -> Action | None:
        """The handler behind an action_id or callback_id ``<step>:<verb>[:…]``.

        kind: ``actions``, ``submissions`` or ``suggestions``.
        """
        ...

    async def home(self, person: Person, roles: frozenset[Role], ports: Ports) -> Sequence[Block]:
        """A person's Home tab."""
        ...
