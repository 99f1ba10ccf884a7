"""What a tenant writes down, for tests to look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from licbot.testing.superoffice.licenses import SimLicense

CAN_LOGIN = "canLogin"
"""What stands for a module where somebody's sign-in was switched."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Save:
    """One licence that a user got or lost, or their sign-in switched on or off.

    module: the name of the licence, or ``canLogin``.
    before, after: whether the user had it, and has it.
    by: the login of whoever did it.
    """

    user: int
    owner: str
    module: str
    before: bool
    after: bool
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Activation:
    """A licence that was put in force through the API."""

    owner: str
    license: SimLicense
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A request and how it was answered.

    below: the path below ``/api/v1``, such as ``/License``; empty where it is elsewhere.
    headers: by their names in lower case, what lets in replaced by dots.
    who: the login of the user who asked, where known.
    status: None where nothing was answered.
    injected: whether a planned failure answered.
    """

    method: str
    path: str
    below: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    who: str | None
    status: int | None
    injected: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """A request with its body, and the answer with its own."""

    served: Served
    body: bytes = field(repr=False)
    answer: bytes = field(repr=False)
