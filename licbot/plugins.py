"""Loads the plugins, checks them, and is the only caller of their hooks."""

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any, TypeVar

import pluggy
import typer
from slack_sdk.models.blocks import Block

from licbot.domain.changes import Change
from licbot.domain.events import Event
from licbot.domain.people import Holder, Person, Role
from licbot.domain.removals import RemovalAdvice, strictest
from licbot.domain.review import Review
from licbot.hookspecs import Hooks, Page, Part, SystemKind
from licbot.ports.conversation import Action, Step
from licbot.ports.database import Migrations
from licbot.ports.ports import Ports

GROUP = "licbot"

R = TypeVar("R")

OWN_PATHS = frozenset({"/healthz", "/readyz", "/slack/events"})
"""Addresses of licbot itself, which no page may have."""


class PluginError(Exception):
    """A plugin cannot be used; the message names it and says what to do."""


class Plugins:
    """The loaded plugins, with one typed method for each hook."""

    def __init__(self, modules: Mapping[str, object]) -> None:
        """Take plugins by name. Raises PluginError for the first that cannot be used."""
        self._manager = pluggy.PluginManager("licbot")
        self._manager.add_hookspecs(Hooks)
        for name, module in modules.items():
            self._register(name, module)
        self._steps = _by_word(self.steps())
        self._pages = _distinct(_flat(self._manager.hook.licbot_pages()))

    def _register(self, name: str, module: object) -> None:
        try:
            self._manager.register(module, name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise PluginError(
                f"The plugin '{name}' does not fit licbot: {_one_line(error)}. "
                "Correct the hook's name and arguments, or uninstall the plugin."
            ) from error

    @property
    def names(self) -> Sequence[str]:
        """The names of the loaded plugins, sorted."""
        return sorted(name for name, _ in self._manager.list_name_plugin())

    def steps(self) -> Sequence[Step]:
        """All licensing steps."""
        return _flat(self._manager.hook.licbot_steps())

    def step(self, word: str) -> Step | None:
        """The step with this name or alias."""
        return self._steps.get(word)

    def words(self) -> Sequence[str]:
        """The names of the steps that have a command, and their aliases."""
        return [word for word, step in self._steps.items() if word and step.command]

    def summaries(self, ports: Ports) -> Sequence[tuple[str, str]]:
        """The words of ``/license`` that are of use here with a line on each, sorted."""
        return sorted(
            (step.name, step.summary)
            for step in self.steps()
            if step.command and step.is_offered(ports)
        )

    def action(self, action_id: str, kind: str) -> Action | None:
        """The handler behind an action_id or callback_id ``<step>:<verb>[:…]``.

        kind: ``actions``, ``submissions`` or ``suggestions``.
        """
        name, _, rest = action_id.partition(":")
        step = self._steps.get(name)
        if step is None or step.name != name:
            return None
        table: Mapping[str, Action] = getattr(step, kind)
        return table.get(rest.partition(":")[0])

    def systems(self) -> Mapping[str, SystemKind]:
        """The kinds of licensed systems, by name."""
        return {kind.name: kind for kind in _flat(self._manager.hook.licbot_systems())}

    def pages(self) -> Sequence[Page]:
        """The pages that people reach with their browser."""
        return self._pages

    def migrations(self) -> Sequence[Migrations]:
        """The migrations of plugins with tables of their own, by their names."""
        return sorted(_flat(self._manager.hook.licbot_migrations()), key=lambda each: each.name)

    def commands(self, app: typer.Typer) -> None:
        """Let plugins add their commands for operators."""
        self._manager.hook.licbot_commands(app=app)

    async def roles(self, person: Person, ports: Ports) -> frozenset[Role]:
        """The roles a person has: those the settings and the systems give, and the plugins'."""
        roles = {Role.ANYONE}
        if person.id in ports.policy.administrators or await _administers(person, ports):
            roles |= {Role.ADMIN, Role.VIEWER}
        answers = await _all(self._manager.hook.licbot_roles(person=person, ports=ports))
        return frozenset(roles).union(*answers)

    async def unmet(
        self, activation: str, changes: Sequence[Change], ports: Ports
    ) -> Sequence[str]:
        """What is still missing before an activation may run, by all plugins."""
        asked = self._manager.hook.licbot_requirements(
            activation=activation, changes=changes, ports=ports
        )
        return _flat(await _all(asked))

    def removal(self, holder: Holder) -> RemovalAdvice:
        """What to know before a holder is picked."""
        return strictest(self._manager.hook.licbot_removal_advice(holder=holder))

    async def card(self, review: Review, ports: Ports) -> Sequence[Block]:
        """The confirmation message, of the parts that plugins give."""
        return _stacked(
            _flat(await _all(self._manager.hook.licbot_card(review=review, ports=ports)))
        )

    async def home(self, person: Person, roles: frozenset[Role], ports: Ports) -> Sequence[Block]:
        """A person's Home tab, of the parts that plugins give."""
        asked = self._manager.hook.licbot_home(person=person, roles=roles, ports=ports)
        return _stacked(_flat(await _all(asked)))

    async def tell(self, kind: str, event: Event, ports: Ports) -> None:
        """Tell every plugin of an event."""
        await _all(self._manager.hook.licbot_events(kind=kind, event=event, ports=ports))


def load_plugins() -> Plugins:
    """The installed plugins. Raises PluginError, naming the one that cannot be used."""
    modules: dict[str, object] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            modules[entry.name] = entry.load()
        except Exception as error:  # a plugin may raise anything while it is imported
            raise PluginError(
                f"The plugin '{entry.name}' ({entry.value}) cannot be loaded: "
                f"{_one_line(error)}. Mend or uninstall it, then start again."
            ) from error
    return Plugins(modules)


async def _administers(person: Person, ports: Ports) -> bool:
    for system in ports.systems.values():
        if await system.is_administrator(person):
            return True
    return False


async def _all(answers: Iterable[Awaitable[R]]) -> list[R]:
    """What all plugins answer; one that raises keeps none of the others from being awaited."""
    results = await asyncio.gather(*answers, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


def _by_word(steps: Iterable[Step]) -> Mapping[str, Step]:
    table: dict[str, Step] = {}
    for step in steps:
        for word in (step.name, *step.aliases):
            if word in table:
                raise PluginError(
                    f"The steps '{table[word].name}' and '{step.name}' both answer to "
                    f"'{word}'. Uninstall one of the plugins that bring them."
                )
            table[word] = step
    return table


def _distinct(pages: Sequence[Page]) -> Sequence[Page]:
    taken = set(OWN_PATHS)
    for page in pages:
        if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", page.path):
            raise PluginError(
                f"'{page.path}' is not a path that a page can have. Correct it in the plugin: it "
                "must be of the form /word/word, with letters, digits and . _ ~ - only."
            )
        if page.path in taken:
            raise PluginError(
                f"The path '{page.path}' is taken by licbot itself or by the page of another "
                "plugin. Uninstall one of the plugins, or change the path in it."
            )
        taken.add(page.path)
    return pages


def _stacked(parts: Sequence[Part]) -> Sequence[Block]:
    ordered = sorted(parts, key=lambda part: part.place)
    return [block for part in ordered for block in part.blocks]


def _flat(answers: Iterable[Sequence[Any]]) -> list[Any]:
    return [item for answer in answers for item in answer]


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
