"""Holding requests and answers to SuperOffice's OpenAPI files, where they are at hand.

``OpenApi.load()`` reads them from the folder that LICBOT_SUPEROFFICE_OPENAPI names, or from
``data/superoffice`` in LICBOT_SHARED or in ``../shared``; without them it gives None.
``Watch`` collects what is wrong about everything that a tenant serves::

    watch = Watch(api)
    tenant.observers.append(watch)
    ...
    assert watch.problems == []
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft4Validator
from jsonschema.protocols import Validator

from licbot.testing.superoffice import Exchange

Json = Any
ROOT = Path(__file__).parent.parent
CARRIERS = {
    "SuperOffice.License.ExtendedLicenseInfo",
    "SuperOffice.License.ExtendedModuleLicense",
    "SuperOffice.CRM.Services.User",
}
"""What clients send back as they were given it, with whatever else was in it."""
FORM = "application/x-www-form-urlencoded"
MESSAGE = {"Message", "MessageDetail"}


def _folders() -> Iterator[Path]:
    if named := os.environ.get("LICBOT_SUPEROFFICE_OPENAPI"):
        yield Path(named)
    shared = Path(os.environ.get("LICBOT_SHARED") or ROOT.parent / "shared")
    yield shared / "data" / "superoffice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    pattern: re.Pattern[str]
    spec: Mapping[str, Json]

    def parameters(self, place: str) -> dict[str, Json]:
        """The parameters in a place, by name."""
        return {each["name"]: each for each in self.spec["parameters"] if each["in"] == place}


class OpenApi:
    """The operations and definitions of some Swagger 2.0 files."""

    def __init__(self, documents: list[Json]) -> None:
        definitions: dict[str, Json] = {}
        self._operations: list[Operation] = []
        for document in documents:
            definitions.update(document["definitions"])
            self._operations += _operations(document["paths"])
        self._operations.sort(key=_vagueness)
        self._schemas = {
            "loose": {name: _converted(each, "loose") for name, each in definitions.items()},
            "strict": {name: _converted(each, "strict") for name, each in definitions.items()},
        }

    @classmethod
    def load(cls) -> "OpenApi | None":
        """The files that are at hand, or None."""
        for folder in _folders():
            files = sorted(folder.glob("*.json"))
            if files:
                return cls([json.loads(file.read_text(encoding="utf-8")) for file in files])
        return None

    def check_request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> list[str]:
        """What is wrong about a request. The path is the one below ``/api/v1``."""
        operation = self._find(method, path)
        if operation is None:
            return [f"{method} {path}: no such operation"]
        found = [
            *_query_problems(operation, query),
            *_header_problems(operation, headers),
            *self._body_problems(operation, headers, body),
        ]
        return [f"{method} {path}: {problem}" for problem in found]

    def check_response(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """What is wrong about an answer; errors have no schema."""
        operation = self._find(method, path)
        if operation is None or status >= 400:
            return []
        spec = operation.spec["responses"].get(str(status))
        if spec is None:
            return [f"{method} {path}: the status {status} is not described"]
        found = self._answer_problems(operation, spec.get("schema"), body)
        return [f"{method} {path}: answered {problem}" for problem in found]

    def _find(self, method: str, path: str) -> Operation | None:
        fitting = (
            each
            for each in self._operations
            if each.method == method and each.pattern.fullmatch(path)
        )
        return next(fitting, None)

    def _body_problems(
        self, operation: Operation, headers: Mapping[str, str], body: bytes
    ) -> Iterator[str]:
        kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
        described = list(operation.parameters("body").values())
        if operation.path.startswith("/Archive/") and operation.method == "POST":
            yield from self._form_problems(operation, kind, body)
        elif not described:
            if body:
                yield "a body, where none is described"
        elif not body:
            yield "no body"
        elif kind not in operation.spec["consumes"]:
            yield f"a body of the kind {kind or 'unknown'}"
        elif kind.endswith("json"):
            yield from self._json_problems(body, described[0]["schema"], "strict")

    def _form_problems(self, operation: Operation, kind: str, body: bytes) -> Iterator[str]:
        """The form says what the address says otherwise; the files do not repeat it."""
        if kind != FORM:
            yield f"a body of the kind {kind or 'unknown'}, not a form"
            return
        in_address = next(
            each
            for each in self._operations
            if each.path == operation.path and each.method == "GET"
        )
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        yield from _query_problems(in_address, form)

    def _answer_problems(self, operation: Operation, schema: Json, body: bytes) -> Iterator[str]:
        if schema is None:
            if body:
                yield "a body, where none is described"
        elif not (operation.path.endswith("$metadata") and body.startswith(b"<")):
            yield from self._json_problems(body, schema, "loose")

    def _json_problems(self, body: bytes, schema: Json, kind: str) -> Iterator[str]:
        try:
            value = json.loads(body)
        except ValueError:
            yield "a body that is no JSON"
            return
        if value is None or (isinstance(value, dict) and value.keys() == MESSAGE):
            return
        for error in self._validator(schema, kind).iter_errors(value):
            yield f"{error.message[:200]} at {error.json_path}"

    def _validator(self, schema: Json, kind: str) -> Validator:
        return self._base.evolve(schema={**self._schemas, **_converted(schema, kind)})

    @cached_property
    def _base(self) -> Validator:
        return Draft4Validator(self._schemas)


@dataclass(slots=True)
class Watch:
    """Checks everything that a tenant serves below ``/api/v1``; an observer of it.

    relaxed: parts of paths that are not checked.
    """

    api: OpenApi
    relaxed: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)

    def __call__(self, exchange: Exchange) -> None:
        served = exchange.served
        if not served.below or any(part in served.path for part in self.relaxed):
            return
        self.problems += self.api.check_request(
            served.method, served.below, served.query, served.headers, exchange.body
        )
        if served.status is not None and not served.injected:
            self.problems += self.api.check_response(
                served.method, served.below, served.status, exchange.answer
            )


def _operations(paths: Mapping[str, Json]) -> Iterator[Operation]:
    for path, methods in paths.items():
        below = path.removeprefix("/api/v1")
        for method, spec in methods.items():
            yield Operation(
                method=method.upper(), path=below, pattern=_pattern(below, spec), spec=spec
            )


def _pattern(path: str, spec: Json) -> re.Pattern[str]:
    numbers = {
        each["name"]
        for each in spec["parameters"]
        if each["in"] == "path" and each["type"] == "integer"
    }
    parts = [
        _part(part[1:-1] in numbers) if part.startswith("{") else re.escape(part)
        for part in path.split("/")
    ]
    return re.compile("/".join(parts))


def _part(is_number: bool) -> str:
    return r"-?\d+" if is_number else "[^/]+"


def _vagueness(operation: Operation) -> tuple[int, int]:
    """Paths without variables go first, then those with numbers."""
    return operation.path.count("{"), operation.pattern.pattern.count("[^/]+")


def _converted(schema: Json, kind: str) -> Json:
    """A JSON schema of a schema of Swagger 2.0, which knows no null: here anything may be null.

    In strict ones objects have no other properties; what is carried back is never strict.
    """
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        return {"$ref": f"#/{'loose' if name in CARRIERS else kind}/{name}"}
    if schema.get("type") == "array":
        return {"type": ["array", "null"], "items": _converted(schema["items"], kind)}
    if schema.get("type") != "object":
        return _scalar(schema)
    if "properties" in schema:
        properties = {name: _converted(each, kind) for name, each in schema["properties"].items()}
        closed = {"additionalProperties": False} if kind == "strict" else {}
        return {"type": ["object", "null"], "properties": properties, **closed}
    values = schema.get("additionalProperties")
    if not values:
        # An object of which nothing is said may be any value: that is how they write "anything".
        return {}
    return {"type": ["object", "null"], "additionalProperties": _converted(values, kind)}


def _scalar(schema: Json) -> Json:
    kept = {"type": [schema["type"], "null"]}
    return {**kept, "enum": [*schema["enum"], None]} if "enum" in schema else kept


def _query_problems(operation: Operation, query: Mapping[str, str]) -> Iterator[str]:
    known = operation.parameters("query")
    for name in query.keys() - known.keys():
        yield f"unknown query parameter {name}"
    for name, spec in known.items():
        if spec.get("required") and name not in query:
            yield f"the query parameter {name} is missing"
        elif name in query and not _fits(query[name], spec["type"]):
            yield f"the query parameter {name} is no {spec['type']}"


def _fits(text: str, kind: str) -> bool:
    if kind == "integer":
        return text.lstrip("-").isdecimal()
    return kind != "boolean" or text.casefold() in ("true", "false")


def _header_problems(operation: Operation, headers: Mapping[str, str]) -> Iterator[str]:
    known = {name.casefold() for name in operation.parameters("header")}
    for name in headers:
        if name.casefold().startswith("so-") and name.casefold() not in known:
            yield f"unknown header {name}"
