"""Domain records made of columns, and the other way round."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping

from licbot.domain.activation import Activation, ActivationState, Stage
from licbot.domain.changes import Change
from licbot.domain.licenses import LicenseType, ModuleLicense


def activation_row(activation: Activation) -> dict[str, Any]:
    """The columns of an activation."""
    stage = activation.stage
    return asdict(activation) | {
        "state": activation.state.value,
        "stage": stage.value if stage else None,
    }


def activation_record(row: RowMapping) -> Activation:
    """The activation of columns."""
    stage = row["stage"]
    values = {
        **row,
        "state": ActivationState(row["state"]),
        "stage": Stage(stage) if stage else None,
    }
    return Activation(**values)


def changes_document(changes: Sequence[Change]) -> str:
    """Changes as JSON."""
    return json.dumps([asdict(change) for change in changes])


def changes_records(document: str) -> Sequence[Change]:
    """The changes of JSON."""
    return [_change(values) for values in json.loads(document)]


def _change(values: Mapping[str, Any]) -> Change:
    module = values["module"]
    license_type = LicenseType(module["type"])
    return Change(**{**values, "module": ModuleLicense(**{**module, "type": license_type})})
