"""What the lists of all child directories share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, ColumnElement, Select, and_, any_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.directories.children.kinds import ChildKind, choices
from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.ways import for_index
from app.directories.targets.models import Target
from app.directories.targets.search import like_pattern
from app.directories.targets.search import search as search_targets
from app.security.models import Region
from app.security.scoping import criterion, scope_of, scoped_select

MOST_TARGETS = 2000
"""So many targets of a search by name are looked at; a longer text finds the others."""


def joins(kind: ChildKind) -> Any:
    own, target, words = kind.model.__table__, Target.__table__, kind.vocabulary.__table__

    def joined(session: Session, statement: Select[Any]) -> Select[Any]:
        seen = criterion(Target, scope_of(session))
        return (
            statement.join(target, and_(target.c.id == own.c.target_id, seen))
            .join(words, words.c.code == own.c.kind)
            .join(Region.__table__, Region.__table__.c.id == own.c.region_id)
        )

    return joined


def target_columns() -> tuple[Column, ...]:
    target = Target.__table__.c
    return (
        Column("target", _l("Target"), target.name),
        Column("target_code", _l("Code"), target.code, kind="code", shown=False),
        Column("region", _l("Region"), Region.__table__.c.name),
    )


def kind_filter(kind: ChildKind, label: Any) -> Filter:
    column = kind.model.__table__.c.kind
    return Filter(
        "kind",
        label,
        "choices",
        lambda session: choices(session, kind),
        lambda session, values: column.in_(values),
    )


def region_filter(kind: ChildKind) -> Filter:
    column = kind.model.__table__.c.region_id

    def criterion(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
        return column.in_(region_ids(session, values))

    def said(session: Session, values: tuple[str, ...]) -> list[str]:
        return list(session.scalars(select(Region.name).where(Region.code.in_(values)).order_by(Region.path)))

    return Filter("region", _l("Region"), "lookup", "/lookup/regions", criterion, said)


def region_ids(session: Session, codes: Sequence[str]) -> list[int]:
    """The regions of these codes and everything below them."""
    paths = session.scalars(select(Region.path).where(Region.code.in_(codes))).all()
    below = [or_(Region.path == path, Region.path.like(f"{path}/%")) for path in paths]
    return list(session.scalars(select(Region.id).where(or_(*below)))) if below else []


def by_text(kind: ChildKind, *columns: str) -> Any:
    """A search: these columns begin with the text, or the target's name or code is meant. One query: what the ids
    of targets are compared with is then looked up by an index.
    """
    own = kind.model.__table__.c

    def search(session: Session, text: str) -> ColumnElement[bool] | None:
        wanted = text.strip()
        if not wanted:
            return None
        found = [own[name].like(f"{like_pattern(wanted)}%", escape="\\") for name in columns]
        meant = search_targets(session, wanted)
        if meant is not None:
            targets = scoped_select(session, Target, Target.__table__.c.id).where(for_index(meant))
            ids = list(session.scalars(targets.limit(MOST_TARGETS)))
            found.append(own.target_id == any_(bindparam(None, ids, type_=ARRAY(own.target_id.type))))
        return or_(*found)

    return search
