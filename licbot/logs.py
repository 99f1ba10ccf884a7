"""Logs: one line an event, without what people typed and without secrets."""

import logging
import re

import structlog
from structlog.typing import EventDict, WrappedLogger

LOUD = ("slack_bolt", "slack_sdk", "dbos", "httpx", "httpcore", "aiosqlite", "alembic", "uvicorn")
"""Libraries that at INFO or DEBUG log requests with their bodies or tokens."""

_FIELDS = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier|password"
)

SECRET = re.compile(
    "|".join(
        (
            # Slack's tokens
            r"(xox[a-z]-|xapp-)[\w-]+",
            # the credentials of a request
            r"(bearer|basic|soticket)\s+[\w.:~+/=-]+",
            r"(so-apptoken(?:['\"]?\s*[:=,]\s*)(?:b?['\"])?)[^\s'\",;&)}\]]+",
            # the password of an address
            r"(://[^:/\s]+:)[^@/\s]+(?=@)",
            # SuperOffice's tickets and tokens
            r"((?-i:7T|8A)(?::|%3a))[\w.~+/=%-]+",
            # the parameters of an address or a form
            rf"(?:(?<![\w.-])|(?<=%26)|(?<=%3f))((?:{_FIELDS}|code)(?:=|%3d))"
            r"(?:'[^']*|\"[^\"]*|[^\s&'\"]+)",
            # the fields of JSON, also inside a string of JSON
            rf"(\\?['\"](?:{_FIELDS}|token|signedsystemtoken|applicationtoken)"
            r"\\?['\"]\s*:\s*\\?['\"])(?:[^'\"\\]|\\(?!['\"]))+",
            # signed tokens of three parts; the first is a JSON object, and short
            r"((?-i:eyJ))[\w-]{1,1000}\.[\w-]+\.[\w-]*",
            # private keys, also such that were cut off
            r"(-----begin [a-z ]*private key-----).*?(?:-----end [a-z ]*private key-----|\Z)",
            # what licbot itself encrypts secrets to
            r"((?-i:gAAAA))[\w-]+=*",
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
"""What is never logged. The one group of each part is what stays to be seen."""


def redact(text: str) -> str:
    """Text without secrets; what kind they are stays to be seen."""
    return SECRET.sub(lambda found: f"{next(filter(None, found.groups()))}…", text)


class _Redacting(logging.Formatter):
    """Formats libraries' lines, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _redacted(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: _shown(value) for key, value in event.items()}


def _shown(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return redact(value if isinstance(value, str) else repr(value))


def configure_logs(level: str) -> None:
    """Set the level of licbot's own lines; libraries speak from WARNING on.

    Tracebacks have the lines of the code and never the values of variables, which may be tokens
    or people's addresses.
    """
    number = logging.getLevelNamesMapping()[level]
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    for name in LOUD:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redacted,
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "event"], repr_native_str=False
            ),
        ],
    )
