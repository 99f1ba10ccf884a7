"""The settings: read once from ``licbot.toml`` and the environment, checked, and frozen.

A setting has two names, ``[slack] bot_token`` in the file and ``LICBOT_SLACK_BOT_TOKEN`` in the
environment; the environment wins. Everything that is wrong is told at once: a SettingsError
holds one Problem a setting.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import InitSettingsSource

from licbot.settings.problems import Problem, SettingsError, table_wanted
from licbot.settings.records import (
    ActivationSettings,
    DatabaseSettings,
    LogSettings,
    PollSettings,
    SecretsSettings,
    Section,
    Settings,
    SlackSettings,
    SystemSettings,
)
from licbot.settings.systems import PREFIX as SYSTEMS_PREFIX
from licbot.settings.systems import read_systems

__all__ = ["Problem", "Settings", "SettingsError", "SystemSettings", "load_settings"]

DEFAULT_FILE = "licbot.toml"
PREFIX = "LICBOT_"
CONFIG_NAME = "LICBOT_CONFIG"


_SECTIONS: Mapping[str, type[Section]] = {
    "slack": SlackSettings,
    "database": DatabaseSettings,
    "secrets": SecretsSettings,
    "activation": ActivationSettings,
    "poll": PollSettings,
    "log": LogSettings,
}

# The names in the environment, and the table and key that each stands for.
_ENVIRONMENT = {
    f"{PREFIX}{section}_{key}".upper(): (section, key)
    for section, model in _SECTIONS.items()
    for key in model.model_fields
}

_REQUIRED = {
    ("slack", "bot_token"): "Set it to the Bot User OAuth Token of the app; it starts with xoxb-.",
    ("slack", "signing_secret"): (
        "Set it to the Signing Secret of the app, or set the app token to use Socket Mode."
    ),
    ("slack", "channel"): "Set it to the id of the licence channel, such as C0123456789.",
}

_MESSAGES = {
    "bool_parsing": ("is neither true nor false.", "Write true or false."),
    "bool_type": ("is neither true nor false.", "Write true or false."),
    "string_type": ("is not text.", "Put the value in quotes."),
    "tuple_type": ("is not a list.", 'Write it as ["one", "two"].'),
    "model_type": ("is not a table.", "Write its name in brackets, and its settings below."),
    "literal_error": ("is not one of the levels.", "Use DEBUG, INFO, WARNING, ERROR or CRITICAL."),
}


def load_settings(
    environ: Mapping[str, str], config_path: Path | None = None, *, complete: bool = True
) -> Settings:
    """Read the file and the environment, and check all of it.

    environ: the environment, as ``os.environ``. config_path: the file; without it the one which
    LICBOT_CONFIG names, or ``licbot.toml`` of the current folder where there is one.
    complete: whether all that serving needs must be there; commands which need only the database
    or a licensed system do without. Raises SettingsError with every problem.
    """
    environment, problems = _read_environment(environ)
    path = config_path or Path(environ.get(CONFIG_NAME) or DEFAULT_FILE)
    named = bool(config_path or environ.get(CONFIG_NAME))
    try:
        tables = _read_file(path) if named or path.exists() else {}
    except _Unreadable as error:
        raise SettingsError([error.problem, *problems]) from error
    systems, wrong = read_systems(tables.pop("systems", {}), environ, path.resolve().parent)
    problems += wrong
    settings = _validate(environment, {**tables, "systems": systems}, problems)
    if complete:
        problems += _missing(environment, tables, systems=bool(systems or wrong))
    if settings is None or problems:
        raise SettingsError(problems)
    return settings


class _Unreadable(Exception):
    def __init__(self, path: Path, message: str, cure: str) -> None:
        super().__init__(message)
        self.problem = Problem(setting=str(path), message=message, cure=cure)


def _read_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _Unreadable(
            path, "is not there.", f"Make the file, or mend its name in {CONFIG_NAME}."
        ) from None
    except OSError:
        raise _Unreadable(path, "cannot be read.", "Give licbot leave to read this file.") from None
    except UnicodeDecodeError:
        raise _Unreadable(path, "is not text in UTF-8.", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        # Only the place: the parser's own words can quote the line.
        place = re.search(r"line [0-9]+, column [0-9]+", str(error))
        raise _Unreadable(
            path, "is not valid TOML.", f"Mend it at {place[0] if place else 'its end'}."
        ) from None


def _read_environment(environ: Mapping[str, str]) -> tuple[dict[str, object], list[Problem]]:
    values: dict[str, dict[str, str]] = {}
    problems = []
    for name, value in environ.items():
        if name in _ENVIRONMENT and value:
            section, key = _ENVIRONMENT[name]
            values.setdefault(section, {})[key] = value
        elif near := _misspelt(name):
            problems.append(
                Problem(setting=name, message="is not a setting.", cure=f"Did you mean {near}?")
            )
    return dict(values), problems


def _misspelt(name: str) -> str | None:
    # Names that resemble no setting belong to others: Kubernetes sets LICBOT_SERVICE_HOST.
    known = {known.removeprefix(PREFIX): known for known in (*_ENVIRONMENT, CONFIG_NAME)}
    others = name.startswith(SYSTEMS_PREFIX) or not name.startswith(PREFIX)
    if others or name in known.values():
        return None
    near = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1, cutoff=0.75)
    return known[near[0]] if near else None


def _validate(
    environment: dict[str, object], tables: dict[str, object], problems: list[Problem]
) -> Settings | None:
    """The settings, the environment before the file; or none, with what is wrong in problems."""
    sources = tuple(InitSettingsSource(Settings, values) for values in (environment, tables))
    try:
        return Settings(_build_sources=(sources, {}))  # type: ignore[call-arg]  # not a field
    except ValidationError as error:
        problems += (_problem(details) for details in error.errors(include_url=False))
        return None


def _problem(details: ErrorDetails) -> Problem:
    path = [str(part) for part in details["loc"]]
    kind = details["type"]
    if kind == "extra_forbidden":
        message, cure = "is not a setting.", _nearest(path)
    elif kind == "setting":
        message, cure = details["msg"], details["ctx"]["cure"]
    elif kind == "model_type":
        return table_wanted(path[0], f"[{path[0]}]")
    else:
        message, cure = _MESSAGES[kind]
    return Problem(setting=_label(path), message=message, cure=cure)


def _nearest(path: list[str]) -> str:
    known = _SECTIONS[path[0]].model_fields if len(path) > 1 else Settings.model_fields
    near = difflib.get_close_matches(path[-1], known, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Take it out, or use one of: {', '.join(known)}."


def _label(path: list[str]) -> str:
    if len(path) == 1:
        return f"[{path[0]}]"
    name = f"[{path[0]}] {path[1]}"
    entry = f", entry {int(path[2]) + 1}" if len(path) > 2 and path[2].isdigit() else ""
    environment = f"{PREFIX}{path[0]}_{path[1]}".upper()
    return f"{name}{entry} ({environment})" if environment in _ENVIRONMENT else name


def _missing(
    environment: Mapping[str, object], tables: Mapping[str, object], *, systems: bool
) -> Iterator[Problem]:
    given = {
        (section, key)
        for source in (environment, tables)
        for section, table in source.items()
        if isinstance(table, dict)
        for key in table
    }
    for section, key in _REQUIRED:
        socket_mode = key == "signing_secret" and ("slack", "app_token") in given
        if (section, key) not in given and not socket_mode:
            yield Problem(
                setting=_label([section, key]),
                message="is missing.",
                cure=_REQUIRED[section, key],
            )
    if not systems:
        yield Problem(
            setting="[systems.NAME]",
            message="is missing: licbot has no licensed system to look after.",
            cure="Add a table such as [systems.local] to licbot.toml.",
        )
