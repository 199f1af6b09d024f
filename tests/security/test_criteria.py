"""The criteria kept ready as one option do what single options do, and every scope gets its own values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, exists, func, select, update
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.db import db
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.item_lists.models import Item, JointItem
from app.security import scoping
from app.security.scope import Scope
from app.security.scoping import scoped_models
from app.tasks.models import Participant, Task

SCOPES = (
    Scope.public(),
    Scope(agency_ids=frozenset({1}), region_ids=frozenset({1, 2}), user_id=1),
    Scope(
        agency_ids=frozenset({2}), watch_agency_ids=frozenset({3, 4}), region_ids=frozenset({3}), user_id=2
    ),
)


@contextmanager
def heard() -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def listen(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        values = sorted(map(str, parameters.values())) if isinstance(parameters, dict) else parameters
        if not statement.startswith("SAVEPOINT"):
            found.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", listen)
    yield found
    event.remove(db.engine, "before_cursor_execute", listen)


def statements() -> list[Any]:
    other = aliased(Inspector)
    return [
        *(select(func.count()).select_from(model) for model in scoped_models()),
        select(Task).options(selectinload(Task.participants).joinedload(Participant.agency)),
        select(JointItem).options(selectinload(JointItem.parts), joinedload(JointItem.item_list)).limit(5),
        select(Inspector.id).join(other, other.agency_id == Inspector.agency_id).limit(5),
        select(Target.id).where(exists().where(Task.initiator_id == Target.agency_id)).limit(5),
        select(func.count()).select_from(select(Item.id).subquery()),
        update(Inspector).where(Inspector.id == -1).values(name="x"),
    ]


@pytest.mark.parametrize("scope", SCOPES, ids=("public", "agency", "office"))
def test_one_option_and_single_options_make_the_same_statements(session, scope):
    session.info["scope"] = scope
    kept = _all(session)
    singles = scoping._single(scope)
    event.remove(Session, "do_orm_execute", scoping._narrow)
    event.listen(Session, "do_orm_execute", add := _adding(singles))
    try:
        plain = _all(session)
    finally:
        event.remove(Session, "do_orm_execute", add)
        event.listen(Session, "do_orm_execute", scoping._narrow)
    assert len(kept) > len(scoped_models())
    assert kept == plain


def _adding(options: list[Any]) -> Any:
    def add(state: Any) -> None:
        if state.is_select or state.is_update or state.is_delete:
            carried = getattr(state.statement, "_with_options", ())
            state.statement = state.statement.options(*(one for one in options if one not in carried))

    return add


def _all(session: Session) -> list[tuple[str, Any]]:
    session.expunge_all()
    with heard() as found:
        for statement in statements():
            result = session.execute(statement)
            if not statement.is_update:
                result.unique().all()
    return found


def test_scopes_by_turns_get_their_own_values(session):
    """The compiled statement is the same one, found again by its shape."""
    for scope in (*SCOPES, *reversed(SCOPES)):
        session.info["scope"] = scope
        with heard() as found:
            session.scalars(select(Inspector.id)).all()
        asked = {int(number) for value in found[-1][1] for number in re.findall(r"-?\d+", value)}
        assert asked == scope.readable_agency_ids | {scope.person_id}, scope
    assert scoping._criteria(SCOPES[1], scoping._edition)._shape is (
        scoping._criteria(SCOPES[2], scoping._edition)._shape
    )
