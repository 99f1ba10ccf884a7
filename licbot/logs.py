"""Logs: one line an event, without what people typed and without secrets."""

import logging
import re

import structlog
from structlog.typing import EventDict, WrappedLogger

LOUD = ("slack_bolt", "slack_sdk", "dbos", "httpx", "httpcore", "aiosqlite", "alembic", "uvicorn")
"""Libraries that at INFO or DEBUG log requests with their bodies or tokens."""

SECRET = re.compile(
    r"(?i)(xox[a-z]-|xapp-)[\w-]+|(bearer|basic)\s+[\w.~+/=-]+|(://[^:/\s]+:)[^@/\s]+(?=@)"
)
"""Slack's tokens, the credentials of a request, and the password of an address."""


def redact(text: str) -> str:
    """Text without secrets; what kind they are stays to be seen."""
    return SECRET.sub(lambda found: f"{next(filter(None, found.groups()))}…", text)


class _Redacting(logging.Formatter):
    """Formats libraries' lines, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _redacted(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


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
