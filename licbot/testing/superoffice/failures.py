"""What can go wrong on the way: prepared by tests, served once each."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import isawaitable

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

NOTHING = 0
"""The status of what is never answered."""
CUT = "licbot.cut"
"""The extension in a scope by which the connection is cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure(ABC):
    """How a request goes wrong.

    after_work: what was asked for is done before; only the answer is lost.
    """

    after_work: bool = False

    @abstractmethod
    def response(self) -> Response:
        """What is sent, or not."""


@dataclass(frozen=True, slots=True)
class Timeout(Failure):
    """Never answers; the connection stays open until the client or the server closes it."""

    def response(self) -> Response:
        """Waits for the end of the connection."""
        return _Silence()


@dataclass(frozen=True, slots=True)
class Cut(Failure):
    """Closes the connection without an answer. Needs ``serve``."""

    def response(self) -> Response:
        """Closes the connection."""
        return _Cut()


@dataclass(frozen=True, slots=True)
class Status(Failure):
    """An HTTP error with a body in the way of the REST API."""

    code: int = 500
    message: str = "Something went wrong."

    def response(self) -> Response:
        """The error."""
        return JSONResponse(error_body(self.message), self.code)


@dataclass(frozen=True, slots=True)
class Busy(Failure):
    """Too many requests, or closed for the moment."""

    status: int = 429
    retry_after: str = ""

    def response(self) -> Response:
        """The refusal, and when to come again."""
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return Response("Come again later.", self.status, headers)


@dataclass(frozen=True, slots=True)
class Null(Failure):
    """200 and `null`: how agents fail."""

    def response(self) -> Response:
        """Nothing."""
        return JSONResponse(None)


@dataclass(frozen=True, slots=True)
class Message(Failure):
    """200 and a message: the other way in which agents fail."""

    text: str = "The method failed."
    detail: str = ""

    def response(self) -> Response:
        """The message."""
        return JSONResponse({"Message": self.text, "MessageDetail": self.detail})


@dataclass(frozen=True, slots=True)
class Garbage(Failure):
    """200 and a page: what a proxy in between might say."""

    def response(self) -> Response:
        """The page."""
        return HTMLResponse("<!doctype html><title>Maintenance</title><p>Back soon.")


def error_body(message: str, kind: str = "SoException") -> dict[str, object]:
    """The body of an error of the REST API."""
    return {
        "Error": True,
        "ErrorType": kind,
        "ErrorMessage": message,
        "ErrorSource": "SuperOffice.Server",
    }


class _Silence(Response):
    def __init__(self) -> None:
        super().__init__(status_code=NOTHING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _end_of_connection(receive)


class _Cut(Response):
    def __init__(self) -> None:
        super().__init__(status_code=NOTHING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cut: Callable[[], None] | None = scope.get("extensions", {}).get(CUT)
        if cut is None:
            raise ConnectionResetError("the connection was cut")
        cut()
        await _end_of_connection(receive)


async def _end_of_connection(receive: Receive) -> None:
    # The body was read before: nothing else can come. A server that ends may not wait for it.
    with suppress(asyncio.CancelledError):
        await receive()


Happening = Callable[[], Awaitable[None] | None]


@dataclass(slots=True)
class _Planned:
    where: str
    how: Failure
    times: int


@dataclass(slots=True)
class Plans:
    """What is going to happen to requests: each plan names a part of a path."""

    failures: list[_Planned] = field(default_factory=list)
    happenings: list[tuple[str, Happening]] = field(default_factory=list)

    def fail(self, where: str, how: Failure, times: int) -> None:
        """Let the next requests whose path contains a text go wrong."""
        self.failures.append(_Planned(where, how, times))

    def before(self, where: str, happening: Happening) -> None:
        """Let something happen before the next request whose path contains a text."""
        self.happenings.append((where, happening))

    async def happen(self, path: str) -> None:
        """Let happen what was planned for a path."""
        due = [each for each in self.happenings if each[0] in path]
        self.happenings = [each for each in self.happenings if each not in due]
        for _, happening in due:
            result = happening()
            if isawaitable(result):
                await result

    def next_failure(self, path: str) -> Failure | None:
        """How the request for a path goes wrong, if it does."""
        for planned in self.failures:
            if planned.where in path:
                planned.times -= 1
                if planned.times <= 0:
                    self.failures.remove(planned)
                return planned.how
        return None
