"""Logs: one line of JSON per event, traces without the values of variables, nothing secret."""

from __future__ import annotations

import logging

import structlog


def configure() -> None:
    """Set structlog and the loggers of the libraries up. Safe to repeat."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        cache_logger_on_first_use=True,
    )
    # It warns about every column that its generated filters do not know, at every start.
    logging.getLogger("flask_appbuilder.models.filters").setLevel(logging.ERROR)
    # Its own base views ask for `appbuilder.app`, which it calls deprecated.
    logging.getLogger("flask_appbuilder.base").setLevel(logging.ERROR)
