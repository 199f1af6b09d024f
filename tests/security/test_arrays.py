"""Ids of a scope as arrays mean what single parameters mean."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from app.directories.inspectors.models import Leave
from app.directories.targets.models import Target
from app.security.arrays import as_arrays
from app.security.scope import Scope
from app.security.scoping import criterion, scoped_models


def written(criterion):
    return str(criterion.compile(dialect=postgresql.dialect()))


@pytest.mark.parametrize("ids", [(), (1,), tuple(range(1, 400))])
def test_an_array_finds_what_the_values_find(session, ids):
    column = Target.__table__.c.region_id
    plain = select(Target.__table__.c.id).where(column.in_(ids))
    array = select(Target.__table__.c.id).where(as_arrays(column.in_(ids)))
    assert set(session.scalars(plain)) == set(session.scalars(array))


def test_subselects_are_rewritten_and_nothing_else():
    scope = Scope(agency_ids=frozenset({3, 1}), user_id=7)
    text = written(criterion(Leave, scope))
    assert "= ANY" in text and "IN (SELECT" in text and "POSTCOMPILE" not in text
    column = Target.__table__.c.region_id
    assert "NOT IN" in written(as_arrays(column.not_in([1, 2])))


def test_no_wall_hands_ids_over_one_by_one():
    scope = Scope(agency_ids=frozenset({1, 2}), region_ids=frozenset({3}), user_id=1)
    for model in scoped_models():
        assert "POSTCOMPILE" not in written(criterion(model, scope)), model
