"""More states of an import than the first release knew: the migration changes the constraint, and back."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.directories.importing.models import STATES

_FIRST = ("waiting", "checked", "committing", "committed", "failed")
_NAME = "ck_import_run_state_known"


def install(connection: Connection) -> None:
    _constrain(connection, STATES)


def remove(connection: Connection) -> None:
    """Files that wait for a person's word are not readable any more for the first release; undone ones were taken."""
    connection.execute(text("UPDATE import_run SET state = 'failed' WHERE state = 'choosing'"))
    connection.execute(text("UPDATE import_run SET state = 'committed' WHERE state IN ('undoing', 'undone')"))
    _constrain(connection, _FIRST)


def _constrain(connection: Connection, states: tuple[str, ...]) -> None:
    connection.execute(text(f"ALTER TABLE import_run DROP CONSTRAINT IF EXISTS {_NAME}"))
    connection.execute(text(f"ALTER TABLE import_run ADD CONSTRAINT {_NAME} CHECK (state IN {states!r})"))
