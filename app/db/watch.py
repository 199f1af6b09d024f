"""Which tables the history triggers watch, and which are append-only."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.db.history import UNWATCHED, append_only_sql, install_sql

APPEND_ONLY = (
    "event",
    "sealed_entry",
    "log_node",
    "log_head",
    "draw_file",
    "dossier_file",
    "security_log",
    "row_history",
)


def watch(connection: Connection) -> None:
    """Put the triggers on every table of the schema; to be called at the end of a migration that adds tables."""
    names = [
        name
        for (name,) in connection.execute(
            text(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        )
    ]
    cause = connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'public' "
            "AND table_name = 'row_history' AND column_name = 'cause')"
        )
    )
    for statement in install_sql(sorted(set(names) - UNWATCHED - set(APPEND_ONLY)), bool(cause)):
        connection.execute(text(statement))
    for statement in append_only_sql([name for name in APPEND_ONLY if name in names]):
        connection.execute(text(statement))


def unwatch(connection: Connection) -> None:
    """Take the functions away, and every trigger with them."""
    connection.execute(text("DROP FUNCTION IF EXISTS keep_history() CASCADE"))
    connection.execute(text("DROP FUNCTION IF EXISTS refuse_change() CASCADE"))
