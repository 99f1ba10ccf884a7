"""What the demo shows: a licensed system with people in it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Someone to be in the workspace."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A scene that can begin.

    tables: what ``licbot.toml`` says of it. environment: secrets that stand beside it.
    hints: what people can try, in lines.
    """

    tables: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    hints: str = ""


class Scene(Protocol):
    """A licensed system to try licbot on. members: the first one administers it."""

    @property
    def members(self) -> Sequence[Member]:
        """Who is in the workspace."""
        ...

    def prepare(self) -> None:
        """Furnish it with operators' commands, which read their settings from the environment."""
        ...

    def open(self, address: str) -> AbstractAsyncContextManager[Ready]:
        """Have it run beside licbot, which listens at this address."""
        ...
