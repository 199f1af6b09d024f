"""The list that a request asks for: the state of the URL, of the view, of what the person chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, current_app
from sqlalchemy.orm import Session

from app.directories.listing import saved
from app.directories.listing.listing import Listing, listings
from app.directories.listing.saved import Choice, View
from app.directories.listing.state import ListState
from app.security.context import current_actor

ALL = 0
"""`view=0`: all rows, although the list opens with a view."""


@dataclass(frozen=True)
class Asked:
    """`state.columns` are filled in; `view` is the one it began with, None for none."""

    listing: Listing
    state: ListState
    view: View | None
    views: Sequence[View]
    opens: int | None
    changed: bool


def may(permission: tuple[str, str]) -> bool:
    return bool(current_app.appbuilder.sm.has_access(*permission))


def my_listing(key: str) -> Listing:
    """The listing as the person of this request sees it; not there for whoever may not open it."""
    listing = listings.get(key)
    if listing is None or not may(listing.permission):
        abort(404)
    return listing.as_seen_by(current_actor().roles)


def asked(session: Session, listing: Listing, args: Any) -> Asked:
    """Read a request. One query. A view that is not there, or not this person's, is none."""
    views, choices = saved.kept_of(session, listing.key)
    opens = next((c.view_id for c in choices if c.opens), None)
    state = ListState.from_args(listing, args)
    if state.view is None and opens is not None and not set(args):
        state = replace(state, view=opens)
    view = next((v for v in views if v.id == state.view), None)
    if view is None and state.view != ALL:
        state = replace(state, view=None)
    if view is not None and not _says(listing, args):
        kept = ListState.from_json(listing, view.state)
        state = replace(kept, view=view.id, size=state.size, after=state.after, before=state.before)
        state = replace(state, columns=())
    mine = _columns(listing, view, choices)
    changed = view is not None and _differs(listing, view, state, mine)
    if not state.columns and mine:
        state = replace(state, columns=mine)
    return Asked(listing, state, view, views, opens, changed)


def state_of(session: Session, listing: Listing, args: Any) -> ListState:
    """The state that an act's page was sent."""
    return asked(session, listing, args).state


def _says(listing: Listing, args: Any) -> bool:
    """Whether the URL carries a state of its own beside the view and the place."""
    own = {"q", "sort", "cols"} | {found.key for found in listing.filters}
    return bool(own & set(args))


def _columns(listing: Listing, view: View | None, choices: Sequence[Choice]) -> tuple[str, ...]:
    """The person's columns for the view, else the view's."""
    view_id = view.id if view is not None else None
    kept = next((c.columns for c in choices if c.view_id == view_id), [])
    if not kept and view is not None:
        kept = view.state.get("columns") or []
    return ListState.from_json(listing, {"columns": kept}).columns


def _differs(listing: Listing, view: View, state: ListState, mine: tuple[str, ...]) -> bool:
    """Whether saving the state would change the view; columns that the person keeps for it do not count."""
    kept = ListState.from_json(listing, view.state)
    same = (kept.q, kept.filters, kept.order) == (state.q, state.filters, state.order)
    columns = state.columns or mine or listing.usual_columns
    return not same or columns not in {mine or listing.usual_columns, kept.columns or listing.usual_columns}
