"""People: those who hold seats, and those who talk to licbot."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may do. A step names the one it needs."""

    ANYONE = "anyone"
    VIEWER = "viewer"
    ADMIN = "admin"
    APPROVER = "approver"
    AUDITOR = "auditor"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Someone in Slack.

    email: their verified address; ``None`` where Slack has none, or for guests, bots, strangers
    and deactivated accounts, who are never matched with a user of the licensed system.
    language: what they read, in two letters.
    """

    id: str
    name: str
    email: str | None = None
    language: str = "en"


class HolderKind(StrEnum):
    """Associates are told apart from other users (system and anonymous ones)."""

    ASSOCIATE = "associate"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """A user of the licensed system who holds a module licence.

    last_login: UTC; ``None`` where it is unknown, which never counts as idle.
    open_requests: open cases of theirs that keep the system from taking a seat.
    """

    id: str
    name: str
    email: str = ""
    kind: HolderKind = HolderKind.ASSOCIATE
    administrator: bool = False
    can_login: bool = True
    last_login: datetime | None = None
    open_requests: int = 0


class HolderFilter(StrEnum):
    """Which holders to list."""

    ALL = "all"
    ASSOCIATES = "associates"
    OTHERS = "others"
    NO_LOGIN = "no_login"
    UNKNOWN = "unknown"


class HolderOrder(StrEnum):
    """In which order to list them; unknown sign-ins come last in either."""

    LEAST_RECENT = "least_recent"
    MOST_RECENT = "most_recent"
    NAME = "name"


@dataclass(frozen=True, kw_only=True, slots=True)
class HolderQuery:
    """One page of the holders of a module licence.

    search: part of a name or an e-mail address, without case.
    only: where given, no other users than these.
    """

    module: str
    search: str = ""
    filter: HolderFilter = HolderFilter.ALL
    order: HolderOrder = HolderOrder.LEAST_RECENT
    only: frozenset[str] | None = None
    offset: int = 0
    limit: int = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class HolderPage:
    """What a query found: the holders of the page, and how many match in all.

    as_of: how old the list is; ``None`` where the system was asked just now.
    """

    holders: tuple[Holder, ...]
    total: int
    as_of: datetime | None = None
