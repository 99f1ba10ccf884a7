"""What the command line gives to commands of plugins, and the keys for what licbot keeps."""

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


# Secrets

ONE = '[systems.local]\noffers = "offers"\n'


def made_key(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A key, as an operator makes it."""
    capsys.readouterr()
    assert run(monkeypatch, "secrets", "new-key") == 0
    return capsys.readouterr().out.strip()


async def keep(name: str, secret: str | None = None) -> str | None:
    """Keep a secret where one is given; what is kept under the name."""
    async with Operator(load_plugins()).open("local") as context:
        if secret is not None:
            await context.vault.write(name, secret)
        return await context.vault.read(name)


def test_a_system_gets_a_vault_of_its_own(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(TWO, encoding="utf-8")
    monkeypatch.setenv("LICBOT_SECRETS_KEYS", made_key(capsys, monkeypatch))

    async def story() -> str | None:
        async with Operator(load_plugins()).open("second") as context:
            await context.vault.write("token", "of the second")
        return await keep("token")

    assert asyncio.run(story()) is None
    assert asyncio.run(keep("token", "of the first")) == "of the first"


def test_options_of_the_environment_reach_commands_and_are_not_shown(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(ONE, encoding="utf-8")
    monkeypatch.setenv("LICBOT_SYSTEMS_LOCAL_CLIENT_SECRET", "hush-hush")

    async def opened() -> tuple[object, str]:
        async with Operator(load_plugins()).open("local") as context:
            return context.settings["client_secret"], repr(context)

    option, shown = asyncio.run(opened())
    assert option == "hush-hush"
    assert "hush-hush" not in shown


def test_a_new_key_is_another_each_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made_key(capsys, monkeypatch) != made_key(capsys, monkeypatch)


def test_a_key_is_replaced_without_losing_a_secret(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given two secrets, the steps of the README leave them readable after each."""
    config.write_text(ONE, encoding="utf-8")
    old, new = made_key(capsys, monkeypatch), made_key(capsys, monkeypatch)
    monkeypatch.setenv("LICBOT_SECRETS_KEYS", old)
    for name in ("anna", "bea"):
        asyncio.run(keep(name, f"{name}'s"))

    for keys in (f"{old},{new}", f"{new},{old}"):
        monkeypatch.setenv("LICBOT_SECRETS_KEYS", keys)
        assert asyncio.run(keep("anna")) == "anna's"
    capsys.readouterr()
    assert run(monkeypatch, "secrets", "rotate") == 0

    assert capsys.readouterr().out == "2 secrets encrypted anew, under the first key.\n"
    monkeypatch.setenv("LICBOT_SECRETS_KEYS", new)
    assert asyncio.run(keep("bea")) == "bea's"


def test_a_secret_that_no_key_opens_is_named_and_left(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(ONE, encoding="utf-8")
    lost, known = made_key(capsys, monkeypatch), made_key(capsys, monkeypatch)
    for key, name in ((lost, "anna"), (known, "bea")):
        monkeypatch.setenv("LICBOT_SECRETS_KEYS", key)
        asyncio.run(keep(name, "hush-hush"))
    capsys.readouterr()

    assert run(monkeypatch, "secrets", "rotate") == 1

    said = capsys.readouterr()
    assert said.out == "1 secret encrypted anew, under the first key.\n"
    assert "systems/local: no key in the settings opens the secret 'anna'." in said.err
    assert "Put its key back" in said.err
    for hidden in ("hush-hush", known, lost):
        assert hidden not in said.out + said.err
    monkeypatch.setenv("LICBOT_SECRETS_KEYS", lost)
    assert asyncio.run(keep("anna")) == "hush-hush"


def test_without_a_key_nothing_is_rotated(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(ONE, encoding="utf-8")

    assert run(monkeypatch, "secrets", "rotate") == 1

    assert "LICBOT_SECRETS_KEYS" in capsys.readouterr().err
    assert not Path("licbot.db").exists()
