"""What the command line gives to commands of plugins: the systems that the settings know."""

import asyncio
from pathlib import Path

import pytest

from licbot.cli import Operator, main
from licbot.plugins import load_plugins

TWO = '[systems.local]\noffers = "offers"\n[systems.second]\nkind = "local"\noffers = "offers"\n'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of settings, still empty, and a database that does not exist yet."""
    path = tmp_path / "licbot.toml"
    path.write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LICBOT_CONFIG", str(path))
    monkeypatch.setenv("LICBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'licbot.db'}")
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run ``licbot`` as a shell does; gives its exit code."""
    monkeypatch.setattr("sys.argv", ["licbot", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("command", [("import", "tenant.json"), ("export",)])
def test_a_system_that_the_settings_do_not_know_is_refused_with_those_they_do(
    command: tuple[str, ...],
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config.write_text(TWO, encoding="utf-8")
    Path("tenant.json").write_text('{"users": [], "seats": []}', encoding="utf-8")

    assert run(monkeypatch, "local", *command, "--system", "zz") == 1

    assert capsys.readouterr().err == (
        "[systems.zz]: is not in the settings. Choose one of the systems that are: local, second.\n"
    )
    assert not Path("licbot.db").exists(), "nothing was begun"


@pytest.mark.parametrize(("toml", "system"), [(TWO, "local"), (TWO, "second"), ("", "local")])
def test_a_known_system_opens_and_the_usual_one_where_the_settings_name_none(
    toml: str, system: str, config: Path
) -> None:
    config.write_text(toml, encoding="utf-8")

    async def opened() -> str:
        async with Operator(load_plugins()).open(system) as context:
            return context.name

    assert asyncio.run(opened()) == system
