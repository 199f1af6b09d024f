"""Reads of saved views and of what a person chose. Within the session's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, String, cast, false, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.directories.listing.models import ListChoice, SavedView
from app.directories.listing.rules import MOST_VIEWS
from app.kernel.errors import NotFound
from app.security.scoping import scope_of, scoped_select

MOST_SHARED = 3 * MOST_VIEWS


@dataclass(frozen=True)
class View:
    """A saved view as a list page needs it."""

    id: int
    name: str
    shared: bool
    state: Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """What the person chose for a view, or (`view_id` None) for the list without one."""

    view_id: int | None
    columns: Sequence[str]
    opens: bool


def kept_of(session: Session, listing: str) -> tuple[list[View], list[Choice]]:
    """The views that the person sees, and the person's choices: both at once, for every list page asks for them."""
    view, choice = SavedView.__table__.c, ListChoice.__table__.c
    views = (
        scoped_select(
            session,
            SavedView,
            literal(True).label("is_view"),
            view.id,
            view.name,
            view.shared,
            view.state,
            cast(null(), ARRAY(String)).label("columns"),
            false().label("opens"),
        )
        .where(view.listing == listing)
        .limit(MOST_SHARED)
    )
    choices = (
        scoped_select(
            session,
            ListChoice,
            literal(False),
            choice.view_id,
            literal(""),
            false(),
            cast(null(), JSONB),
            choice.columns,
            choice.opens,
        )
        .where(choice.listing == listing, choice.user_id == scope_of(session).person_id)
        .limit(2 * MOST_SHARED)
    )
    rows = session.execute(union_all(views.subquery().select(), choices.subquery().select())).all()
    found = [View(row.id, row.name, row.shared, row.state) for row in rows if row.is_view]
    found.sort(key=lambda one: (not one.shared, one.name, one.id))
    return found, [Choice(row.id, row.columns, row.opens) for row in rows if not row.is_view]


def views_of(session: Session, listing: str) -> Sequence[SavedView]:
    """The own views and those shared with the agency, by name."""
    return session.scalars(
        select(SavedView)
        .where(SavedView.listing == listing)
        .order_by(SavedView.shared.desc(), SavedView.name, SavedView.id)
        .limit(MOST_SHARED)
    ).all()


def owned(session: Session, listing: str) -> int:
    """How many views of the list the person owns."""
    mine = SavedView.owner_id == scope_of(session).person_id
    return (
        session.scalar(select(func.count()).select_from(SavedView).where(SavedView.listing == listing, mine))
        or 0
    )


def get_view(session: Session, listing: str, view_id: int) -> SavedView:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(SavedView).where(SavedView.id == view_id, SavedView.listing == listing)
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="saved_view")
    return found


def choices_of(session: Session, listing: str) -> Sequence[ListChoice]:
    """What the person chose for the views of a list."""
    mine = ListChoice.user_id == scope_of(session).person_id
    return session.scalars(
        select(ListChoice).where(ListChoice.listing == listing, mine).limit(2 * MOST_SHARED)
    ).all()
