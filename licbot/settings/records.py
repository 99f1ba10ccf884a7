"""The settings as records, and what each of their values must look like.

A check tells what is wrong and the cure in words; neither repeats the value, which may be secret.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict


def _wrong(message: str, cure: str) -> PydanticCustomError:
    return PydanticCustomError("setting", message, {"cure": cure})


def _matching(pattern: str, message: str, cure: str) -> AfterValidator:
    def check(value: str | SecretStr) -> str | SecretStr:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not re.fullmatch(pattern, text):
            raise _wrong(message, cure)
        return value

    return AfterValidator(check)


_BOT_TOKEN = _matching(
    r"(?!xapp-|xoxp-|xoxe)\S+",
    "is not a bot token.",
    "Use the Bot User OAuth Token of the app, which starts with xoxb-.",
)
_SIGNING_SECRET = _matching(
    r"(?!xapp-|xox)\S+",
    "is not a signing secret.",
    "Use the Signing Secret from Basic Information of the app.",
)
_APP_TOKEN = _matching(
    r"xapp-\S+",
    "is not an app-level token.",
    "Use one which starts with xapp-, or leave it out to receive requests over HTTP.",
)
_CHANNEL = _matching(
    r"[CG][A-Z0-9]{2,}",
    "is not the id of a channel.",
    "Copy the channel id, such as C0123456789, from the end of the channel's details.",
)
_LANGUAGE = _matching(
    "en|de|da|nb|sv|nl", "is not one of the languages.", "Use en, de, da, nb, sv or nl."
)
_MEMBER = _matching(
    r"[UW][A-Z0-9]{2,}",
    "is not the id of a member.",
    "Copy the member id, such as U0123456789, from the menu of the person's profile.",
)
_SECRETS_KEY = _matching(
    r"[A-Za-z0-9_-]{43}=",
    "is not a key for secrets.",
    "Make one with `licbot secrets new-key`.",
)
_DATABASE_URL = _matching(
    r"(sqlite(\+aiosqlite)?:///|postgresql(\+psycopg)?://)\S.*",
    "is not the address of a database that licbot knows.",
    "Use sqlite:///licbot.db or postgresql://user:password@host/database.",
)


def _split(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _api_url(value: str) -> str:
    try:
        url = urlsplit(value)
        host = url.hostname or ""
        plain = url.scheme == "http" and _is_loopback(host)
    except ValueError:
        host, plain = "", False
    if not host or not (plain or value.startswith("https://")):
        raise _wrong(
            "is not an https address.",
            "Leave it out for Slack itself; only addresses of this computer may use http.",
        )
    return value.rstrip("/") + "/"


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=30)


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", value) if isinstance(value, str) else None
    if match is None:
        raise _wrong("is not a length of time.", "Write it as 90s, 15m, 6h or 1d.")
    duration = timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    if not timedelta() < duration <= _LONGEST:
        raise _wrong("is out of range.", "Choose a time from 1s to 30d.")
    return duration


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Section(BaseModel):
    """One table of the file. Frozen; a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SlackSettings(Section):
    """The workspace and the way to it.

    channel: id of the licence channel. administrators: ids of members who are administrators
    whatever the licensed system says. language: what is read in the channel.
    app_token: where it is set, Socket Mode is used.
    api_url: address of the Web API, with a slash at its end.
    """

    channel: Annotated[str, _CHANNEL] = ""
    administrators: Annotated[tuple[Annotated[str, _MEMBER], ...], BeforeValidator(_split)] = ()
    language: Annotated[str, _LANGUAGE] = "en"
    bot_token: Annotated[SecretStr, _BOT_TOKEN] = SecretStr("")
    signing_secret: Annotated[SecretStr, _SIGNING_SECRET] = SecretStr("")
    app_token: Annotated[SecretStr, _APP_TOKEN] | None = None
    api_url: Annotated[str, AfterValidator(_api_url)] = "https://slack.com/api/"


class DatabaseSettings(Section):
    """Where licbot keeps its state. url: kept as a secret, for it may hold a password."""

    url: Annotated[SecretStr, _DATABASE_URL] = SecretStr("sqlite:///licbot.db")


class SecretsSettings(Section):
    """How licbot encrypts what it keeps for licensed systems.

    keys: the first encrypts, and all of them decrypt; without one nothing is kept.
    """

    keys: Annotated[tuple[Annotated[SecretStr, _SECRETS_KEY], ...], BeforeValidator(_split)] = ()


class ActivationSettings(Section):
    """automatic: whether an offer without surplus is activated without asking."""

    automatic: bool = False


class PollSettings(Section):
    """interval: how often issuers are asked, besides the check date of a licence."""

    interval: Annotated[timedelta, BeforeValidator(_duration)] = timedelta(hours=6)


class LogSettings(Section):
    """level: the least important level that is logged."""

    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
    ] = "INFO"


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemSettings:
    """One licensed system, ``[systems.NAME]``.

    kind: which plugin reaches it. folder: what relative paths of its options start from.
    options: all else in the table and the environment, frozen through and through; the plugin
    checks it. There may be secrets among it.
    """

    name: str
    kind: str
    folder: Path
    options: Mapping[str, object] = field(repr=False)


def _no_systems() -> Mapping[str, SystemSettings]:
    return MappingProxyType({})


class Settings(BaseSettings):
    """All settings of one licbot."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", case_sensitive=True, hide_input_in_errors=True
    )

    slack: SlackSettings = SlackSettings()
    database: DatabaseSettings = DatabaseSettings()
    secrets: SecretsSettings = SecretsSettings()
    systems: Annotated[Mapping[str, SystemSettings], AfterValidator(MappingProxyType)] = Field(
        default_factory=_no_systems
    )
    activation: ActivationSettings = ActivationSettings()
    poll: PollSettings = PollSettings()
    log: LogSettings = LogSettings()
