"""``licbot check``: what is wrong and how to mend it, without starting anything."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner, Result

import licbot.check
from licbot.cli import build_cli
from licbot.domain.errors import SystemUnavailable
from licbot.hookspecs import SystemContext, SystemKind, hookimpl
from licbot.plugins import Plugins, load_plugins
from licbot.ports.system import Examination, LicensedSystem
from licbot.ports.vault import VaultLocked
from licbot.store.migrate import CORE, migrate
from licbot.store.vault import new_key
from licbot.testing import MemorySystem
from licbot_local.keys import public_pem
from tests.plugins.local.samples import KEY, KID, as_json, seat, signed, tenant, user
from tests.plugins.local.test_commands import evergreen

SLACK = '[slack]\nchannel = "C0123456789"\n'
GOOD = f'{SLACK}[systems.local]\noffers = "offers"\n'
TINY = f'{SLACK}[systems.tiny]\nurl = "https://crm.example"\n'
TOKENS = {"LICBOT_SLACK_BOT_TOKEN": "xoxb-1", "LICBOT_SLACK_SIGNING_SECRET": "secret-of-tests"}


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The installed plugins."""
    return load_plugins()


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a place for offers."""
    (tmp_path / "offers").mkdir()
    yield tmp_path
    assert [path.name for path in tmp_path.glob("*.lock")] == [], "nothing was started"


def environment(folder: Path, toml: str, **more: str) -> dict[str, str]:
    """What stands in the environment of a licbot with these settings."""
    config = folder / "licbot.toml"
    config.write_text(toml, encoding="utf-8")
    return {
        "LICBOT_CONFIG": str(config),
        "LICBOT_DATABASE_URL": f"sqlite:///{folder / 'licbot.db'}",
        **TOKENS,
        **more,
    }


def check(plugins: Plugins, folder: Path, toml: str, **more: str) -> Result:
    """Run the command with these settings."""
    given = environment(folder, toml, **more)
    return CliRunner().invoke(build_cli(plugins), ["check"], env=given)


def migrated(plugins: Plugins, folder: Path) -> None:
    """Bring the database up to date."""
    url = f"sqlite:///{folder / 'licbot.db'}"
    asyncio.run(migrate(url, (CORE, *plugins.migrations())))


def imported(plugins: Plugins, folder: Path, *users: Mapping[str, Any], licence: bool) -> None:
    """Import these users, and a licence that stays valid."""
    (folder / "tenant.json").write_bytes(as_json(tenant(users, [seat("Anna")])))
    (folder / "license.lic").write_bytes(signed(evergreen()))
    (folder / "key.pem").write_bytes(public_pem(KEY.public_key()))
    arguments = ["local", "import", str(folder / "tenant.json")]
    if licence:
        arguments += ["--license", str(folder / "license.lic")]
        arguments += ["--trust", f"{KID}={folder / 'key.pem'}"]
    done = CliRunner().invoke(build_cli(plugins), arguments, env=environment(folder, GOOD))
    assert done.exit_code == 0, done.output


def tiny(examine: Callable[[], Awaitable[Examination]], *, keeps_secrets: bool = False) -> Plugins:
    """Plugins with one kind of system, ``tiny``, that examines itself like this."""

    class Tiny(MemorySystem):
        async def examine(self) -> Examination:
            return await examine()

    def build(context: SystemContext) -> LicensedSystem:
        return Tiny(context.clock, name=context.name)

    class Plugin:
        @hookimpl
        def licbot_systems(self) -> Sequence[SystemKind]:
            kind = SystemKind(
                name="tiny",
                check=lambda settings, _: [] if "url" in settings else ["url is missing."],
                build=build,
                keeps_secrets=lambda settings: keeps_secrets and bool(settings["url"]),
            )
            return [kind]

    return Plugins({"tiny": Plugin()})


def test_good_settings_are_well_before_the_first_start_too(plugins: Plugins, folder: Path) -> None:
    done = check(plugins, folder, GOOD)

    assert done.exit_code == 0, done.output
    assert (
        "To be migrated at the next start: core, local, superoffice. "
        "The systems are looked at after `licbot migrate`.\n"
    ) in done.output
    assert "All is well: the settings, the plugins and the database." in done.output
    assert not (folder / "licbot.db").exists()


def test_after_the_migration_the_systems_are_looked_at(plugins: Plugins, folder: Path) -> None:
    migrated(plugins, folder)
    imported(plugins, folder, user("Anna", administrator=True), user("Bea"), licence=True)

    done = check(plugins, folder, GOOD)

    assert done.output == (
        "[systems.local]\n"
        "  2 users\n"
        "  1 administrator who may sign in\n"
        "  licence of SuperOffice AS for Fjordlicht GmbH, 1234567890\n"
        "All is well: the settings, the plugins, the database and the systems.\n"
    )


def test_a_system_with_nothing_in_it_is_told_with_the_cure(plugins: Plugins, folder: Path) -> None:
    migrated(plugins, folder)

    done = check(plugins, folder, GOOD)

    assert done.exit_code == 1
    assert done.stdout == "[systems.local]\n  0 users\n  0 administrators who may sign in\n"
    [line] = done.stderr.splitlines()
    assert line.startswith("[systems.local]: No licence is in force: ")
    assert "`licbot local import TENANT.json --license FILE --trust KID=KEY.pem`" in line


def test_systems_are_looked_at_where_only_slack_is_missing(plugins: Plugins, folder: Path) -> None:
    migrated(plugins, folder)

    done = check(plugins, folder, '[systems.local]\noffers = "offers"\n')

    assert "LICBOT_SLACK_CHANNEL" in done.stderr
    assert "[systems.local]: No licence is in force" in done.stderr


def test_no_system_is_looked_at_where_one_has_wrong_settings(folder: Path) -> None:
    """Given a second system with sound ones, neither is built."""

    async def examine() -> Examination:
        raise AssertionError("nothing that is built of wrong settings is asked")

    plugins = tiny(examine, keeps_secrets=True)
    migrated(plugins, folder)
    toml = f'{SLACK}[systems.tiny]\n[systems.other]\nkind = "tiny"\nurl = "x"\n'

    done = check(plugins, folder, toml, LICBOT_SECRETS_KEYS=new_key())

    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == "[systems.tiny]: url is missing.\n"


def test_what_a_system_says_of_itself_is_shown_on_a_line_each(folder: Path) -> None:
    """Given facts and problems with what a terminal would obey."""

    async def examine() -> Examination:
        return Examination(
            facts=("reached at\n crm.example", "\x1b[31mred"), problems=("No\x07 key. Add one.",)
        )

    plugins = tiny(examine)
    migrated(plugins, folder)

    done = check(plugins, folder, TINY)

    assert done.exit_code == 1
    assert (
        done.stdout
        == "[systems.tiny]\n  reached at crm.example\n  \N{REPLACEMENT CHARACTER}[31mred\n"
    )
    assert done.stderr == "[systems.tiny]: No\N{REPLACEMENT CHARACTER} key. Add one.\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SystemUnavailable("The CRM can't be reached. Look for it."), "The CRM can't be reached."),
        (VaultLocked(), "A stored secret cannot be read: its key is not in the settings."),
        (ValueError("token hush-hush"), "because its plugin failed (ValueError). Tell the authors"),
        (TimeoutError(), "did not answer in 30 seconds."),
    ],
)
def test_a_system_that_cannot_be_looked_at_is_told_in_words(
    error: Exception, words: str, folder: Path
) -> None:
    async def examine() -> Examination:
        raise error

    plugins = tiny(examine)
    migrated(plugins, folder)

    done = check(plugins, folder, TINY)

    assert done.exit_code == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("[systems.tiny]: ")
    assert words in line
    assert "hush-hush" not in done.output
    assert "Traceback" not in done.output


def test_a_system_that_does_not_answer_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def examine() -> Examination:
        await asyncio.Event().wait()
        return Examination()

    monkeypatch.setattr(licbot.check, "PATIENCE_SECONDS", 0.01)
    plugins = tiny(examine)
    migrated(plugins, folder)

    done = check(plugins, folder, TINY)

    assert "[systems.tiny]: did not answer in 0.01 seconds." in done.stderr


def test_a_system_that_keeps_secrets_needs_a_key(folder: Path) -> None:
    async def examine() -> Examination:
        return Examination(facts=("is well",))

    plugins = tiny(examine, keeps_secrets=True)
    migrated(plugins, folder)

    without = check(plugins, folder, TINY)
    done = check(plugins, folder, TINY, LICBOT_SECRETS_KEYS=new_key())

    assert without.exit_code == 1
    assert without.stderr == (
        "[secrets] keys (LICBOT_SECRETS_KEYS): is missing: [systems.tiny] keeps secrets in licbot. "
        "Make a key with `licbot secrets new-key`, and set it in the environment.\n"
    )
    assert done.exit_code == 0, done.output
    assert "  is well\n" in done.output


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
