"""What import-linter cannot say: everything not allowed is forbidden, also for code to come."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINTER = PROJECT["tool"]["importlinter"]
PLUGINS = sorted(path.parent.name for path in (ROOT / "plugins").glob("licbot_*/__init__.py"))
PUBLIC_FACE = (
    "licbot.domain",
    "licbot.flows",
    "licbot.hookspecs",
    "licbot.ports",
    "licbot.roster",
    "licbot.testing",
)


def imports(folder: Path) -> Iterator[tuple[str, str]]:
    """Every module which the files of a folder import, with the place."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in _imported(node):
                yield name, f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "licbot":
        return [f"licbot.{alias.name}" for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def contract(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = next(
        each for each in LINTER["contracts"] if each["name"].startswith(name)
    )
    return found


def test_the_domain_imports_itself_and_the_standard_library_only() -> None:
    strangers = [
        place
        for name, place in imports(ROOT / "licbot" / "domain")
        if not name.startswith("licbot.domain")
        and name.partition(".")[0] not in sys.stdlib_module_names
    ]

    assert strangers == []


def test_every_dependency_is_forbidden_to_the_domain() -> None:
    ours = {
        canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]
    }
    packages = {
        package
        for package, distributions in packages_distributions().items()
        if ours & {canonicalize_name(each) for each in distributions} and package.isidentifier()
    }

    assert packages - set(contract("The domain")["forbidden_modules"]) == set()


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_sees_only_itself_libraries_and_the_public_face(plugin: str) -> None:
    hidden = [
        place
        for name, place in imports(ROOT / "plugins" / plugin)
        if name.startswith("licbot")
        and name.partition(".")[0] != plugin
        and not name.startswith(PUBLIC_FACE)
    ]

    assert hidden == []


def test_every_plugin_is_declared_wherever_plugins_are_listed() -> None:
    entry_points = PROJECT["project"]["entry-points"]["licbot"]

    assert entry_points == {name.removeprefix("licbot_"): name for name in PLUGINS}
    assert sorted(LINTER["root_packages"]) == ["licbot", *PLUGINS]
    assert sorted(contract("Plugins know nothing")["modules"]) == PLUGINS
    assert sorted(contract("Plugins see only")["source_modules"]) == PLUGINS
    assert sorted(contract("The core knows")["forbidden_modules"]) == PLUGINS
