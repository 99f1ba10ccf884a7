"""The `files.` methods, and where files are sent to and fetched from."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from licbot.sandbox.acceptance import accept_message
from licbot.sandbox.methods import Method, argument, known_channel
from licbot.sandbox.records import File, Json, Refused
from licbot.sandbox.shapes import file_json
from licbot.sandbox.workspace import Workspace


def new_file(workspace: Workspace, user: str, name: str, content: bytes = b"") -> File:
    """A file that is kept but not shared yet."""
    kind, _encoding = mimetypes.guess_type(name)
    file = File(
        id=workspace.new_id("F"),
        name=name,
        title=name,
        mimetype=kind or "application/octet-stream",
        user=user,
        created=int(workspace.clock()),
        content=content,
    )
    workspace.files[file.id] = file
    return file


def _get_upload_url(workspace: Workspace, arguments: Json) -> Json:
    name = argument(arguments, "filename")
    if int(argument(arguments, "length")) <= 0:
        raise Refused("invalid_arguments", ("[ERROR] must be more than 0 [length]",))
    file = new_file(workspace, workspace.app.bot_user_id, name)
    workspace.files[file.id] = replace(file, complete=False)
    return {"upload_url": f"{workspace.base_url}/upload/{file.id}", "file_id": file.id}


def _complete_upload(workspace: Workspace, arguments: Json) -> Json:
    given: list[Any] = arguments.get("files") or []
    if not given:
        raise Refused("invalid_arguments", ("[ERROR] missing required field: files",))
    files = [_completed(workspace, item) for item in given]
    if arguments.get("channel_id"):
        files = _shared(workspace, files, arguments)
    return {"files": [file_json(workspace, file) for file in files]}


def _completed(workspace: Workspace, item: Any) -> File:
    file = workspace.files.get(str(item.get("id")))
    if file is None or not file.content:
        raise Refused("file_not_found")
    complete = replace(file, complete=True, title=str(item.get("title") or file.title))
    workspace.files[file.id] = complete
    return complete


def _shared(workspace: Workspace, files: list[File], arguments: Json) -> list[File]:
    channel = known_channel(workspace, str(arguments["channel_id"]))
    if workspace.app.bot_user_id not in channel.members:
        raise Refused("not_in_channel")
    text = arguments.get("initial_comment") or ""
    if text:
        accept_message(workspace, text, None)
    shared = [replace(file, channels=(*file.channels, channel.id)) for file in files]
    workspace.files.update({file.id: file for file in shared})
    app = workspace.app
    workspace.post(
        channel.id,
        app.bot_user_id,
        text,
        bot_id=app.bot_id,
        files=[file.id for file in shared],
        thread_ts=arguments.get("thread_ts"),
    )
    return shared


def _info(workspace: Workspace, arguments: Json) -> Json:
    file = workspace.files.get(argument(arguments, "file"))
    if file is None or not file.complete:
        raise Refused("file_not_found")
    return {"file": file_json(workspace, file)}


METHODS = {
    "files.completeUploadExternal": Method(run=_complete_upload, scope="files:write"),
    "files.getUploadURLExternal": Method(run=_get_upload_url, scope="files:write"),
    "files.info": Method(run=_info, scope="files:read"),
}


def file_routes(workspace: Workspace) -> list[Route]:
    """Where the app sends the content of a file, and fetches it with its token."""

    async def upload(request: Request) -> Response:
        file = workspace.files.get(request.path_params["file_id"])
        if file is None or file.complete:
            return PlainTextResponse("There is no such upload.", 404)
        content = await _content(request)
        workspace.files[file.id] = replace(file, content=content)
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(request: Request) -> Response:
        authorized = request.headers.get("authorization") == f"Bearer {workspace.bot_token}"
        if not authorized or "files:read" not in workspace.app.scopes:
            return PlainTextResponse("This file needs a token with files:read.", 403)
        file = workspace.files.get(request.path_params["file_id"])
        if file is None or not file.complete:
            return PlainTextResponse("There is no such file.", 404)
        return Response(file.content, media_type=file.mimetype)

    return [
        Route("/upload/{file_id}", upload, methods=["POST"]),
        Route("/files/{file_id}/{name:path}", download, methods=["GET"]),
    ]


async def _content(request: Request) -> bytes:
    """The bytes sent, bare or as the only file of a form."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    async with request.form() as form:
        for value in form.values():
            if not isinstance(value, str):
                return await value.read()
    return b""
