"""What licbot sent to Slack, held to Slack's rules."""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from licbot.sandbox.workspace import Workspace

ROOTS = {"message": "StrictMessage", "modal": "StrictModalView", "home": "StrictHomeView"}


def require_strict(workspace: Workspace, refused: Collection[str] = ()) -> None:
    """Hold everything that licbot sent to Slack's rules, as the workspace and the schema know them.

    The schema is used where it is at hand.
    """
    wrong = [(each.error, each.messages) for each in workspace.refused]
    assert [error for error, _ in wrong if error not in refused] == [], wrong
    assert workspace.accepted, "licbot said something"
    validators = _validators()
    for label, text in (pair for each in workspace.accepted for pair in _labels(each.payload)):
        assert label.startswith(text), "who says what they see reaches the button"
    distinct = {(each.surface, json.dumps(each.payload)): each for each in workspace.accepted}
    for accepted in distinct.values() if validators else ():
        validators[accepted.surface].validate(accepted.payload)


def _labels(part: Any) -> Iterator[tuple[str, str]]:
    """What a screen reader says of each button, and what the button shows."""
    if isinstance(part, Mapping):
        if label := part.get("accessibility_label"):
            yield label, part["text"]["text"]
        part = part.values()
    elif not isinstance(part, list | tuple):
        return
    for each in part:
        yield from _labels(each)


@cache
def _validators() -> Mapping[str, Draft7Validator]:
    root = Path(__file__).parents[2]
    shared = Path(os.environ.get("LICBOT_SHARED", root.parent / "shared"))
    path = shared / "data" / "slack" / "blockkit.schema.json"
    if not path.is_file():
        return {}
    schema = json.loads(path.read_text(encoding="utf-8"))
    return {
        surface: Draft7Validator({**schema, "$ref": f"#/definitions/{name}"})
        for surface, name in ROOTS.items()
    }
