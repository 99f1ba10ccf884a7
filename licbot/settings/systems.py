"""The licensed systems of the settings: tables of the file, completed from the environment.

``LICBOT_SYSTEMS_<NAME>_<KEY>`` stands for ``KEY`` in ``[systems.<name>]``, as text. Only the file
says which systems there are and of which kind they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from licbot.settings.problems import Problem, table_wanted
from licbot.settings.records import SystemSettings

PREFIX = "LICBOT_SYSTEMS_"

_KEY = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def read_systems(
    tables: object, environ: Mapping[str, str], folder: Path
) -> tuple[dict[str, SystemSettings], list[Problem]]:
    """The systems of the table ``systems``, and what is wrong with it and with the environment.

    folder: what relative paths of their options start from.
    """
    if not isinstance(tables, dict):
        return {}, [table_wanted("systems", "[systems.local]")]
    problems = [problem for item in tables.items() if (problem := _table_problem(*item))]
    variables = {name: value for name, value in environ.items() if _is_ours(name, value)}
    problems += _variable_problems(variables, tables)
    systems = {
        name: _system(name, table, _options(name, variables, tables), folder)
        for name, table in tables.items()
        if _table_problem(name, table) is None
    }
    return systems, problems


def _is_ours(name: str, value: str) -> bool:
    # Set to nothing counts as not set, as for all settings.
    return name.startswith(PREFIX) and bool(value)


def _system(
    name: str, table: Mapping[str, object], variables: Mapping[str, str], folder: Path
) -> SystemSettings:
    options = {key: _frozen(value) for key, value in table.items() if key != "kind"}
    return SystemSettings(
        name=name,
        kind=str(table.get("kind", name)),
        folder=folder,
        options=MappingProxyType({**options, **variables}),
    )


def _options(name: str, variables: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {
        key: value
        for variable, value in variables.items()
        for table, key in _fitting(variable, names)
        if table == name
    }


def _fitting(variable: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """The system and the key that a variable stands for; several where names are too alike.

    Of ``crm`` and ``crm-test``, ``LICBOT_SYSTEMS_CRM_TEST_URL`` is the latter's.
    """
    found = [
        (name, variable.removeprefix(_prefix(name)))
        for name in names
        if variable.startswith(_prefix(name))
    ]
    longest = max((len(_prefix(name)) for name, _ in found), default=0)
    return [
        (name, key.lower())
        for name, key in found
        if len(_prefix(name)) == longest and _KEY.fullmatch(key)
    ]


def _prefix(name: str) -> str:
    return f"{PREFIX}{name.upper().replace('-', '_')}_"


def _variable_problems(variables: Iterable[str], names: Iterable[str]) -> Iterator[Problem]:
    for variable in variables:
        fitting = _fitting(variable, names)
        if not fitting:
            yield Problem(
                setting=variable, message="belongs to no system.", cure=_naming_cure(names)
            )
        elif len(fitting) > 1:
            tables = " and ".join(f"[systems.{name}]" for name, _ in fitting)
            yield Problem(
                setting=variable, message=f"could be for {tables}.", cure="Rename one of them."
            )
        elif fitting[0][1] == "kind":
            yield Problem(
                setting=variable,
                message="cannot be set in the environment.",
                cure=f"Write kind below [systems.{fitting[0][0]}] in licbot.toml.",
            )


def _naming_cure(names: Iterable[str]) -> str:
    known = " or ".join(f"{_prefix(name)}…" for name in sorted(names))
    if not known:
        return "Add the table of its system to licbot.toml, such as [systems.local]."
    return f"Write it in capitals, as {known}, or add the table of its system to licbot.toml."


def _table_problem(name: str, table: object) -> Problem | None:
    label = f"[systems.{name}]"
    if not isinstance(table, dict):
        return table_wanted(f"[systems] {name}", label)
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        return Problem(
            setting=label,
            message="is not a good name for a system.",
            cure="Use small letters, digits and hyphens only, with a letter first.",
        )
    if not isinstance(table.get("kind", name), str):
        return Problem(
            setting=f"{label} kind", message="is not text.", cure='Write it as kind = "local".'
        )
    return None


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    return value
