"""Verbs on saved views and on what a person chooses for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.audit.services import record
from app.db import Unit
from app.directories.listing import saved
from app.directories.listing.models import ListChoice, SavedView
from app.directories.listing.rules import MOST_COLUMNS, may_change, view_faults
from app.kernel.errors import Forbidden, Invalid, NotFound, Stale


def save_view(
    unit: Unit, listing: str, name: str, state: Mapping[str, Any], *, shared: bool = False
) -> SavedView:
    """Keep a state of a list under a name, for oneself or for the whole agency. Sent twice it is kept once.

    :raises Invalid: without a name, with one that is taken, or with too many views
    """
    name = " ".join(name.split())
    shared = shared and unit.actor.agency_id is not None
    _one_after_the_other(unit, listing)
    known = saved.views_of(unit.session, listing)
    for view in known:
        if (view.owner_id, view.name, view.shared, view.state) == (_person(unit), name, shared, dict(state)):
            return view
    _check(name, (view.name for view in known), saved.owned(unit.session, listing))
    view = SavedView(
        listing=listing,
        name=name,
        owner_id=_person(unit),
        agency_id=unit.actor.agency_id,
        shared=shared,
        state=dict(state),
    )
    unit.session.add(view)
    unit.session.flush()
    record(unit, "view.saved", f"view:{view.id}", {"listing": listing, "shared": shared})
    return view


def change_view(unit: Unit, listing: str, view_id: int, state: Mapping[str, Any]) -> SavedView:
    """Save a changed state back under the same name."""
    view = _mine(unit, listing, view_id)
    if view.state != dict(state):
        view.state = dict(state)
        for choice in saved.choices_of(unit.session, listing):
            if choice.view_id == view.id:
                choice.columns = []
        unit.session.flush()
        record(unit, "view.changed", f"view:{view.id}", {"listing": listing})
    return view


def rename_view(
    unit: Unit, listing: str, view_id: int, name: str, *, shared: bool, version: int
) -> SavedView:
    """Another name, or shared from now on or no longer.

    :raises Stale: somebody changed it meanwhile
    """
    name = " ".join(name.split())
    _one_after_the_other(unit, listing)
    view = _mine(unit, listing, view_id)
    if version != view.version:
        raise Stale("stale", changes=[("name", view.name, name)])
    others = [known.name for known in saved.views_of(unit.session, listing) if known.id != view.id]
    _check(name, others, 0)
    shared = shared and view.agency_id is not None
    if (view.name, view.shared) != (name, shared):
        view.name, view.shared = name, shared
        unit.session.flush()
        record(unit, "view.renamed", f"view:{view.id}", {"listing": listing, "shared": shared})
    return view


def delete_view(unit: Unit, listing: str, view_id: int) -> None:
    """The view goes, for everybody who saw it."""
    view = _mine(unit, listing, view_id)
    unit.session.delete(view)
    unit.session.flush()
    record(unit, "view.deleted", f"view:{view_id}", {"listing": listing})


def open_with(unit: Unit, listing: str, view_id: int | None) -> None:
    """From now on the list opens with this view for this person; None: with all rows again."""
    if view_id is not None:
        saved.get_view(unit.session, listing, view_id)
    for known in saved.choices_of(unit.session, listing):
        if known.opens and known.view_id != view_id:
            known.opens = False
    unit.session.flush()
    if view_id is not None:
        _choice(unit, listing, view_id).opens = True
        unit.session.flush()
    record(unit, "list.opens_with", f"user:{_person(unit)}", {"listing": listing, "view": view_id})


def choose_columns(unit: Unit, listing: str, view_id: int | None, columns: Sequence[str]) -> None:
    """Keep columns and their order for this person under this view; none: as the view or the list has them."""
    if view_id is not None:
        saved.get_view(unit.session, listing, view_id)
    choice = _choice(unit, listing, view_id)
    choice.columns = list(dict.fromkeys(columns))[:MOST_COLUMNS]
    unit.session.flush()
    record(
        unit,
        "list.columns_chosen",
        f"user:{_person(unit)}",
        {"listing": listing, "columns": list(choice.columns)},
    )


def _one_after_the_other(unit: Unit, listing: str) -> None:
    """Names are given by one person of the agency at a time, so that each is there once."""
    token = f"saved_view {listing} {unit.actor.agency_id}"
    unit.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(token))))


def _check(name: str, taken: Any, kept: int) -> None:
    faults = view_faults(name, taken, kept)
    if faults:
        raise Invalid(faults=faults)


def _mine(unit: Unit, listing: str, view_id: int) -> SavedView:
    view = unit.session.scalars(
        select(SavedView).where(SavedView.id == view_id, SavedView.listing == listing).with_for_update()
    ).first()
    if view is None:
        raise NotFound("not_in_scope", kind="saved_view")
    may_change(view, unit.actor.user_id, unit.actor.agency_id, unit.actor.roles).require()
    return view


def _choice(unit: Unit, listing: str, view_id: int | None) -> ListChoice:
    """The person's choice for a view, made if it is the first; of two at once both find the same one."""
    table = ListChoice.__table__
    values = {"user_id": _person(unit), "listing": listing, "view_id": view_id, "columns": [], "opens": False}
    unit.session.execute(insert(table).values(**values).on_conflict_do_nothing())
    return next(c for c in saved.choices_of(unit.session, listing) if c.view_id == view_id)


def _person(unit: Unit) -> int:
    """:raises Forbidden: there is nobody whose choice it would be"""
    if unit.actor.user_id is None:
        raise Forbidden("view_of_a_person")
    return unit.actor.user_id
