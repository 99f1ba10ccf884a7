"""The check before the start: settings, plugins, database, and what the systems say of themselves.

It changes no table's layout and starts nothing. What a system finds out while it looks at itself is
kept: what it lets licbot do, and sign-ins that had to be renewed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from licbot.app import SystemClock, system_context, system_problems
from licbot.domain.errors import LicbotError
from licbot.plugins import Plugins
from licbot.ports.database import Database
from licbot.ports.system import Examination
from licbot.settings import Problem, Settings, SettingsError, SystemSettings, load_settings
from licbot.store.database import DatabaseUnusable, open_database
from licbot.store.migrate import CORE, pending

PATIENCE_SECONDS = 30.0
"""How long a system may take to look at itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkup:
    """What a check found.

    notes: lines to read, good or bad. problems: what is to be mended.
    examined: whether the systems were looked at.
    """

    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    examined: bool = False


async def check(environ: Mapping[str, str], plugins: Plugins) -> Checkup:
    """Look at everything that can be looked at without starting.

    environ: the environment, as ``os.environ``.
    """
    settings, problems = _settings(environ)
    if settings is None:
        return Checkup(problems=tuple(problems))
    wrong = system_problems(settings, plugins)
    found = await _database(settings, plugins, examine=not wrong)
    return Checkup(
        notes=found.notes,
        problems=(*problems, *wrong, *found.problems),
        examined=found.examined,
    )


def _settings(environ: Mapping[str, str]) -> tuple[Settings | None, tuple[Problem, ...]]:
    try:
        return load_settings(environ), ()
    except SettingsError as error:
        problems = error.problems
    try:
        return load_settings(environ, complete=False), problems
    except SettingsError:
        return None, problems


async def _database(settings: Settings, plugins: Plugins, *, examine: bool) -> Checkup:
    url = settings.database.url.get_secret_value()
    try:
        if waiting := await pending(url, (CORE, *plugins.migrations())):
            return Checkup(notes=_waiting(waiting, settings))
        database = await open_database(url)
    except DatabaseUnusable as error:
        name = "[database] url (LICBOT_DATABASE_URL)"
        problem = Problem(setting=name, message=error.message, cure=error.cure)
        return Checkup(problems=(problem,))
    try:
        return await _systems(settings, plugins, database) if examine else Checkup()
    finally:
        await database.close()


def _waiting(waiting: Sequence[str], settings: Settings) -> tuple[str, ...]:
    note = f"To be migrated at the next start: {', '.join(waiting)}."
    if not settings.systems:
        return (note,)
    return (f"{note} The systems are looked at after `licbot migrate`.",)


async def _systems(settings: Settings, plugins: Plugins, database: Database) -> Checkup:
    systems = settings.systems.values()
    found = await asyncio.gather(
        *(_examine(settings, system, plugins, database) for system in systems)
    )
    notes: list[str] = []
    problems: list[Problem] = []
    for system, examination in zip(systems, found, strict=True):
        table = f"[systems.{system.name}]"
        notes += [table, *(f"  {_shown(fact)}" for fact in examination.facts)]
        problems += [
            Problem(setting=table, message=_shown(words), cure="") for words in examination.problems
        ]
    return Checkup(notes=tuple(notes), problems=tuple(problems), examined=bool(systems))


async def _examine(
    settings: Settings, system: SystemSettings, plugins: Plugins, database: Database
) -> Examination:
    """What a system says of itself, or why it does not, in words. Raises nothing."""
    try:
        context = system_context(settings, system, database, SystemClock())
        built = plugins.systems()[system.kind].build(context)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await built.examine()
    except LicbotError as error:
        return Examination(problems=(error.message,))
    except TimeoutError:
        words = f"did not answer in {PATIENCE_SECONDS:g} seconds. See whether it works, then retry."
        return Examination(problems=(words,))
    except Exception as error:  # noqa: BLE001  outer edge: a plugin may raise anything
        words = (
            f"could not be looked at, because its plugin failed ({type(error).__name__}). "
            "Tell the authors of the plugin."
        )
        return Examination(problems=(words,))


def _shown(text: str) -> str:
    """Text of a system's on one line, with nothing that the terminal would obey."""
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
