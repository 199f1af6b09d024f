"""A list page put together: rows, chips, tabs, order, pages, acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import BaseView
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import db
from app.directories.listing import queries
from app.directories.listing.acts import bulk_acts
from app.directories.listing.cells import rows_of_cells
from app.directories.listing.filters import said_of
from app.directories.listing.shown import ALL, Asked, asked, may, my_listing
from app.directories.listing.state import SIZES, ListState
from app.security.context import current_actor

MOST_WORDS = 3
_ANY = 987_654_321
PART = "list"
"""What a script asks for in `X-Part`: the list alone, without the page around it."""


def list_page(view: BaseView, key: str, template: str, **values: Any) -> Any:
    """The page of a list; a script gets the list alone."""
    found = list_of(db.session(), key, request.args)
    if found["view"] is not None and not request.args:
        return redirect(url_for(found["listing"].endpoint, view=found["view"].id))
    part = request.headers.get("X-Part") == PART
    return view.render_template("listing/part.html" if part else template, list=found, **values)


def list_of(session: Session, key: str, args: Any) -> dict[str, Any]:
    """What the template of a list shows."""
    seen = asked(session, my_listing(key), args)
    listing, state = seen.listing, seen.state
    criteria = queries.criteria_of(session, listing, state)
    page, total = queries.look(session, listing, state, criteria)
    columns = queries.shown_columns(listing, state)
    computed = queries.computed_values(session, columns, page.rows)
    roles = current_actor().roles
    acts = [act for act in bulk_acts(key) if may(act.permission)]
    return {
        "key": key,
        "listing": listing,
        "state": state,
        "columns": [_head(listing, state, column) for column in columns],
        "rows": rows_of_cells(columns, page.rows, computed, roles),
        "address": _address_of(listing),
        "total": total,
        "chips": _chips(session, seen),
        "tabs": _tabs(seen),
        "acts": [
            {"label": act.label, "icon": act.icon, "url": url_for(act.endpoint, listing=key), "key": act.key}
            for act in acts
        ],
        "pairs": state.pairs(),
        "previous": _url(listing, state, after=None, before=page.before) if page.before else None,
        "following": _url(listing, state, before=None, after=page.after) if page.after else None,
        "sizes": [
            {"n": n, "url": url_for(listing.endpoint, **_args(state, size=n)), "current": n == state.size}
            for n in SIZES
        ],
        "view": seen.view,
        "changed": seen.changed,
        "clear_url": url_for(listing.endpoint, view=ALL) if seen.opens else url_for(listing.endpoint),
        "args": state.to_args(paging=False),
        "keep": [pair for pair in state.pairs() if pair[0] != "q"],
        "first": state.after is None and state.before is None,
    }


def _args(state: ListState, **changes: Any) -> dict[str, Any]:
    args = state.to_args(paging=False)
    args.update({name: str(value) for name, value in changes.items()})
    return args


def _address_of(listing: Any) -> Callable[[int], str]:
    """The pages of the records, all put together from one."""
    if listing.record is None:
        return lambda number: ""
    endpoint, name = listing.record
    before, _mark, after = url_for(endpoint, **{name: _ANY}).rpartition(str(_ANY))
    return lambda number: f"{before}{number}{after}"


def _url(listing: Any, state: ListState, **place: Any) -> str:
    return url_for(listing.endpoint, **replace(state, **place).to_args())


def _head(listing: Any, state: ListState, column: Any) -> dict[str, Any]:
    head = {"label": str(column.label), "num": column.kind == "number", "sort_url": None, "dir": ""}
    if column.sortable:
        head["sort_url"] = url_for(listing.endpoint, **state.sorted_by(column.key).to_args())
        if state.sort == column.key:
            head["dir"] = "desc" if state.descending else "asc"
    return head


def _chips(session: Session, seen: Asked) -> list[dict[str, Any]]:
    """The filters at work, each with the URL without it and the page that changes it."""
    chips = []
    known = ((seen.listing.filter(key), values) for key, values in seen.state.filters.items())
    given = [(found, values) for found, values in known if found is not None]
    said = said_of(session, given)
    for found, _values in given:
        key = found.key
        chips.append(
            {
                "label": found.label,
                "value": short(said[key]),
                "remove_url": url_for(
                    seen.listing.endpoint, **_stay(seen, seen.state.without(key).to_args(paging=False))
                ),
                "edit_url": url_for(
                    "ListingView.filters",
                    listing=seen.listing.key,
                    _anchor=f"f-{key}",
                    **seen.state.to_args(paging=False),
                ),
            }
        )
    return chips


def _stay(seen: Asked, args: dict[str, Any]) -> dict[str, Any]:
    """A URL without any filter left would open the list's own view again."""
    return args if args or seen.opens is None else {"view": str(ALL)}


def short(words: Sequence[str]) -> str:
    """A few values by name, more by their number."""
    if len(words) <= MOST_WORDS:
        return "、".join(words)
    return _("%(words)s and others, %(n)s in all", words="、".join(words[:2]), n=len(words))


def _tabs(seen: Asked) -> list[dict[str, Any]]:
    endpoint = seen.listing.endpoint
    every = url_for(endpoint, view=ALL) if seen.opens else url_for(endpoint)
    presets = seen.listing.presets
    at = next((p for p in presets if seen.view is None and dict(p.filters) == dict(seen.state.filters)), None)
    tabs = [{"label": _("All"), "url": every, "current": seen.view is None and at is None}]
    for preset in presets:
        args = {key: list(values) for key, values in preset.filters.items()}
        tabs.append({"label": preset.label, "url": url_for(endpoint, **args), "current": preset is at})
    for view in seen.views:
        current = seen.view is not None and view.id == seen.view.id
        tabs.append(
            {
                "label": view.name,
                "url": url_for(endpoint, view=view.id),
                "current": current,
                "shared": view.shared,
            }
        )
    return tabs
