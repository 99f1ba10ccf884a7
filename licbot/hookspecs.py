"""Every hook that a plugin may implement, with what it is given and what it gives."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pluggy
import typer
from slack_sdk.models.blocks import Block

from licbot.domain.changes import Change
from licbot.domain.events import Event
from licbot.domain.people import Holder, Person, Role
from licbot.domain.removals import RemovalAdvice
from licbot.domain.review import Review
from licbot.ports.clock import Clock
from licbot.ports.conversation import Step
from licbot.ports.database import Database, Migrations
from licbot.ports.ports import Ports
from licbot.ports.system import LicensedSystem
from licbot.ports.vault import Vault

hookspec = pluggy.HookspecMarker("licbot")
hookimpl = pluggy.HookimplMarker("licbot")
"""Marks the functions of a plugin that implement a hook."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemContext:
    """What a licensed system is made of.

    name: the name of its table ``[systems.<name>]``; settings: what stands in it.
    folder: where relative paths in the settings start. vault: keeps secrets of this system.
    """

    name: str
    settings: Mapping[str, Any] = field(repr=False)
    folder: str
    database: Database
    clock: Clock
    vault: Vault


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemKind:
    """A kind of licensed system.

    check: what is wrong with its settings, in words with the cure, without touching the network.
    build: makes the system from settings that ``check`` found nothing wrong with.
    keeps_secrets: whether such settings make it keep secrets in the vault.
    """

    name: str
    check: Callable[[Mapping[str, Any], str], Sequence[str]]
    build: Callable[[SystemContext], LicensedSystem]
    keeps_secrets: Callable[[Mapping[str, Any]], bool] = lambda settings: False


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a page in the browser says: plain text, which licbot escapes and frames.

    title: a few words. text: paragraphs. ok: whether it went well.
    """

    title: str
    text: Sequence[str]
    ok: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """An address of licbot that people reach with their browser, such as after signing in.

    path: begins with ``/``. answer: is given the parameters of the query, each once; what is
    given twice is left out.
    """

    path: str
    answer: Callable[[Mapping[str, str], Ports], Awaitable[Shown]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of the confirmation message or of the Home tab.

    place: from 0 (top) to 100 (bottom); parts of one place stand in the order of their plugins.
    """

    place: int
    blocks: Sequence[Block]


class Hooks:
    """The hooks. A plugin implements as many as it likes, in any module of its entry point."""

    @hookspec
    def licbot_steps(self) -> Sequence[Step]:
        """Give licensing steps: their words, the roles they need and their handlers."""
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_systems(self) -> Sequence[SystemKind]:
        """Give kinds of licensed systems."""
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_pages(self) -> Sequence[Page]:
        """Give pages that people reach with their browser."""
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_migrations(self) -> Sequence[Migrations]:
        """Give the migrations of the plugin's own tables."""
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_commands(self, app: typer.Typer) -> None:
        """Add commands for operators.

        :param app: the ``licbot`` command line.
        """

    @hookspec
    def licbot_roles(self, person: Person, ports: Ports) -> Awaitable[frozenset[Role]]:
        """Give the roles a person has; those of all plugins add up.

        :param person: who asks, with their verified e-mail address.
        :param ports: the outside.
        """
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_requirements(
        self, activation: str, changes: Sequence[Change], ports: Ports
    ) -> Awaitable[Sequence[str]]:
        """Say what an activation still needs, in words; nothing where it may run.

        Every plugin must be satisfied: the strictest wins.

        :param activation: the id of the activation.
        :param changes: every module licence, with what the planned removals free.
        :param ports: the outside.
        """
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_removal_advice(self, holder: Holder) -> RemovalAdvice | None:
        """Say what to know before a holder is picked; the strictest lane wins.

        :param holder: a user of the licensed system.
        """

    @hookspec
    def licbot_events(self, kind: str, event: Event, ports: Ports) -> Awaitable[None]:
        """Be told of an event after it is committed.

        :param kind: the name of the event's class, such as ``ActivationVerified``.
        :param event: what happened.
        :param ports: the outside.
        """
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_card(self, review: Review, ports: Ports) -> Awaitable[Sequence[Part]]:
        """Give parts of the confirmation message.

        :param review: the activation with its offer, its changes and its plan.
        :param ports: the outside.
        """
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def licbot_home(
        self, person: Person, roles: frozenset[Role], ports: Ports
    ) -> Awaitable[Sequence[Part]]:
        """Give parts of a person's Home tab.

        :param person: whose tab it is.
        :param roles: what they may do.
        :param ports: the outside.
        """
        raise NotImplementedError  # pluggy never calls a specification
