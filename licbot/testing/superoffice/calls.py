"""Requests as the stand-in's methods see them, and how they answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.routing import compile_path

from licbot.testing.superoffice.failures import error_body
from licbot.testing.superoffice.users import SimUser

Json = Any


@dataclass(kw_only=True, slots=True)
class Call:
    """A request.

    below: the path below ``/api/v1``; empty where it is elsewhere.
    query: the last value of each name. headers: by names in lower case.
    origin: scheme and host. endpoint: where the tenant is served.
    who: whoever asks, once that is known.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    origin: str
    below: str = ""
    endpoint: str = ""
    who: SimUser | None = None

    @property
    def asker(self) -> SimUser:
        """Whoever asks. Raises Refused where that is not known."""
        if self.who is None:
            raise Refused(401, "Sign in first.", "SoSecurityException")
        return self.who

    def language(self, otherwise: str) -> str:
        """The language asked for, as iso2."""
        wanted = self.headers.get("so-language") or self.headers.get("accept-language") or ""
        first = wanted.partition(",")[0].partition(";")[0].strip().casefold()
        return first[:2] if first and first[0].isalpha() else otherwise

    def json(self) -> Json:
        """The body. Raises Refused where it is no JSON, or does not say that it is."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if kind not in ("application/json", "text/json"):
            raise Refused(415, f"The media type '{kind}' is not supported for this resource.")
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(400, "The request body is not valid JSON.", "JsonException") from None

    def fields(self) -> Mapping[str, Json]:
        """The body, an object. Raises Refused where it is none."""
        body = self.json()
        if not isinstance(body, dict):
            raise Refused(400, "The request body is missing.", "ArgumentNullException")
        return body

    def text(self, name: str) -> str:
        """A text in the body; empty where it is missing. Raises Refused for anything else."""
        value = self.fields().get(name)
        if value is not None and not isinstance(value, str):
            raise Refused(400, f"{name} is not a string.", "JsonException")
        return value or ""

    def number(self, name: str) -> int:
        """A number in the body; 0 where it is missing. Raises Refused for anything else."""
        value = self.fields().get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Refused(400, f"{name} is not an integer.", "JsonException")
        return value or 0


class Refused(Exception):
    """A request was refused; answered in the way of the REST API."""

    def __init__(self, status: int, message: str, kind: str = "SoException") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind

    def response(self) -> Response:
        """The answer."""
        return reply(error_body(self.message, self.kind), self.status)


def reply(value: Json, status: int = 200) -> Response:
    """An answer in JSON."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written(content, status)


def written(content: str, status: int = 200) -> Response:
    """An answer in JSON that is written already."""
    return Response(content, status, media_type="application/json; charset=utf-8")


def message(text: str, detail: str = "") -> Response:
    """How an agent says that something failed."""
    return reply({"Message": text, "MessageDetail": detail})


def select(value: Json, wanted: str) -> Json:
    """An object in which all properties but the wanted ones are null."""
    names = {name.strip().casefold() for name in wanted.split(",") if name.strip()}
    if not names or not isinstance(value, dict):
        return value
    return {key: each if key.casefold() in names else None for key, each in value.items()}


Handler = Callable[..., Response]


class Routes:
    """Which function answers which method and path."""

    def __init__(self) -> None:
        self._table: list[tuple[str, Any, Any, Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Let a function answer; ``{name}`` and ``{name:int}`` in the path become arguments."""
        pattern, _, convertors = compile_path(path)
        self._table.append((method, pattern, convertors, handler))

    def find(self, method: str, path: str) -> tuple[Handler, Mapping[str, Any]]:
        """The function for a method and path, and its arguments. Raises Refused."""
        known = False
        for allowed, pattern, convertors, handler in self._table:
            found = pattern.match(path)
            if found and allowed == method:
                values = found.groupdict()
                return handler, {key: convertors[key].convert(values[key]) for key in values}
            known = known or bool(found)
        if known:
            raise Refused(405, "The requested resource does not support this method.")
        raise Refused(404, "No resource was found at this address.", "SoNotFoundException")
