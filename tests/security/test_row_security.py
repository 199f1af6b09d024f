"""The second wall: with the choke point switched off, PostgreSQL alone shows the same rows and refuses the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.db import db
from app.kernel.clock import today
from app.security import rowsecurity
from app.security.models import Account, Agency
from app.security.queries import memberships_of, scope_for
from app.security.scope import Scope
from app.security.scoping import criterion, unscoped, walls_by_table
from app.web.domains import import_models
from tests.finished import finished_app

import_models()

PEOPLE = (
    "police_clerk",
    "amr_clerk",
    "health_clerk",
    "office",
    "region_office",
    "auditor",
    "sysadmin",
    "auditadmin",
)
FOREIGN = "POLICE-640200"
WALLED = sorted(set(walls_by_table()) - rowsecurity.WITHOUT)


@pytest.fixture(scope="module")
def finished(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    yield from finished_app(home, tmp_path_factory.mktemp("finished"))


@pytest.fixture
def played(finished: Flask) -> Iterator[Session]:
    """A session on the database in which the journey has been played; what the test does is undone."""
    with finished.app_context():
        session = db.session()
        session.info["scope"] = Scope.system("test")
        yield session
        session.rollback()
        db.session.remove()


def _scopes(session: Session) -> dict[str, Scope]:
    """Of people up and down, beside one another, of an inspector who was sent, of strangers and the public."""
    day = today(current_app.extensions["clock"])
    found: dict[str, Scope] = {"public": Scope.public(), "nothing": Scope.nothing()}
    names = [*PEOPLE, *_inspectors(session)]
    for account in session.scalars(select(Account).where(Account.username.in_(names))):
        mine = memberships_of(session, account.id)
        found[account.username] = scope_for(session, mine[0], day)
    foreign = session.scalars(select(Agency.id).where(Agency.code == FOREIGN)).one()
    found["another city"] = Scope(agency_ids=frozenset({foreign}), user_id=1)
    return found


def _inspectors(session: Session) -> list[str]:
    rows = session.execute(
        text(
            "SELECT u.username FROM assignment a JOIN inspector i ON i.id = a.inspector_id"
            " JOIN ab_user u ON u.id = i.user_id ORDER BY a.id LIMIT 2"
        )
    )
    return [name for (name,) in rows]


@contextmanager
def within(session: Session, scope: Scope) -> Iterator[None]:
    before = session.info.get("scope")
    session.info["scope"] = scope
    try:
        yield
    finally:
        session.info["scope"] = before


def _rows(session: Session, model: type[Any], where: Any = None) -> set[str]:
    columns = inspect(model).local_table.primary_key.columns
    query = select(*columns)
    if where is not None:
        query = query.where(where)
    return {str(tuple(row)) for row in session.execute(query)}


@pytest.mark.parametrize("table", WALLED)
def test_both_walls_show_the_same_rows(played: Session, table: str) -> None:
    """Core selects go past the choke point: what they show is what PostgreSQL lets through."""
    wall = walls_by_table()[table]
    for name, scope in _scopes(played).items():
        expected = _rows(played, wall.model, criterion(wall.model, scope))
        with within(played, scope):
            assert _rows(played, wall.model) == expected, (table, name)


def test_the_journey_has_rows_that_a_stranger_does_not_see(played: Session) -> None:
    """The comparison above means something: most tables have rows, and another city sees none of the task's."""
    filled = {table for table in WALLED if _rows(played, walls_by_table()[table].model)}
    assert {"task", "draw", "visit", "check_form", "assignment", "dossier", "event", "message"} <= filled
    with within(played, _scopes(played)["another city"]):
        for table in (
            "task",
            "participant",
            "draw",
            "draw_file",
            "visit",
            "check_form",
            "assignment",
            "dossier",
        ):
            assert not _rows(played, walls_by_table()[table].model), table


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE task SET name = 'taken'",
        "UPDATE check_form SET problem_text = 'taken'",
        "DELETE FROM participant",
        "DELETE FROM message",
        "UPDATE inspector SET name = 'taken' WHERE agency_id <> {own}",
    ],
)
def test_raw_sql_does_not_reach_foreign_rows(played: Session, statement: str) -> None:
    scope = _scopes(played)["another city"]
    (own,) = scope.agency_ids
    with within(played, scope):
        assert played.execute(text(statement.format(own=own))).rowcount == 0


def test_raw_sql_cannot_put_a_row_into_another_agency(played: Session) -> None:
    task = played.execute(text("SELECT initiator_id, entry_id, region_id FROM task LIMIT 1")).one()
    with within(played, _scopes(played)["another city"]), pytest.raises(ProgrammingError, match="row-level"):
        played.execute(
            text(
                "INSERT INTO library (name, kind, agency_id, rule) VALUES ('x', 'base', :agency, '{}'::jsonb)"
            ),
            {"agency": task.initiator_id},
        )
    played.rollback()


def test_an_own_row_cannot_be_given_to_another_agency(played: Session) -> None:
    scope = _scopes(played)["police_clerk"]
    with within(played, scope), pytest.raises(ProgrammingError, match="row-level"):
        played.execute(text("UPDATE inspector SET agency_id = (SELECT max(id) FROM agency)"))
    played.rollback()


@pytest.mark.parametrize("table", ["event", "security_log", "draw_file", "dossier_file", "row_history"])
def test_what_is_append_only_the_role_may_not_change(played: Session, table: str) -> None:
    with within(played, _scopes(played)["police_clerk"]), pytest.raises(ProgrammingError, match="denied"):
        played.execute(text(f"DELETE FROM {table}"))
    played.rollback()


def test_the_role_follows_every_change_of_the_scope(played: Session) -> None:
    def role() -> str:
        return played.execute(text("SELECT current_user")).scalar_one()

    scope = _scopes(played)["police_clerk"]
    assert role() == "portal"
    with within(played, scope):
        assert role() == "portal_scoped"
        with unscoped(played, "test"):
            assert role() == "portal"
        savepoint = played.begin_nested()
        with unscoped(played, "test"):
            assert role() == "portal"
        savepoint.rollback()
        assert role() == "portal_scoped"
        played.commit()
        assert role() == "portal_scoped"
    played.commit()
    assert role() == "portal"


def test_the_role_neither_owns_nor_bypasses(played: Session) -> None:
    row = played.execute(
        text("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'portal_scoped'")
    ).one()
    assert tuple(row) == (False, False, False)
    owned = text("SELECT count(*) FROM pg_class WHERE relowner = 'portal_scoped'::regrole")
    assert played.execute(owned).scalar_one() == 0


def test_what_is_installed_is_what_the_walls_generate(played: Session) -> None:
    connection = played.connection()
    query = text(
        "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2"
    )
    standing = connection.execute(query).all()
    assert {(row.tablename, row.policyname) for row in standing} == set(rowsecurity.generated().policies)
    rowsecurity.remove(connection)
    assert connection.execute(query).all() == []
    rowsecurity.install(connection)
    assert connection.execute(query).all() == standing
    rowsecurity.install(connection)
    assert connection.execute(query).all() == standing
    without = connection.execute(
        text("SELECT relname FROM pg_class WHERE relrowsecurity AND relname = ANY(:names)"),
        {"names": list(rowsecurity.WITHOUT)},
    )
    assert without.all() == []


def test_threads_on_pooled_connections_never_see_the_rows_of_another(finished: Flask) -> None:
    with finished.app_context():
        db.session().info["scope"] = Scope.system("test")
        agencies = list(db.session.scalars(text("SELECT DISTINCT agency_id FROM inspector LIMIT 8")))
        db.session.remove()
        engine = db.engine

    def look(number: int) -> list[tuple[int, set[int]]]:
        seen = []
        for turn in range(50):
            agency = agencies[(number + turn) % len(agencies)]
            with Session(engine) as session:
                session.info["scope"] = Scope(agency_ids=frozenset({agency}), user_id=-5)
                rows = session.execute(text("SELECT DISTINCT agency_id FROM inspector"))
                seen.append((agency, {row.agency_id for row in rows}))
        return seen

    with ThreadPoolExecutor(16) as pool:
        found = [one for part in pool.map(look, range(16)) for one in part]
    assert len(found) == 800
    assert all(rows == {agency} for agency, rows in found)
