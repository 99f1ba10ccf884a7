"""What the value of an element becomes when a person uses it."""

from __future__ import annotations

from collections.abc import Sequence

from licbot.sandbox import limits
from licbot.sandbox.elements import VALUE_KINDS, Placed, entered, options_of
from licbot.sandbox.records import File, Json
from licbot.sandbox.shapes import file_json
from licbot.sandbox.surfaces import Target, Unable
from licbot.sandbox.workspace import Workspace


def new_value(
    workspace: Workspace, user: str, target: Target, item: Placed, values: Sequence[str]
) -> Json:
    """The value of an element when all of `values` and nothing else is chosen in it.

    :raises Unable: the element does not take that
    """
    element = item.element
    if element["type"] == "overflow":
        return _picked(element, values)
    if element["type"] not in VALUE_KINDS:
        raise Unable("Nothing can be chosen here.")
    if len(values) > element.get("max_selected_items", len(values)):
        raise Unable(f"No more than {element['max_selected_items']} can be chosen.")
    return _entered(workspace, user, target, item, values)


def _picked(element: Json, values: Sequence[str]) -> Json:
    for option in options_of(element):
        if [option["value"]] == list(values):
            return {"selected_option": option}
    raise Unable("That is not one of the choices.")


def _entered(
    workspace: Workspace, user: str, target: Target, item: Placed, values: Sequence[str]
) -> Json:
    block_id, action_id = item.block["block_id"], item.element["action_id"]
    before = target.state[block_id][action_id]
    if item.element["type"] == "file_input":
        kept = [file for file in before["files"] if file["id"] in values]
        return {**before, "files": kept}
    suggested = workspace.suggestions.get((user, block_id, action_id), [])
    chosen = before.get("selected_options") or [before.get("selected_option")]
    known = [*suggested, *(option for option in chosen if option)]
    _check_ids(workspace, item.element, values)
    try:
        return entered(item.element, values, known)
    except LookupError:
        raise Unable("That is not one of the choices.") from None


def _check_ids(workspace: Workspace, element: Json, values: Sequence[str]) -> None:
    known = workspace.users if "users_select" in element["type"] else workspace.channels
    if element["type"] not in ("users_select", "multi_users_select", "conversations_select"):
        return
    if any(value and value not in known for value in values):
        raise Unable("That is not one of the choices.")


def keep(target: Target, item: Placed, value: Json) -> None:
    """Let the target remember the value of an element, unless it is of a kind that has none."""
    if item.element["type"] in VALUE_KINDS:
        target.state[item.block["block_id"]][item.element["action_id"]] = value


def check_room_for(target: Target, item: Placed, name: str) -> None:
    """Refuse a file that a file input does not take.

    :raises Unable: the wrong kind of element or file, or one too many
    """
    element = item.element
    if element["type"] != "file_input":
        raise Unable("Files cannot be put here.")
    wanted = [kind.lower() for kind in element.get("filetypes") or []]
    if wanted and name.rpartition(".")[2].lower() not in wanted:
        raise Unable(f"Only these files can be put here: {', '.join(wanted)}.")
    present = target.state[item.block["block_id"]][element["action_id"]]["files"]
    if len(present) >= element.get("max_files", limits.FILE_INPUT_FILES):
        raise Unable("No more files can be put here.")


def add_file(workspace: Workspace, target: Target, item: Placed, file: File) -> None:
    """Put an uploaded file into a file input."""
    present = target.state[item.block["block_id"]][item.element["action_id"]]["files"]
    files = [*present, file_json(workspace, file)]
    keep(target, item, {"type": "file_input", "files": files})
