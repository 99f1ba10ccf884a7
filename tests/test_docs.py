"""What is documented is what there is, and its examples run."""

import ast
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import licbot.testing
from licbot.hookspecs import Hooks
from licbot.plugins import Plugins

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
HOOKS = {
    name: list(inspect.signature(function).parameters)[1:]
    for name, function in vars(Hooks).items()
    if name.startswith("licbot_")
}
SECTION = re.compile(r"^### `(\w+)\(([^)]*)\)`\n(.+?)(?=\n#|\Z)", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```python\n# (\w+)\.py\n(.+?)^```$", re.DOTALL | re.MULTILINE)


def sections() -> dict[str, tuple[list[str], str]]:
    """The documented hooks, each with its arguments and what is said of it."""
    return {
        name: ([each.strip() for each in arguments.split(",") if each.strip()], words.strip())
        for name, arguments, words in SECTION.findall(GUIDE)
    }


def test_there_are_hooks() -> None:
    assert len(HOOKS) >= 10


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_with_its_exact_arguments(hook: str) -> None:
    arguments, words = sections()[hook]
    assert arguments == HOOKS[hook]
    assert words.endswith(".")
    assert len(words) > 40


def test_no_hook_is_documented_that_does_not_exist() -> None:
    assert list(sections()) == list(HOOKS)


def test_every_hook_has_its_test() -> None:
    source = (ROOT / "tests" / "test_hooks.py").read_text(encoding="utf-8")
    tests = {
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {f"test_hook_{hook}" for hook in HOOKS} <= tests


def test_every_hook_has_a_specification_of_each_argument() -> None:
    for name, arguments in HOOKS.items():
        words = inspect.getdoc(getattr(Hooks, name)) or ""
        assert re.findall(r"^:param (\w+):", words, re.MULTILINE) == arguments, name


@pytest.mark.parametrize("name", [n for n in licbot.testing.__all__ if n[0].isupper()])
def test_every_fake_says_what_it_is(name: str) -> None:
    """Constants aside, what plugin authors rely on has a meaning of its own."""
    exported = getattr(licbot.testing, name)
    if inspect.isclass(exported):
        assert len(inspect.getdoc(exported) or "") > 20
        members = vars(exported).items()
        for member, value in members:
            if inspect.isfunction(value) and not member.startswith("_"):
                assert inspect.getdoc(value), f"{name}.{member}"


@pytest.mark.parametrize(
    "fake", ["FakeClock", "MemoryStore", "MemorySystem", "MemoryMessenger", "MemoryVault"]
)
def test_every_fake_is_in_the_guide(fake: str) -> None:
    assert f"`{fake}`" in GUIDE


# The example


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The modules of the guide, importable by their names."""
    modules = {}
    for name, source in BLOCK.findall(GUIDE):
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile(source, name, "exec"), vars(module))  # noqa: S102 - our own guide
        modules[name] = module
    return modules


def test_the_example_is_a_plugin(example: dict[str, ModuleType]) -> None:
    plugins = Plugins({"vacant": example["acme_licbot_vacant"]})
    assert list(plugins.words()) == ["vacant", "free"]


async def test_the_tests_of_the_example_pass(example: dict[str, ModuleType]) -> None:
    tests = {
        name: value
        for name, value in vars(example["test_acme_licbot_vacant"]).items()
        if name.startswith("test_")
    }
    assert len(tests) == 3
    for test in tests.values():
        outcome = test()
        if inspect.isawaitable(outcome):
            await outcome
