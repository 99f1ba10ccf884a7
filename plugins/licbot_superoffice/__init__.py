"""The ``superoffice`` licensed system: a tenant of SuperOffice, Online or onsite."""

from collections.abc import Mapping, Sequence
from typing import Any

from licbot.domain.people import Holder
from licbot.domain.removals import Lane, RemovalAdvice
from licbot.hookspecs import Page, SystemKind, hookimpl
from licbot.ports.conversation import Step
from licbot.ports.database import Migrations
from licbot.ports.texts import count
from licbot_superoffice import connect, pages, settings
from licbot_superoffice.assembly import build

KIND = "superoffice"


@hookimpl
def licbot_systems() -> Sequence[SystemKind]:
    """Give the kind ``superoffice``."""
    return [SystemKind(name=KIND, check=settings.check, build=build, keeps_secrets=_keeps_secrets)]


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give ``connect`` and ``disconnect``."""
    return connect.steps()


@hookimpl
def licbot_pages() -> Sequence[Page]:
    """Give the page where people come back to after they signed in."""
    return pages.pages()


@hookimpl
def licbot_migrations() -> Sequence[Migrations]:
    """Give the migrations of the tables."""
    return [Migrations(name=KIND, location="licbot_superoffice:migrations")]


@hookimpl
def licbot_removal_advice(holder: Holder) -> RemovalAdvice | None:
    """Keep from picking those whose seat SuperOffice does not give, and look twice at some."""
    if holder.open_requests:
        why = f"{count(holder.open_requests, 'open request')} in Service"
        return RemovalAdvice(lane=Lane.PROTECTED, why=why)
    if holder.administrator:
        return RemovalAdvice(lane=Lane.NEEDS_REVIEW, why="administrator")
    return None


def _keeps_secrets(given: Mapping[str, Any]) -> bool:
    """Sign-ins and tickets are kept Online; an installation of one's own has a password only."""
    return not given.get("address")
