"""The migrations make exactly the tables of the models, can be undone, and keep history from the first row on."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app.db import db
from app.web.chrome import MIGRATIONS
from tests import servers
from tests.conftest import _settings


@pytest.fixture
def empty_app(home: Path):
    from app.web import create_app

    url = servers.create_database_from_template("migrated")
    app = create_app(_settings(url, home))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    servers.drop_database(url.rpartition("/")[2])


def test_up_down_up_leaves_the_same_tables(empty_app):
    upgrade(directory=str(MIGRATIONS))
    first = set(inspect(db.engine).get_table_names())
    downgrade(directory=str(MIGRATIONS), revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade(directory=str(MIGRATIONS))
    assert set(inspect(db.engine).get_table_names()) == first


def test_the_migrations_and_the_models_agree(empty_app):
    upgrade(directory=str(MIGRATIONS))
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.metadata)
    assert differences == []


def test_a_filled_database_goes_down_and_up_again(own_app):
    db.session.remove()
    downgrade(directory=str(MIGRATIONS), revision="base")
    upgrade(directory=str(MIGRATIONS))
    assert "target" in inspect(db.engine).get_table_names()


def test_every_watched_table_has_the_history_trigger(own_app):
    from app.db.history import UNWATCHED
    from app.db.watch import APPEND_ONLY

    with db.engine.connect() as connection:
        watched = set(
            connection.scalars(
                text(
                    "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE tgname = 'keep_history'"
                )
            )
        )
    ours = {name for name in db.metadata.tables if name not in UNWATCHED and name not in APPEND_ONLY}
    assert ours - watched == set()


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET tag = 'x'", "DELETE FROM event", "TRUNCATE event CASCADE"]
)
def test_the_event_log_refuses_changes(own_app, statement):
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO event(at, actor, tag, subject, data) VALUES (now(), 'test', 'test.made', 'test:1', '{}')"
            )
        )
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(statement))


def test_every_table_names_its_constraints(own_app):
    """A constraint without a name of ours cannot be explained to a person."""
    with db.engine.connect() as connection:
        names = connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint "
                "WHERE contype IN ('c', 'u', 'f') AND connamespace = 'public'::regnamespace"
            )
        ).all()
    strange = [
        f"{table}.{name}"
        for table, name in names
        if not name.startswith(("ck_", "uq_", "fk_")) and not table.startswith("ab_")
    ]
    assert strange == []
