"""Plugins from their entry points: loaded by name, and refused by name where they do not fit."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from licbot.domain.events import Event
from licbot.hookspecs import hookimpl
from licbot.plugins import PluginError, Plugins, load_plugins
from licbot.ports.ports import Ports
from licbot.testing import ports as fakes

BUNDLED = [
    "activate",
    "deselect",
    "help",
    "history",
    "licences",
    "load",
    "local",
    "purchase",
    "refresh",
    "register",
    "review",
    "status",
    "superoffice",
]

GREETING = """
from collections.abc import Sequence

from licbot.domain.people import Role
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Reply, Request, Say, Step
from licbot.ports.ports import Ports


async def greet(request: Request, ports: Ports) -> Reply:
    return Say(text="Hello")


@hookimpl
def licbot_steps() -> Sequence[Step]:
    action = Action(handler=greet, role=Role.ANYONE)
    return [Step(name="greet", summary="say hello", command=action, aliases=["hi"],
                 actions={"again": action})]
"""
MISSPELT = """
from licbot.hookspecs import hookimpl


@hookimpl
def licbot_stepz():
    return []
"""


def install(folder: Path, name: str, source: str | None) -> None:
    """Install a distribution that has a plugin; without a source its module is missing."""
    module = f"licbot_test_{name}"
    if source is not None:
        (folder / f"{module}.py").write_text(source, encoding="utf-8")
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: 1.0\n"
    )
    (metadata / "entry_points.txt").write_text(f"[licbot]\n{name} = {module}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python looks for distributions in."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("licbot_test_")]:
        del sys.modules[name]


def test_the_bundled_plugins_are_found_by_their_entry_points() -> None:
    plugins = load_plugins()

    assert plugins.names == BUNDLED
    steps = set(BUNDLED) - {"local", "superoffice"} | {"connect", "disconnect"}
    assert {step.name for step in plugins.steps()} == steps
    assert sorted(plugins.systems()) == ["local", "superoffice"]


def test_a_plugin_beside_the_bundled_ones_brings_its_words(site: Path) -> None:
    install(site, "greeting", GREETING)

    plugins = load_plugins()

    assert plugins.names == sorted([*BUNDLED, "greeting"])
    assert plugins.step("hi") is plugins.step("greet")
    assert ("greet", "say hello") in plugins.summaries(fakes())
    assert plugins.action("greet:again:anything", "actions") is not None
    assert plugins.action("hi:again", "actions") is None, "actions go by the step's own name"
    assert plugins.action("greet:never", "actions") is None


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise RuntimeError('no disk')", "RuntimeError: no disk"),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("def broken(:", "SyntaxError"),
        (None, "No module named 'licbot_test_bad'"),
    ],
)
def test_a_plugin_that_fails_to_load_stops_the_start_with_its_name(
    source: str | None, why: str, site: Path
) -> None:
    install(site, "bad", source)

    with pytest.raises(PluginError) as stopped:
        load_plugins()

    said = str(stopped.value)
    assert said.startswith("The plugin 'bad' (licbot_test_bad) cannot be loaded: ")
    assert why in said
    assert said.endswith("Mend or uninstall it, then start again.")


def test_a_plugin_that_misspells_a_hook_stops_the_start_with_its_name(site: Path) -> None:
    install(site, "bad", MISSPELT)

    with pytest.raises(PluginError, match="The plugin 'bad' does not fit licbot") as stopped:
        load_plugins()

    assert "licbot_stepz" in str(stopped.value)
    assert "Correct the hook's name and arguments, or uninstall the plugin." in str(stopped.value)


def test_a_hook_with_an_argument_that_licbot_does_not_give_stops_the_start() -> None:
    class Curious:
        @hookimpl
        def licbot_steps(self, surprise: str) -> list[str]:
            return [surprise]

    with pytest.raises(PluginError, match="The plugin 'curious' does not fit licbot") as stopped:
        Plugins({"curious": Curious()})

    assert "surprise" in str(stopped.value)


def test_two_steps_that_answer_to_one_word_stop_the_start(site: Path) -> None:
    install(site, "greeting", GREETING.replace('"hi"', '"refresh"'))

    with pytest.raises(PluginError) as stopped:
        load_plugins()

    said = str(stopped.value)
    assert "'greet'" in said
    assert "both answer to 'refresh'." in said
    assert "Uninstall one of the plugins that bring them." in said


def test_the_command_line_says_which_plugin_it_is_without_a_traceback(tmp_path: Path) -> None:
    install(tmp_path, "bad", MISSPELT)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])

    done = subprocess.run(
        [sys.executable, "-m", "licbot", "serve"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "The plugin 'bad' does not fit licbot" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_part_that_fails_leaves_no_other_unawaited() -> None:
    """Its error is the caller's; what the others do comes to its end."""
    ended = []

    class Failing:
        @hookimpl
        async def licbot_events(self, kind: str, event: Event, ports: Ports) -> None:
            raise ValueError("one")

    class Other:
        @hookimpl
        async def licbot_events(self, kind: str, event: Event, ports: Ports) -> None:
            ended.append(kind)

    plugins = Plugins({"a": Other(), "b": Failing(), "c": Other()})
    event = Event(activation="a1", at=datetime(2026, 11, 24, tzinfo=UTC))

    with pytest.raises(ValueError, match="one"):
        await plugins.tell("OfferFound", event, fakes())

    assert ended == ["OfferFound", "OfferFound"]
