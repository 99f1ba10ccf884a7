"""What Online and onsite have in common: from an HTTP request to its answer, and the ledger."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from licbot.testing.superoffice.admin import admin_page
from licbot.testing.superoffice.agents import add_agents
from licbot.testing.superoffice.archives import add_archives
from licbot.testing.superoffice.calls import Call, Handler, Refused, Routes, message, reply, select
from licbot.testing.superoffice.ledger import Exchange, Served
from licbot.testing.superoffice.rest import add_rest
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
SECRET_HEADERS = {"authorization", "so-apptoken", "cookie"}


def _api() -> Routes:
    routes = Routes()
    add_agents(routes)
    add_archives(routes)
    add_rest(routes)
    return routes


API = _api()


class Deployment(ABC):
    """Tenants at an address. ``app`` is the ASGI application; see ``serve``."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self.tenants = {tenant.customer.casefold(): tenant for tenant in tenants}
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=list(METHODS))])

    async def _serve(self, request: Request) -> Response:
        call = await _read(request)
        tenant = self.tenant_of(call.path)
        concerned = [tenant] if tenant else list(self.tenants.values())
        for each in concerned:
            await each.plans.happen(call.path)
        failures = (each.plans.next_failure(call.path) for each in concerned)
        failure = next((each for each in failures if each), None)
        if failure is None:
            response = self._answer(call)
        else:
            if failure.after_work:
                self._answer(call)
            response = failure.response()
        for each in concerned:
            _write_down(each, call, response, injected=failure is not None)
        return response

    def _answer(self, call: Call) -> Response:
        try:
            return self.answer(call)
        except Refused as why:
            return why.response()

    @abstractmethod
    def tenant_of(self, path: str) -> Tenant | None:
        """The tenant that a path belongs to, if it does to one."""

    @abstractmethod
    def answer(self, call: Call) -> Response:
        """The answer to a request. Raises Refused."""

    @abstractmethod
    def authenticate(self, tenant: Tenant, call: Call) -> SimUser:
        """Whoever asks. Raises Refused."""

    def is_closed(self, tenant: Tenant, call: Call) -> bool:
        """Whether a method is not open to apps."""
        return any(call.below.startswith(each) for each in tenant.closed)

    def serve_tenant(self, tenant: Tenant, call: Call, rest: str) -> Response:
        """The answer to a request below the address of a tenant. Raises Refused."""
        if rest == "/admin":
            return admin_page(tenant, call)
        if rest == "/api":
            return reply({"NetServerVersion": tenant.version})
        if not rest.startswith("/api/v1/"):
            raise Refused(404, "No resource was found at this address.", "SoNotFoundException")
        call.who = self.authenticate(tenant, call)
        if self.is_closed(tenant, call) and not _describes(call):
            raise Refused(403, "This is not available to apps.", "SoSecurityException")
        handler, values = API.find(call.method, call.below)
        return _run(tenant, call, handler, values)


def _run(tenant: Tenant, call: Call, handler: Handler, values: Mapping[str, Any]) -> Response:
    """Do what was asked for; agents fail in a way of their own, and null what was not selected."""
    if not call.below.startswith("/Agents/"):
        return handler(tenant, call, **values)
    try:
        response = handler(tenant, call, **values)
    except Refused as why:
        if why.status in (403, 404):
            return message(why.message, why.kind)
        raise
    wanted = call.query.get("$select", "") if call.method == "POST" else ""
    return reply(select(json.loads(bytes(response.body)), wanted)) if wanted else response


def _describes(call: Call) -> bool:
    return call.method == "GET" and call.below.startswith("/Agents/")


async def _read(request: Request) -> Call:
    origin = f"{request.url.scheme}://{request.url.netloc}"
    return Call(
        method=request.method,
        path=request.url.path,
        below=request.url.path.partition("/api/v1")[2],
        query=dict(request.query_params),
        headers={name.casefold(): value for name, value in request.headers.items()},
        body=await request.body(),
        origin=origin,
    )


def _write_down(tenant: Tenant, call: Call, response: Response, *, injected: bool) -> None:
    served = Served(
        method=call.method,
        path=call.path,
        below=call.below,
        query=call.query,
        headers={name: _shown(name, value) for name, value in call.headers.items()},
        who=call.who.login if call.who else None,
        status=response.status_code if response.status_code else None,
        injected=injected,
    )
    tenant.requests.append(served)
    if tenant.observers:
        exchange = Exchange(served=served, body=call.body, answer=bytes(response.body))
        for observe in tenant.observers:
            observe(exchange)


def _shown(name: str, value: str) -> str:
    if name not in SECRET_HEADERS:
        return value
    scheme, _, rest = value.partition(" ")
    return f"{scheme} …" if rest else "…"
