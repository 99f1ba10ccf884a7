"""The commands for operators, from keys to a tenant that is taken out again."""

import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from licbot.hookspecs import SystemContext
from licbot.store.database import open_database
from licbot.store.migrate import migrate
from licbot.testing import MemoryVault
from licbot_local import licbot_commands
from licbot_local.keys import public_pem
from tests.plugins.local.conftest import MIGRATIONS
from tests.plugins.local.samples import (
    KEY,
    KID,
    OTHER_KEY,
    StoppedClock,
    as_json,
    payload,
    seat,
    signed,
    tenant,
    user,
)


class Operator:
    """What the command line gives to commands: a system's database, opened and migrated."""

    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def open(self, system: str) -> AsyncIterator[SystemContext]:
        await migrate(self._url, [MIGRATIONS])
        database = await open_database(self._url)
        clock = StoppedClock()
        try:
            yield SystemContext(
                name=system,
                settings={},
                folder=".",
                database=database,
                clock=clock,
                vault=MemoryVault(),
            )
        finally:
            await database.close()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a licence file, a tenant, and keys."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "license.lic").write_bytes(signed(evergreen()))
    people = tenant([user("Anna"), user("Bea")], [seat("Anna")])
    (tmp_path / "tenant.json").write_bytes(as_json(people))
    (tmp_path / "key.pem").write_bytes(public_pem(KEY.public_key()))
    (tmp_path / "other.pem").write_bytes(public_pem(OTHER_KEY.public_key()))
    return tmp_path


def evergreen(**meta: object) -> dict[str, object]:
    """A payload that stays valid however late the tests run."""
    value = payload(None, **{"issued": "2026-01-01", **meta})
    value["dates"] = dict.fromkeys(value["dates"])
    return value


TRUST = ["--trust", f"{KID}=key.pem"]


def run(*arguments: str, content: bytes | None = None, url: str | None = None) -> Result:
    """Run ``licbot`` with these arguments; without a URL there are no settings at all."""
    app = typer.Typer()
    licbot_commands(app)
    result = CliRunner().invoke(
        app, list(arguments), input=content, obj=Operator(url) if url else None
    )
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_an_issuer_makes_a_key_issues_a_licence_and_it_verifies(here: Path) -> None:
    made = run("license", "new-key", "--kid", KID)
    assert made.exit_code == 0
    private, public = here / f"{KID}.private.pem", here / f"{KID}.public.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    (here / "payload.json").write_bytes(as_json(evergreen()))

    issued = run("license", "issue", "payload.json", "--key", private.name, "--output", "new.lic")
    assert (issued.exit_code, issued.stderr) == (0, "")

    verified = run("license", "verify", "new.lic", "--trust", f"{KID}={public.name}")
    assert verified.exit_code == 0
    assert "Fjordlicht GmbH" in verified.stdout
    assert "Sales Premium (sales-premium): user licence, 10" in verified.stdout
    assert [path.name for path in here.glob(".*")] == []


def test_a_key_is_never_overwritten(here: Path) -> None:
    (here / "mine.public.pem").write_bytes(b"public")
    first = run("license", "new-key", "--kid", "mine")
    (here / "mine.public.pem").rename(here / "mine.private.pem")
    second = run("license", "new-key", "--kid", "mine")

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "left alone" in first.stderr
    assert (here / "mine.private.pem").read_bytes() == b"public"
    assert not (here / "mine.public.pem").exists()


@pytest.mark.parametrize("kid", ["../up", "a b", ".hidden", "a" * 101])
def test_the_id_of_a_key_is_fit_for_a_file(here: Path, kid: str) -> None:
    assert run("license", "new-key", "--kid", kid).exit_code == 2


def test_a_key_without_a_name_is_called_by_the_day(here: Path) -> None:
    result = run("license", "new-key")

    assert result.exit_code == 0
    assert len(list(here.glob("issuer-20*.p*.pem"))) == 2


def test_keys_need_a_folder(here: Path) -> None:
    result = run("license", "new-key", "--directory", "missing")

    assert result.exit_code == 1
    assert "missing" in result.stderr


def test_payload_and_licence_pass_through_pipes(here: Path) -> None:
    run("license", "new-key", "--kid", KID)
    key = ["--key", f"{KID}.private.pem"]
    issued = run("license", "issue", "-", *key, "--output", "-", content=as_json(evergreen()))
    assert issued.exit_code == 0

    trust = ["--trust", f"{KID}={KID}.public.pem"]
    assert run("license", "verify", "-", *trust, content=issued.stdout_bytes).exit_code == 0


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"{", [], "not valid JSON"),
        (as_json(evergreen(sequence="42")), [], "meta.sequence: must be a whole number"),
        (as_json(evergreen()), ["--kid", "another"], "another"),
    ],
)
def test_a_bad_payload_is_not_issued(
    here: Path, content: bytes, options: list[str], words: str
) -> None:
    run("license", "new-key", "--kid", KID)
    key = ["--key", f"{KID}.private.pem", "--output", "x.lic"]

    result = run("license", "issue", "-", *key, *options, content=content)

    assert result.exit_code == 1
    assert words in result.stderr
    assert not (here / "x.lic").exists()


def test_a_public_key_signs_nothing(here: Path) -> None:
    result = run(
        "license", "issue", "-", "--key", "key.pem", "--output", "-", content=as_json(evergreen())
    )

    assert result.exit_code == 1
    assert "not a private key" in result.stderr


def test_looking_into_a_file_says_that_nothing_was_verified(here: Path) -> None:
    forged = evergreen() | {"owner": {"name": "X", "description": "\u202eevil"}}
    result = run("license", "inspect", "-", content=signed(forged, OTHER_KEY))

    assert result.exit_code == 0
    assert result.stdout.startswith("NOT VERIFIED")
    assert "1234567890" in result.stdout
    assert "\u202e" not in result.stdout


def test_what_is_no_licence_file_cannot_be_looked_into(here: Path) -> None:
    result = run("license", "inspect", "tenant.json")

    assert result.exit_code == 1
    assert "not a licence file" in result.stderr


CUSTOMER = ["--company", "Fjordlicht GmbH", "--serial", "1234567890"]


@pytest.mark.parametrize("options", [[], CUSTOMER, ["--after", "41"], [*CUSTOMER, "--after", "0"]])
def test_a_good_licence_file_is_verified(here: Path, options: list[str]) -> None:
    result = run("license", "verify", "license.lic", *TRUST, *options)

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([*TRUST, "--after", "42"], "number 42"),
        ([*TRUST, "--company", "Another", "--serial", "1234567890"], "the installed one is for"),
        (["--trust", f"{KID}=other.pem"], "does not hold"),
        (["--trust", "another=key.pem"], "not trusted here"),
        (["--trust", f"{KID}=missing.pem"], "missing.pem cannot be read"),
        (["--trust", f"{KID}=tenant.json"], "tenant.json: This is not a public key"),
        (["--trust", f"{KID}=."], "It is a folder"),
    ],
)
def test_a_refused_licence_file_comes_with_the_reason(
    here: Path, options: list[str], words: str
) -> None:
    result = run("license", "verify", "license.lic", *options)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert words in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--trust", "key.pem"],
        ["--trust", "=key.pem"],
        [*TRUST, "--company", "Fjordlicht GmbH"],
        [*TRUST, "--serial", "1234567890"],
        [*TRUST, "--after", "many"],
        [*TRUST, "--after", "-1"],
    ],
)
def test_wrong_usage_is_told_from_a_bad_licence(here: Path, options: list[str]) -> None:
    assert run("license", "verify", "license.lic", *options).exit_code == 2


def test_several_keys_may_be_trusted(here: Path) -> None:
    result = run("license", "verify", "license.lic", "--trust", "old=other.pem", *TRUST)

    assert result.exit_code == 0


def test_a_licence_for_later_says_so(here: Path) -> None:
    raw = signed(evergreen(not_before="2999-01-01"))

    result = run("license", "verify", "-", *TRUST, content=raw)

    assert result.exit_code == 0
    assert "may not be activated before 1 January 2999" in result.stdout


def test_a_tenant_goes_in_with_its_licence_and_comes_out_again(here: Path, sqlite_url: str) -> None:
    done = run("local", "import", "tenant.json", "--license", "license.lic", *TRUST, url=sqlite_url)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "2 users and 1 seat into local" in done.stdout

    out = run("local", "export", "--output", "out.json", url=sqlite_url)
    assert out.exit_code == 0
    found = json.loads((here / "out.json").read_bytes())
    assert [each["id"] for each in found["users"]] == ["anna", "bea"]

    again = run("local", "import", "out.json", url=sqlite_url)
    assert again.exit_code == 0
    assert json.loads(run("local", "export", url=sqlite_url).stdout) == found


def test_each_system_has_a_tenant_of_its_own(here: Path, sqlite_url: str) -> None:
    options = ["--license", "license.lic", *TRUST, "--system", "second"]
    assert run("local", "import", "tenant.json", *options, url=sqlite_url).exit_code == 0

    assert json.loads(run("local", "export", url=sqlite_url).stdout)["users"] == []
    out = run("local", "export", "--system", "second", url=sqlite_url)
    assert len(json.loads(out.stdout)["users"]) == 2


@pytest.mark.parametrize(
    ("people", "options", "words"),
    [
        (b"{", ["--license", "license.lic", *TRUST], "cannot be read"),
        (as_json(tenant([], [seat("X")])), ["--license", "license.lic", *TRUST], "seats[0].user"),
        (as_json(tenant([])), [], "--license FILE"),
        (as_json(tenant([])), ["--license", "license.lic"], "not trusted here"),
        (as_json(tenant([])), ["--license", "key.pem", *TRUST], "not a licence file"),
        (as_json(tenant([])), ["--license", "missing.lic", *TRUST], "missing.lic"),
    ],
)
def test_a_refused_import_says_why(
    here: Path, sqlite_url: str, people: bytes, options: list[str], words: str
) -> None:
    result = run("local", "import", "-", *options, content=people, url=sqlite_url)

    assert result.exit_code == 1
    assert words in result.stderr
    assert json.loads(run("local", "export", url=sqlite_url).stdout) == {"users": [], "seats": []}


@pytest.mark.parametrize("output", ["missing/out.json", "key.pem/out.json", ".", ""])
def test_an_export_needs_a_place(here: Path, sqlite_url: str, output: str) -> None:
    result = run("local", "export", "--output", output, url=sqlite_url)

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
