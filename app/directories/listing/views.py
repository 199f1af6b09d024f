"""Pages beside a list: its filters, its columns, its saved views."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.forms import mark
from app.directories.listing import saved, services
from app.directories.listing.filters import Filter
from app.directories.listing.forms import ViewForm
from app.directories.listing.listing import Listing
from app.directories.listing.models import SavedView
from app.directories.listing.queries import shown_columns
from app.directories.listing.rules import may_change
from app.directories.listing.shown import ALL, Asked, asked, my_listing
from app.directories.listing.state import ListState
from app.directories.listing.trees import tree_of
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import current_actor, request_unit
from app.security.rules import BUSINESS
from app.security.views import PortalView

PANEL = "panel"
"""What a script asks for in `X-Part`: the form alone, to be shown over the list."""


class ListingView(PortalView):
    """The URL of each page carries the state of the list, and every page leads back to it."""

    route_base = "/directories"
    default_view = "filters"
    grants = {"can_use": BUSINESS}

    @expose("/<listing>/filters")
    @guarded("use")
    def filters(self, listing: str) -> Any:
        seen = _asked(listing)
        session, state = db.session(), seen.state
        fields = [_field(session, found, state.filters.get(found.key, ())) for found in seen.listing.filters]
        others = {"q", "sort", "cols", "view", "size"}
        keep = [(key, value) for key, value in state.pairs() if key in others]
        if "view" not in dict(keep):
            keep.append(("view", str(ALL)))
        return self._part("filters", seen, fields=fields, keep=keep)

    @expose("/<listing>/columns", methods=["GET", "POST"])
    @guarded("use")
    def columns(self, listing: str) -> Any:
        seen = _asked(listing)
        keys = [column.key for column in shown_columns(seen.listing, seen.state)]
        order = keys + [c.key for c in seen.listing.columns if c.key not in keys]
        if request.method == "POST":
            order, keys = _sent(seen.listing, request.form)
            move = request.form.get("move", "")
            if not move:
                return self._keep_columns(seen, [] if request.form.get("usual") else keys)
            order = _moved(order, move)
        known = {column.key: column for column in seen.listing.columns}
        offered = [(known[key], key in keys or known[key].fixed) for key in order]
        return self._part("columns", seen, offered=offered)

    def _keep_columns(self, seen: Asked, keys: list[str]) -> Any:
        columns = ListState.from_json(seen.listing, {"columns": keys}).columns
        with request_unit() as unit:
            view_id = seen.view.id if seen.view is not None else None
            services.choose_columns(unit, seen.listing.key, view_id, columns)
        args = seen.state.to_args(paging=False)
        args.pop("cols", None)
        if columns:
            args["cols"] = ",".join(columns)
        return redirect(url_for(seen.listing.endpoint, **args))

    @expose("/<listing>/views/new", methods=["GET", "POST"])
    @guarded("use")
    def new_view(self, listing: str) -> Any:
        seen = _asked(listing)
        form = ViewForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    view = services.save_view(
                        unit,
                        seen.listing.key,
                        form.name.data or "",
                        seen.state.to_json(),
                        shared=bool(form.shared.data),
                    )
                    if form.opens.data:
                        services.open_with(unit, seen.listing.key, view.id)
                flash(_("The view “%(name)s” is saved.", name=view.name), "success")
                return redirect(url_for(seen.listing.endpoint, view=view.id))
            except DomainError as error:
                extra = mark(form, error)
        return self._part("new_view", seen, form=form, extra=extra)

    @expose("/<listing>/views/<int:view_id>/state", methods=["POST"])
    @guarded("use")
    def save_state(self, listing: str, view_id: int) -> Any:
        """The state of the URL becomes the view's."""
        seen = _asked(listing)
        with request_unit() as unit:
            view = services.change_view(unit, seen.listing.key, view_id, seen.state.to_json())
        flash(_("The view “%(name)s” is saved.", name=view.name), "success")
        return redirect(url_for(seen.listing.endpoint, view=view_id))

    @expose("/<listing>/views/<int:view_id>", methods=["GET", "POST"])
    @guarded("use")
    def view(self, listing: str, view_id: int) -> Any:
        seen = _asked(listing)
        view = saved.get_view(db.session(), seen.listing.key, view_id)
        opens = seen.opens == view.id
        stored = {"name": view.name, "shared": view.shared, "opens": opens, "version": view.version}
        form = ViewForm() if request.method == "POST" else ViewForm(data=stored)
        extra: list[str] = []
        mine = _may_change(view)
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    if mine:
                        services.rename_view(
                            unit,
                            seen.listing.key,
                            view_id,
                            form.name.data or "",
                            shared=bool(form.shared.data),
                            version=_number(form.version.data),
                        )
                    if bool(form.opens.data) != opens:
                        services.open_with(unit, seen.listing.key, view_id if form.opens.data else None)
                flash(_("Saved."), "success")
                return redirect(url_for(seen.listing.endpoint, view=view_id))
            except DomainError as error:
                extra = mark(form, error)
                view = saved.get_view(db.session(), seen.listing.key, view_id)
                form.version.data = str(view.version)
        return self._part("view", seen, form=form, extra=extra, view=view, mine=mine)

    @expose("/<listing>/views/<int:view_id>/delete", methods=["POST"])
    @guarded("use")
    def delete_view(self, listing: str, view_id: int) -> Any:
        found = my_listing(listing)
        with request_unit() as unit:
            services.delete_view(unit, found.key, view_id)
        flash(_("The view is deleted."), "success")
        return redirect(url_for(found.endpoint))

    def _part(self, name: str, seen: Asked, **values: Any) -> Any:
        """A page, or for a script the form alone."""
        alone = request.headers.get("X-Part") == PANEL
        back = url_for(seen.listing.endpoint, **(seen.state.to_args(paging=False) or {"view": ALL}))
        template = f"listing/_{name}.html" if alone else f"listing/{name}.html"
        status = 422 if values.get("extra") or getattr(values.get("form"), "errors", None) else 200
        args = seen.state.to_args(paging=False)
        return self.render(template, seen=seen, listing=seen.listing, args=args, back=back, **values), status


def _asked(key: str) -> Asked:
    return asked(db.session(), my_listing(key), request.args)


def _may_change(view: SavedView) -> bool:
    who = current_actor()
    return bool(may_change(view, who.user_id, who.agency_id, who.roles))


def _field(session: Any, found: Filter, values: tuple[str, ...]) -> dict[str, Any]:
    """One filter as the form shows it."""
    choices = list(found.choices(session)) if callable(found.choices) else []
    offered = {value for value, _label in choices}
    beyond = tuple(value for value in values if value not in offered)
    field = {
        "filter": found,
        "given": values,
        "choices": choices,
        "beyond": list(zip(beyond, found.said(session, beyond), strict=False)) if beyond else [],
        "lookup": found.choices if isinstance(found.choices, str) else found.lookup,
        "tree": [],
    }
    if found.widget == "tree" and found.parents is not None:
        field["tree"] = tree_of(choices, found.parents(session), set(values))
    return field


def _sent(listing: Listing, form: Any) -> tuple[list[str], list[str]]:
    """The order of all columns and the ticked ones in it, as the form has them."""
    known = [column.key for column in listing.columns]
    order = [key for key in dict.fromkeys(form.getlist("order")) if key in known]
    order += [key for key in known if key not in order]
    ticked = set(form.getlist("col"))
    return order, [key for key in order if key in ticked]


def _moved(order: list[str], move: str) -> list[str]:
    """`up:name` or `down:name`: one place up or down."""
    way, _sep, key = move.partition(":")
    if key not in order:
        return order
    at = order.index(key)
    to = max(0, at - 1) if way == "up" else min(len(order) - 1, at + 1)
    rest = [other for other in order if other != key]
    return [*rest[:to], key, *rest[to:]]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(ListingView)
