"""What the sources add to the list of targets."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.directories.listing.filters import Filter
from app.directories.sources import queries
from app.directories.sources.models import SourceConflict
from app.directories.sources.rules import ConflictState
from app.directories.sources.views.words import source_words
from app.directories.targets.models import Target
from app.security.scoping import scoped_select


def _choices(session: Session) -> list[tuple[str, Any]]:
    return sorted(source_words(session, queries.open_by_source(session)).items())


def _contradicted(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    rows = SourceConflict.__table__.c
    waiting = scoped_select(session, SourceConflict, rows.target_id).where(
        rows.state == ConflictState.OPEN.value, rows.source.in_(values)
    )
    return Target.id.in_(waiting)


CONFLICTS = Filter("contradicted", _l("Contradicted by"), "choices", _choices, _contradicted)
