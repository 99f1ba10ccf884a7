"""Settings are read once, the environment wins, and everything wrong is told at once."""

import string
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from licbot.settings import Problem, Settings, SettingsError, load_settings

ENOUGH = {
    "LICBOT_SLACK_BOT_TOKEN": "xoxb-secret-bot",
    "LICBOT_SLACK_SIGNING_SECRET": "secret-signing",
    "LICBOT_SLACK_CHANNEL": "C0123456789",
}
KEY, OTHER_KEY = f"{'k' * 42}E=", f"{'_-' * 21}8="
LOCAL = '[systems.local]\noffers = "offers/"\n'


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(
    toml: str = LOCAL, environ: Mapping[str, str] = ENOUGH, *, lacking: bool = False
) -> Settings:
    Path("licbot.toml").write_text(toml, encoding="utf-8")
    return load_settings(environ, complete=not lacking)


def problems(toml: str = LOCAL, environ: Mapping[str, str] = ENOUGH) -> list[Problem]:
    with pytest.raises(SettingsError) as caught:
        load(toml, environ)
    return list(caught.value.problems)


def only_problem(toml: str = LOCAL, environ: Mapping[str, str] = ENOUGH) -> Problem:
    found = problems(toml, environ)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def problems_of(environ: Mapping[str, str]) -> tuple[Problem, ...]:
    try:
        load_settings(environ, complete=False)
    except SettingsError as error:
        return error.problems
    return ()


def test_with_the_least_that_is_needed_the_rest_has_its_default() -> None:
    settings = load()

    assert settings.slack.bot_token.get_secret_value() == "xoxb-secret-bot"
    assert settings.slack.signing_secret.get_secret_value() == "secret-signing"
    assert settings.slack.app_token is None
    assert settings.slack.channel == "C0123456789"
    assert settings.slack.administrators == ()
    assert settings.slack.api_url == "https://slack.com/api/"
    assert settings.database.url.get_secret_value() == "sqlite:///licbot.db"
    assert settings.activation.automatic is False
    assert settings.poll.interval == timedelta(hours=6)
    assert settings.log.level == "INFO"


def test_the_whole_file_is_read() -> None:
    settings = load(
        """
        [slack]
        channel = "G0000000001"
        administrators = ["U0000000001", "W0000000002"]
        bot_token = "xoxb-file"
        signing_secret = "signing-file"
        app_token = "xapp-file"
        api_url = "http://127.0.0.1:8080/api"
        [database]
        url = "postgresql://licbot:pw@db/licbot"
        [systems.north]
        kind = "local"
        offers = "https://licenses.example.com/offers"
        mirrors = [{ region = "eu" }]
        [activation]
        automatic = true
        [poll]
        interval = "90s"
        [log]
        level = "debug"
        """,
        {},
    )

    assert settings.slack.administrators == ("U0000000001", "W0000000002")
    assert settings.slack.app_token is not None
    assert settings.slack.app_token.get_secret_value() == "xapp-file"
    assert settings.slack.api_url == "http://127.0.0.1:8080/api/"
    assert settings.database.url.get_secret_value() == "postgresql://licbot:pw@db/licbot"
    assert settings.activation.automatic is True
    assert settings.poll.interval == timedelta(seconds=90)
    assert settings.log.level == "DEBUG"
    north = settings.systems["north"]
    assert (north.name, north.kind) == ("north", "local")
    assert north.options["offers"] == "https://licenses.example.com/offers"
    assert north.options["mirrors"] == ({"region": "eu"},)


def test_the_environment_wins_over_the_file_setting_by_setting() -> None:
    settings = load(
        '[slack]\nchannel = "C0000000001"\nadministrators = ["U0000000001"]\n'
        '[poll]\ninterval = "1d"\n' + LOCAL,
        {
            **ENOUGH,
            "LICBOT_POLL_INTERVAL": "15m",
            "LICBOT_ACTIVATION_AUTOMATIC": "yes",
            "LICBOT_DATABASE_URL": "sqlite:///elsewhere.db",
        },
    )

    assert settings.slack.channel == "C0123456789"
    assert settings.slack.administrators == ("U0000000001",)
    assert settings.poll.interval == timedelta(minutes=15)
    assert settings.activation.automatic is True
    assert settings.database.url.get_secret_value() == "sqlite:///elsewhere.db"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load(environ={**ENOUGH, "LICBOT_SLACK_APP_TOKEN": ""}).slack.app_token is None


def test_administrators_in_the_environment_are_separated_by_commas() -> None:
    settings = load(environ={**ENOUGH, "LICBOT_SLACK_ADMINISTRATORS": "U01, U02,W03"})

    assert settings.slack.administrators == ("U01", "U02", "W03")


def test_a_system_is_of_the_kind_of_its_name_unless_it_says_so() -> None:
    settings = load('[systems.local]\n[systems.second]\nkind = "local"\n')

    assert {name: system.kind for name, system in settings.systems.items()} == {
        "local": "local",
        "second": "local",
    }
    assert "kind" not in settings.systems["second"].options


def test_relative_paths_of_a_system_start_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "bot.toml").write_text(LOCAL, encoding="utf-8")

    settings = load_settings({**ENOUGH, "LICBOT_CONFIG": "etc/bot.toml"})

    assert settings.systems["local"].folder == tmp_path / "etc"


def test_the_given_file_goes_before_the_one_which_the_environment_names(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("[systems.mine]\n", encoding="utf-8")

    settings = load_settings({**ENOUGH, "LICBOT_CONFIG": "other.toml"}, mine)

    assert list(settings.systems) == ["mine"]


def test_settings_cannot_be_changed() -> None:
    settings = load('[systems.local]\nkeys = { "a" = ["b"] }\n')

    with pytest.raises(ValidationError):
        settings.slack.channel = "C9999999999"
    with pytest.raises(ValidationError):
        settings.poll = settings.poll
    with pytest.raises(TypeError):
        settings.systems["other"] = settings.systems["local"]  # type: ignore[index]  # as above
    keys = settings.systems["local"].options["keys"]
    assert isinstance(keys, Mapping)
    with pytest.raises(TypeError):
        keys["a"] = ()  # type: ignore[index]  # the point of the test


def test_keys_for_secrets_are_a_list_in_the_file_and_separated_by_commas_outside() -> None:
    in_file = load(f'[secrets]\nkeys = ["{KEY}", "{OTHER_KEY}"]\n' + LOCAL)
    outside = load(environ={**ENOUGH, "LICBOT_SECRETS_KEYS": f"{OTHER_KEY}, {KEY}"})

    assert [key.get_secret_value() for key in in_file.secrets.keys] == [KEY, OTHER_KEY]
    assert [key.get_secret_value() for key in outside.secrets.keys] == [OTHER_KEY, KEY]
    assert load().secrets.keys == ()


def test_a_table_is_completed_from_the_environment_which_wins() -> None:
    settings = load(
        '[systems.local]\noffers = "offers/"\nmirrors = ["a"]\n'
        '[systems.crm-test]\nkind = "local"\n',
        {
            **ENOUGH,
            "LICBOT_SYSTEMS_LOCAL_OFFERS": "https://licences.example/",
            "LICBOT_SYSTEMS_LOCAL_CLIENT_SECRET": "hush",
            "LICBOT_SYSTEMS_LOCAL_MIRRORS": "",
            "LICBOT_SYSTEMS_CRM_TEST_CLIENT_ID": "7",
        },
    )

    assert settings.systems["local"].options == {
        "offers": "https://licences.example/",
        "mirrors": ("a",),
        "client_secret": "hush",
    }
    assert settings.systems["crm-test"].options == {"client_id": "7"}
    assert settings.systems["crm-test"].kind == "local"


def test_a_variable_belongs_to_the_system_with_the_longest_fitting_name() -> None:
    settings = load(
        "[systems.crm]\n[systems.crm-test]\n",
        {
            **ENOUGH,
            "LICBOT_SYSTEMS_CRM_TEST_URL": "of the test",
            "LICBOT_SYSTEMS_CRM_URL": "of the other",
        },
    )

    assert settings.systems["crm"].options == {"url": "of the other"}
    assert settings.systems["crm-test"].options == {"url": "of the test"}


@pytest.mark.parametrize(
    ("toml", "name", "message", "cure"),
    [
        (LOCAL, "CRM_URL", "belongs to no system.", "as LICBOT_SYSTEMS_LOCAL_…, or add the table"),
        (LOCAL, "LOCAL", "belongs to no system.", "LICBOT_SYSTEMS_LOCAL_…"),
        (LOCAL, "LOCAL_", "belongs to no system.", "LICBOT_SYSTEMS_LOCAL_…"),
        (LOCAL, "LOCAL__OFFERS", "belongs to no system.", "LICBOT_SYSTEMS_LOCAL_…"),
        (LOCAL, "local_offers", "belongs to no system.", "Write it in capitals"),
        (LOCAL, "LOCAL_offers", "belongs to no system.", "Write it in capitals"),
        ("", "LOCAL_OFFERS", "belongs to no system.", "Add the table of its system"),
        (
            LOCAL,
            "LOCAL_KIND",
            "cannot be set in the environment.",
            "Write kind below [systems.local] in licbot.toml.",
        ),
        (
            "[systems.crm-a]\n[systems.crm_a]\n",
            "CRM_A_URL",
            "could be for [systems.crm-a] and [systems.crm_a].",
            "Rename one of them.",
        ),
    ],
)
def test_a_variable_for_a_system_that_fits_none_is_told_without_its_value(
    toml: str, name: str, message: str, cure: str
) -> None:
    problem = only_problem(toml, {**ENOUGH, f"LICBOT_SYSTEMS_{name}": "hush-hush"})

    assert problem.setting == f"LICBOT_SYSTEMS_{name}"
    assert problem.message == message
    assert cure in problem.cure
    assert "hush-hush" not in str(problem)


def test_a_table_with_a_bad_name_is_told_once() -> None:
    problem = only_problem("[systems.North]\n", {**ENOUGH, "LICBOT_SYSTEMS_NORTH_URL": "x"})

    assert problem.setting == "[systems.North]"


def test_secrets_are_not_shown() -> None:
    settings = load(
        environ={
            **ENOUGH,
            "LICBOT_DATABASE_URL": "postgresql://licbot:secret-pw@db/licbot",
            "LICBOT_SECRETS_KEYS": KEY,
            "LICBOT_SYSTEMS_LOCAL_CLIENT_SECRET": "secret-client",
        }
    )

    for secret in ("secret-bot", "secret-signing", "secret-pw", KEY, "secret-client"):
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    ("toml", "setting", "message", "cure"),
    [
        (
            '[slack]\nchannel = "#licences"\n',
            "[slack] channel (LICBOT_SLACK_CHANNEL)",
            "is not the id of a channel.",
            "C0123456789",
        ),
        (
            '[slack]\nadministrators = ["U01", "ann"]\n',
            "[slack] administrators, entry 2 (LICBOT_SLACK_ADMINISTRATORS)",
            "is not the id of a member.",
            "U0123456789",
        ),
        (
            "[slack]\nadministrators = 7\n",
            "[slack] administrators (LICBOT_SLACK_ADMINISTRATORS)",
            "is not a list.",
            '["one", "two"]',
        ),
        (
            '[slack]\nbot_token = "xapp-1"\n',
            "[slack] bot_token (LICBOT_SLACK_BOT_TOKEN)",
            "is not a bot token.",
            "xoxb-",
        ),
        (
            "[slack]\nbot_token = 12\n",
            "[slack] bot_token (LICBOT_SLACK_BOT_TOKEN)",
            "is not text.",
            "quotes",
        ),
        (
            '[slack]\nsigning_secret = "xoxb-1"\n',
            "[slack] signing_secret (LICBOT_SLACK_SIGNING_SECRET)",
            "is not a signing secret.",
            "Basic Information",
        ),
        (
            '[slack]\napp_token = "xoxb-1"\n',
            "[slack] app_token (LICBOT_SLACK_APP_TOKEN)",
            "is not an app-level token.",
            "xapp-",
        ),
        (
            '[slack]\napi_url = "http://slack.example.com/api/"\n',
            "[slack] api_url (LICBOT_SLACK_API_URL)",
            "is not an https address.",
            "Leave it out",
        ),
        (
            '[database]\nurl = "mysql://db/licbot"\n',
            "[database] url (LICBOT_DATABASE_URL)",
            "is not the address of a database that licbot knows.",
            "postgresql://",
        ),
        (
            f'[secrets]\nkeys = ["{KEY}", "{KEY[:-1]}"]\n',
            "[secrets] keys, entry 2 (LICBOT_SECRETS_KEYS)",
            "is not a key for secrets.",
            "Make one with `licbot secrets new-key`.",
        ),
        (
            "[secrets]\nkeys = [7]\n",
            "[secrets] keys, entry 1 (LICBOT_SECRETS_KEYS)",
            "is not text.",
            "quotes",
        ),
        (
            "[secrets]\nkeys = 7\n",
            "[secrets] keys (LICBOT_SECRETS_KEYS)",
            "is not a list.",
            '["one", "two"]',
        ),
        (
            '[activation]\nautomatic = "perhaps"\n',
            "[activation] automatic (LICBOT_ACTIVATION_AUTOMATIC)",
            "is neither true nor false.",
            "true or false",
        ),
        (
            "[activation]\nautomatic = [true]\n",
            "[activation] automatic (LICBOT_ACTIVATION_AUTOMATIC)",
            "is neither true nor false.",
            "true or false",
        ),
        (
            '[poll]\ninterval = "2 weeks"\n',
            "[poll] interval (LICBOT_POLL_INTERVAL)",
            "is not a length of time.",
            "90s, 15m, 6h or 1d",
        ),
        (
            '[poll]\ninterval = "31d"\n',
            "[poll] interval (LICBOT_POLL_INTERVAL)",
            "is out of range.",
            "from 1s to 30d",
        ),
        (
            '[log]\nlevel = "chatty"\n',
            "[log] level (LICBOT_LOG_LEVEL)",
            "is not one of the levels.",
            "WARNING",
        ),
        ("[slack]\nchanel = 1\n", "[slack] chanel", "is not a setting.", "Did you mean channel?"),
        ("[slak]\n", "[slak]", "is not a setting.", "Did you mean slack?"),
        ("[Slack]\n", "[Slack]", "is not a setting.", "Did you mean slack?"),
        ("[log]\ncolour = 1\n", "[log] colour", "is not a setting.", "one of: level."),
        ("poll = 3\n", "poll", "is not a table.", "Write [poll] on a line of its own"),
        ("systems.x = 3\n", "[systems] x", "is not a table.", "Write [systems.x]"),
        ("[systems.North]\n", "[systems.North]", "is not a good name for a system.", "small"),
        ("[systems.x]\nkind = 3\n", "[systems.x] kind", "is not text.", 'kind = "local"'),
    ],
)
def test_each_mistake_in_the_file_is_told_with_its_name_and_the_cure(
    toml: str, setting: str, message: str, cure: str
) -> None:
    # The environment would win over the mistake.
    environ = {
        name: value
        for name, value in ENOUGH.items()
        if name.removeprefix("LICBOT_SLACK_").lower() not in toml
    }

    problem = only_problem(toml + LOCAL, environ)

    assert problem.setting == setting
    assert problem.message == message
    assert cure in problem.cure


def test_systems_must_be_a_table() -> None:
    problem = only_problem("systems = 3\n")

    assert (problem.setting, problem.message) == ("systems", "is not a table.")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("LICBOT_SLACK_BOT_TOKN", "LICBOT_SLACK_BOT_TOKEN"),
        ("LICBOT_SLACK_TOKEN", "LICBOT_SLACK_BOT_TOKEN"),
        ("LICBOT_DATABSE_URL", "LICBOT_DATABASE_URL"),
        ("LICBOT_SECRET_KEYS", "LICBOT_SECRETS_KEYS"),
        ("LICBOT_CONFG", "LICBOT_CONFIG"),
    ],
)
def test_a_misspelt_variable_is_told(name: str, meant: str) -> None:
    problem = only_problem(environ={**ENOUGH, name: "xoxb-secret"})

    assert problem == Problem(
        setting=name, message="is not a setting.", cure=f"Did you mean {meant}?"
    )


def test_variables_of_others_are_none_of_our_business() -> None:
    environ = {**ENOUGH, "LICBOT_SERVICE_HOST": "10.0.0.1", "LICBOT_PORT": "tcp://", "HOME": "/"}

    assert load(environ=environ).slack.channel == "C0123456789"


def test_everything_wrong_is_told_at_once_and_without_the_values() -> None:
    found = problems(
        '[slack]\nchanel = "C1"\nbot_token = "xapp-hidden"\n'
        '[poll]\ninterval = "often"\n[systems.X]\n',
        {"LICBOT_SLACK_SIGNING_SECRT": "hidden", "LICBOT_DATABASE_URL": "hidden"},
    )

    assert [problem.setting for problem in found] == [
        "LICBOT_SLACK_SIGNING_SECRT",
        "[systems.X]",
        "[slack] bot_token (LICBOT_SLACK_BOT_TOKEN)",
        "[slack] chanel",
        "[database] url (LICBOT_DATABASE_URL)",
        "[poll] interval (LICBOT_POLL_INTERVAL)",
        "[slack] signing_secret (LICBOT_SLACK_SIGNING_SECRET)",
        "[slack] channel (LICBOT_SLACK_CHANNEL)",
    ]
    assert "hidden" not in str(SettingsError(found))
    assert str(SettingsError(found)).count("\n") == len(found) - 1


def test_without_any_setting_all_that_is_needed_is_listed() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({})

    assert [problem.setting for problem in caught.value.problems] == [
        "[slack] bot_token (LICBOT_SLACK_BOT_TOKEN)",
        "[slack] signing_secret (LICBOT_SLACK_SIGNING_SECRET)",
        "[slack] channel (LICBOT_SLACK_CHANNEL)",
        "[systems.NAME]",
    ]


def test_socket_mode_needs_no_signing_secret() -> None:
    environ = {**ENOUGH, "LICBOT_SLACK_APP_TOKEN": "xapp-1"}
    del environ["LICBOT_SLACK_SIGNING_SECRET"]

    assert load(environ=environ).slack.signing_secret.get_secret_value() == ""


def test_commands_that_do_not_serve_can_do_without_slack() -> None:
    assert load("", {}, lacking=True).database.url.get_secret_value() == "sqlite:///licbot.db"


def test_what_is_there_is_checked_even_where_not_all_is_needed() -> None:
    with pytest.raises(SettingsError, match="LICBOT_POLL_INTERVAL"):
        load("", {"LICBOT_POLL_INTERVAL": "never"}, lacking=True)


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: is not there\. .*LICBOT_CONFIG"):
        load_settings({**ENOUGH, "LICBOT_CONFIG": "nowhere.toml"})


def test_a_file_that_is_not_toml_is_told_with_the_place_and_without_its_content() -> None:
    problem = only_problem('[slack]\nbot_token = "xoxb-hidden\n')

    assert problem.setting == "licbot.toml"
    assert problem.message == "is not valid TOML."
    assert "line 2" in problem.cure
    assert "hidden" not in str(problem)


def test_a_file_in_another_encoding_is_told() -> None:
    Path("licbot.toml").write_bytes("[slack]\n# Lizenzschlüssel\n".encode("latin-1"))

    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(ENOUGH)


def test_a_folder_in_place_of_the_file_is_told() -> None:
    Path("licbot.toml").mkdir()

    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(ENOUGH)


@pytest.mark.parametrize(
    "url", ["http://localhost:1/api/", "http://127.0.0.9/api/", "http://[::1]:9/api/"]
)
def test_loopback_addresses_may_use_http(url: str) -> None:
    assert load(environ={**ENOUGH, "LICBOT_SLACK_API_URL": url}).slack.api_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "http://10.0.0.1/",
        "http://[::1/",
        "https://",
        "https://[oops/",
        "ftp://localhost/",
        "slack.com/api",
    ],
)
def test_other_addresses_of_the_web_api_must_use_https(url: str) -> None:
    assert "https" in only_problem(environ={**ENOUGH, "LICBOT_SLACK_API_URL": url}).message


@given(number=st.integers(1, 30 * 86400), unit=st.sampled_from("smhd"))
def test_a_duration_in_range_is_kept_and_any_other_is_refused(number: int, unit: str) -> None:
    seconds = number * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]

    if seconds <= 30 * 86400:
        settings = load_settings({"LICBOT_POLL_INTERVAL": f"{number}{unit}"}, complete=False)
        assert settings.poll.interval == timedelta(seconds=seconds)
    else:
        found = problems_of({"LICBOT_POLL_INTERVAL": f"{number}{unit}"})
        assert [problem.message for problem in found] == ["is out of range."]


@given(value=st.text(min_size=1))
def test_no_text_for_a_setting_raises_anything_but_problems_of_that_setting(value: str) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_API_URL", "DATABASE_URL", "POLL_INTERVAL", "LOG_LEVEL"):
        found = problems_of({f"LICBOT_{name}": value})

        assert [f"(LICBOT_{name})" in problem.setting for problem in found] in ([], [True])


@given(
    secret=st.text(string.ascii_letters + string.digits, min_size=12, max_size=40),
    name=st.sampled_from(
        ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SECRETS_KEYS"]
    ),
)
def test_a_refused_secret_is_never_repeated(secret: str, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({f"LICBOT_{name}": f"{secret} {secret}"}, complete=False)

    assert secret not in str(caught.value)
