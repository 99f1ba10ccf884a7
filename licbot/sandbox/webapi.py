"""The Web API of the workspace: strict where Slack is, with Slack's error codes."""

from __future__ import annotations

import hmac
import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from licbot.sandbox import methods_chat, methods_files, methods_people, methods_views, sockets
from licbot.sandbox.methods import Method, require
from licbot.sandbox.rates import Rates
from licbot.sandbox.records import Call, Fault, Json, Refused
from licbot.sandbox.workspace import Workspace

METHODS: dict[str, Method] = {
    **methods_chat.METHODS,
    **methods_files.METHODS,
    **methods_people.METHODS,
    **methods_views.METHODS,
    **sockets.METHODS,
}

# Arguments that a form carries as JSON, and the error when they are none.
_JSON_ARGUMENTS = {
    "blocks": "invalid_blocks_format",
    "files": "invalid_arguments",
    "metadata": "invalid_metadata_format",
    "view": "invalid_arguments",
}


def web_api(workspace: Workspace) -> Starlette:
    """The methods at `/{method}`; the argument forms are those of Slack's SDKs."""
    rates = Rates()

    async def call(request: Request) -> Response:
        method = request.path_params["method"]
        try:
            arguments = await _arguments(request)
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_json"})
        token = _token(request, arguments)
        fault = _due_fault(workspace, method)
        if fault is not None:
            return _faulty(workspace, method, arguments, fault)
        wait = rates.wait(method, arguments, workspace.clock()) if workspace.enforce_rates else None
        if wait is not None:
            limited = Fault(method=method, status=429, error="ratelimited", retry_after=wait)
            return _faulty(workspace, method, arguments, limited)
        return _answer(workspace, method, arguments, token)

    return Starlette(routes=[Route("/{method}", call, methods=["GET", "POST"])])


async def _arguments(request: Request) -> Json:
    """All arguments, from the query, a form or a JSON body, as text where they came as text."""
    arguments: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if request.method != "POST":
        return arguments
    if kind == "application/json":
        body: Json = json.loads(await request.body() or b"{}")
        return arguments | body
    async with request.form() as form:
        return arguments | dict(form)


def _token(request: Request, arguments: Json) -> str:
    given = str(arguments.pop("token", "") or "")
    bearer = request.headers.get("authorization", "")
    return bearer.removeprefix("Bearer ").strip() if bearer.startswith("Bearer ") else given


def _answer(workspace: Workspace, name: str, arguments: Json, token: str) -> Response:
    read = dict(arguments)
    try:
        method = _allowed(workspace, name, token)
        read = {key: _read(key, value) for key, value in arguments.items()}
        response = {"ok": True, **method.run(workspace, read)}
    except Refused as refused:
        response = _refusal(refused)
    workspace.calls.append(Call(method=name, arguments=read, response=response))
    return JSONResponse(response, headers={"x-oauth-scopes": _scopes(workspace)})


def _allowed(workspace: Workspace, name: str, token: str) -> Method:
    method = METHODS.get(name)
    if method is None:
        raise Refused("unknown_method", req_method=name)
    if method.anyone:
        return method
    expected = workspace.app_token if method.app_token else workspace.bot_token
    if not token:
        raise Refused("not_authed")
    if not hmac.compare_digest(token.encode(), (expected or "").encode()):
        known = token in (workspace.bot_token, workspace.app_token)
        raise Refused("not_allowed_token_type" if known else "invalid_auth")
    require(workspace, method.scope)
    return method


def _read(name: str, value: Any) -> Any:
    if name not in _JSON_ARGUMENTS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(_JSON_ARGUMENTS[name]) from None


def _refusal(refused: Refused) -> Json:
    response: Json = {"ok": False, "error": refused.error, **refused.more}
    if refused.messages:
        response["response_metadata"] = {"messages": list(refused.messages)}
        response["errors"] = list(refused.messages)
    return response


def _scopes(workspace: Workspace) -> str:
    return ",".join(sorted(workspace.app.scopes))


def _due_fault(workspace: Workspace, method: str) -> Fault | None:
    due = next((fault for fault in workspace.faults if fault.method == method), None)
    if due is not None:
        workspace.faults.remove(due)
    return due


def _faulty(workspace: Workspace, method: str, arguments: Json, fault: Fault) -> Response:
    response: Json = {"ok": False, "error": fault.error or "fatal_error"}
    call = Call(method=method, arguments=arguments, response=response, status=fault.status)
    workspace.calls.append(call)
    if fault.body is not None:
        return PlainTextResponse(fault.body, fault.status)
    wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return JSONResponse(response, fault.status, wait)
