"""Archives: lists of users, requests and licences, asked for as OData."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from xml.sax.saxutils import quoteattr

from starlette.responses import Response

from licbot.testing.superoffice.calls import Call, Refused, Routes, reply
from licbot.testing.superoffice.filters import BadFilter, parse
from licbot.testing.superoffice.providers import NAMES, Entity, Provider, provider
from licbot.testing.superoffice.tenant import Tenant

Json = Any
OPTIONS = ("$select", "$filter", "$orderBy", "$entities", "$top", "$skip", "$mode", "$output")
CHECKED = "checked"
"""The hint for an icon which stands for a true value, for who asks for what is displayed."""


def add_archives(routes: Routes) -> None:
    """Answer the archives."""
    routes.add("GET", "/Archive", list_archives)
    routes.add("GET", "/Archive/{name}", get_archive)
    routes.add("POST", "/Archive/{name}", post_archive)
    routes.add("GET", "/Archive/{name}/$metadata", get_metadata)


def list_archives(tenant: Tenant, call: Call) -> Response:
    """The names of the archives, and where they are."""
    return reply({name: f"{call.endpoint}/api/v1/Archive/{name}" for name in NAMES})


def get_archive(tenant: Tenant, call: Call, name: str) -> Response:
    """An archive, asked for in the address."""
    return answer(tenant, call, name, call.query)


def post_archive(tenant: Tenant, call: Call, name: str) -> Response:
    """An archive, asked for in a form."""
    form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    return answer(tenant, call, name, form)


def get_metadata(tenant: Tenant, call: Call, name: str) -> Response:
    """The entities and columns of an archive."""
    found = _provider(tenant, call, name)
    if tenant.metadata_as == "xml":
        return Response(_xml(name, found), media_type="application/xml")
    rows = [
        {"name": each, "type": kind, "description": f"The {kind} {each} of {name}"}
        for each, kind in _described(found)
    ]
    return reply({"odata.metadata": _address(call, name), "odata.nextLink": None, "value": rows})


def answer(tenant: Tenant, call: Call, name: str, asked: Mapping[str, str]) -> Response:
    """A page of an archive. Raises Refused."""
    found = _provider(tenant, call, name)
    wanted = _wanted(found, asked, tenant)
    rows, more = _page(found, wanted)
    return reply(
        {
            "odata.metadata": f"{_address(call, name)}/$metadata",
            "odata.nextLink": _next_link(call, name, asked, wanted) if more else None,
            "value": [_shown(found, wanted, row) for row in rows],
        }
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    columns: dict[str, Callable[[Any], Any]]
    entities: dict[str, Entity]
    test: Callable[[Any], bool] | None
    order: list[tuple[Callable[[Any], Any], bool]]
    top: int
    skip: int
    full: bool
    logical: bool


def _wanted(found: Provider, asked: Mapping[str, str], tenant: Tenant) -> _Wanted:
    options = {name.casefold(): value for name, value in asked.items()}
    selected = _names(options.get("$select", "")) or list(found.default)
    entities = _pick(found.entities, _names(options.get("$entities", "")), "entity")
    return _Wanted(
        columns=_pick(found.columns, selected, "column"),
        entities=entities,
        test=_filter(found, options.get("$filter", "")),
        order=_order(found, options.get("$orderby", "")),
        top=min(_count(options.get("$top"), tenant.top_limit), tenant.top_limit),
        skip=_count(options.get("$skip"), 0),
        full=options.get("$mode", "").casefold() == "full",
        logical=(options.get("$output") or tenant.output).casefold() == "logical",
    )


def _page(found: Provider, wanted: _Wanted) -> tuple[list[Any], bool]:
    """The rows of a page, and whether more are left."""
    rows = found.rows()
    if wanted.entities:
        tests = list(wanted.entities.values())
        rows = (row for row in rows if any(test(row) for test in tests))
    if wanted.test:
        rows = filter(wanted.test, rows)
    kept = list(rows)
    for column, descending in reversed(wanted.order):
        kept.sort(key=lambda row: _sortable(column(row)), reverse=descending)
    end = wanted.skip + wanted.top
    return kept[wanted.skip : end], end < len(kept)


def _shown(found: Provider, wanted: _Wanted, row: Any) -> Json:
    matched = (name for name, test in wanted.entities.items() if test(row))
    shown = {
        "PrimaryKey": str(found.columns[found.primary](row)),
        "EntityName": next(matched, next(iter(found.entities))),
    }
    for name, column in wanted.columns.items():
        shown[name] = _cell(column(row), wanted)
    return shown


def _cell(value: Any, wanted: _Wanted) -> Json:
    if wanted.full:
        shown = CHECKED if value is True else "" if value is False else str(value)
        return {"RawValue": value, "DisplayValue": shown, "TooltipHint": "", "LinkHint": ""}
    if isinstance(value, bool) and not wanted.logical:
        return CHECKED if value else ""
    return value


def _sortable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _provider(tenant: Tenant, call: Call, name: str) -> Provider:
    found = provider(tenant, name, call.language(tenant.language))
    if found is None:
        raise Refused(404, f"There is no archive {name}.", "SoNotFoundException")
    return found


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _pick(known: Mapping[str, Any], names: list[str], kind: str) -> dict[str, Any]:
    """What is known by names, whatever their case, by the names as asked for."""
    folded = {name.casefold(): value for name, value in known.items()}
    unknown = [name for name in names if name.casefold() not in folded]
    if unknown:
        raise Refused(400, f"The archive has no {kind} {unknown[0]}.", "ArgumentException")
    return {name: folded[name.casefold()] for name in names}


def _filter(found: Provider, text: str) -> Callable[[Any], bool] | None:
    if not text.strip():
        return None
    try:
        test = parse(text, set(found.columns))
    except BadFilter as why:
        raise Refused(400, str(why), "ArgumentException") from None
    return lambda row: test(lambda name: found.columns[name](row))


def _order(found: Provider, text: str) -> list[tuple[Callable[[Any], Any], bool]]:
    parts = [part.split() for part in _names(text)]
    columns = _pick(found.columns, [part[0] for part in parts], "column")
    return [(columns[part[0]], part[-1].casefold() == "desc") for part in parts]


def _count(text: str | None, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal():
        raise Refused(400, f"{text} is no number of rows.", "ArgumentException")
    return int(text)


def _address(call: Call, name: str) -> str:
    return f"{call.endpoint}/api/v1/Archive/{quote(name)}"


def _next_link(call: Call, name: str, asked: Mapping[str, str], wanted: _Wanted) -> str:
    rest = {key: value for key, value in asked.items() if key.casefold() != "$skip"}
    query = {**rest, "$skip": str(wanted.skip + wanted.top)}
    return f"{_address(call, name)}?{urlencode(query)}"


def _described(found: Provider) -> list[tuple[str, str]]:
    entities = [(name, "entity") for name in found.entities]
    return [*entities, *((name, "column") for name in found.columns)]


def _xml(name: str, found: Provider) -> str:
    rows = "".join(
        f"<{kind.capitalize()} Name={quoteattr(each)}/>" for each, kind in _described(found)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">'
        f"<edmx:DataServices><Schema><EntityType Name={quoteattr(name)}>{rows}"
        "</EntityType></Schema></edmx:DataServices></edmx:Edmx>"
    )
