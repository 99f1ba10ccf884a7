"""``licbot check``: what is wrong and how to mend it, without starting anything."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from licbot.cli import build_cli
from licbot.plugins import Plugins, load_plugins
from licbot.store.migrate import CORE, migrate

GOOD = '[slack]\nchannel = "C0123456789"\n[systems.local]\noffers = "offers"\n'
TOKENS = {"LICBOT_SLACK_BOT_TOKEN": "xoxb-1", "LICBOT_SLACK_SIGNING_SECRET": "secret-of-tests"}


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The installed plugins."""
    return load_plugins()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a place for offers."""
    (tmp_path / "offers").mkdir()
    yield tmp_path
    assert [path.name for path in tmp_path.glob("*.lock")] == [], "nothing was started"


def check(plugins: Plugins, folder: Path, toml: str, **environment: str) -> Result:
    """Run the command with these settings."""
    config = folder / "licbot.toml"
    config.write_text(toml, encoding="utf-8")
    given = {
        "LICBOT_CONFIG": str(config),
        "LICBOT_DATABASE_URL": f"sqlite:///{folder / 'licbot.db'}",
        **TOKENS,
        **environment,
    }
    return CliRunner().invoke(build_cli(plugins), ["check"], env=given)


def test_good_settings_are_well_before_the_first_start_too(plugins: Plugins, folder: Path) -> None:
    done = check(plugins, folder, GOOD)

    assert done.exit_code == 0, done.output
    assert "To be migrated at the next start: core, local." in done.output
    assert "All is well: the settings, the plugins and the database." in done.output
    assert not (folder / "licbot.db").exists()


def test_after_the_migration_there_is_nothing_left_to_say(plugins: Plugins, folder: Path) -> None:
    url = f"sqlite:///{folder / 'licbot.db'}"
    asyncio.run(migrate(url, (CORE, *plugins.migrations())))

    done = check(plugins, folder, GOOD)

    assert done.output == "All is well: the settings, the plugins and the database.\n"


def test_everything_that_is_wrong_is_said_at_once(plugins: Plugins, folder: Path) -> None:
    toml = (
        '[slack]\nchanel = "C0123456789"\nadministrators = ["anna"]\n'
        '[activation]\nautomatic = "perhaps"\n[poll]\ninterval = "soon"\n'
    )

    done = check(plugins, folder, toml, LICBOT_SLACK_BOT_TOKEN="xoxp-7")

    assert done.exit_code == 1
    for name in ("chanel", "administrators", "automatic", "interval", "bot_token"):
        assert name in done.stderr
    assert "xoxp-7" not in done.output, "a secret is never shown"


def test_what_is_missing_hides_nothing_that_is_wrong(plugins: Plugins, folder: Path) -> None:
    """Given no channel yet, the systems and the database are looked at all the same."""
    done = check(
        plugins,
        folder,
        '[systems.local]\noffers = "nowhere"\n',
        LICBOT_DATABASE_URL=f"sqlite:///{folder}",
    )

    assert done.exit_code == 1
    assert "LICBOT_SLACK_CHANNEL" in done.stderr
    assert "offers names nowhere, which is not a folder." in done.stderr
    assert "LICBOT_DATABASE_URL" in done.stderr


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "offers is missing: it says where new licences are looked for."),
        ('offers = "nowhere"', "offers names nowhere, which is not a folder. Make it, or mend"),
        ('ofers = "offers"\noffers = "offers"', "ofers is not a setting of a local system."),
        ('offers = "http://licences.example/a.lic"', "must begin with https://"),
        ('offers = "https://me:pw@licences.example/"', "must not hold a user name"),
        ('kind = "superofice"\noffers = "offers"', "names the unknown kind 'superofice'."),
    ],
)
def test_a_system_with_wrong_settings_is_named_with_the_cure(
    table: str, words: str, plugins: Plugins, folder: Path
) -> None:
    done = check(plugins, folder, f'[slack]\nchannel = "C0123456789"\n[systems.local]\n{table}\n')

    assert done.exit_code == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("[systems.local]: ")
    assert words in line


def test_a_database_of_a_newer_version_is_left_alone(plugins: Plugins, folder: Path) -> None:
    path = folder / "licbot.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version_core (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version_core VALUES ('9999')")

    done = check(plugins, folder, GOOD)

    assert done.exit_code == 1
    assert "A newer version than this one made the tables of 'core'." in done.stderr
    assert "Install that version, or restore the backup from before it." in done.stderr


def test_a_file_that_is_not_toml_is_said_with_its_place(plugins: Plugins, folder: Path) -> None:
    done = check(plugins, folder, '[slack]\nchannel = = "C012345678"\n')

    assert done.exit_code == 1
    assert "is not valid TOML. Mend it at line 2" in done.stderr
