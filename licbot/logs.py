"""Logs: one line an event, without what people typed and without secrets."""

import logging

import structlog

LOUD = ("slack_bolt", "slack_sdk", "dbos", "httpx", "httpcore", "aiosqlite", "alembic", "uvicorn")
"""Libraries that at INFO or DEBUG log requests with their bodies or tokens."""


def configure_logs(level: str) -> None:
    """Set the level of licbot's own lines; libraries speak from WARNING on."""
    number = logging.getLevelNamesMapping()[level]
    logging.basicConfig(
        level=max(number, logging.WARNING), format="%(levelname)s %(name)s %(message)s"
    )
    for name in LOUD:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(number))
