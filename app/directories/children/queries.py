"""Reads of child directories. Everything within the session's scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.directories.children.kinds import ChildKind
from app.kernel.errors import NotFound

MOST_SHOWN = 100


def of_target(session: Session, kind: ChildKind, target_id: int, limit: int = MOST_SHOWN) -> Sequence[Any]:
    """The rows of one target with their kinds, one more than `limit` where there are more."""
    model = kind.model
    return session.scalars(
        select(model)
        .where(model.target_id == target_id)
        .options(joinedload(model.kind_row), joinedload(model.agency))
        .order_by(model.kind, model.id)
        .limit(limit + 1)
    ).all()


def get_child(session: Session, kind: ChildKind, row_id: int) -> Any:
    """:raises NotFound: not there, or not within the scope"""
    model = kind.model
    found = session.scalars(
        select(model)
        .where(model.id == row_id)
        .options(joinedload(model.target), joinedload(model.kind_row), joinedload(model.agency))
    ).first()
    if found is None or found.target is None:
        raise NotFound("not_in_scope", kind=kind.name)
    return found
