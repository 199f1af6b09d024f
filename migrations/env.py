"""Alembic on the portal's engine; our tables and Flask-AppBuilder's are one metadata."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.db import db
from app.db.types import UtcDateTime

LOCK = 7_301_001


def _render(kind: str, value: object, autogen: object) -> str | bool:
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=db.metadata, compare_type=True, render_item=_render
        )
        with context.begin_transaction():
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            context.run_migrations()


run()
