"""The designer's pages, and the one registered view that serves every low-code list."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Flask, abort, current_app, flash, g, has_request_context, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.db import db
from app.designer.names import list_name
from app.designer.queries import by_slug, list_types
from app.designer.rules import FieldType
from app.designer.services import OFFICE, READERS, change_list, define_list, permission_name
from app.designer.serving import ENDPOINT, RecordScreens, screens_for, use_rights_of
from app.kernel.errors import DomainError, Invalid
from app.security.access import guarded, only_at_home
from app.security.context import person, request_unit
from app.security.explain import explain, explain_fault
from app.security.menu import MenuItem, add_menu
from app.security.roles.words import list_names
from app.security.views import Grants, PortalView

EMPTY_ROWS = 5


class DesignerView(PortalView):
    """Lists in use, a new definition, the next version of one."""

    route_base = "/designer"
    default_view = "index"
    grants: ClassVar[Grants] = {"can_index": READERS, "can_define": OFFICE}

    @expose("/")
    @guarded("index")
    def index(self) -> str:
        who = person()
        return self.render(
            "designer/index.html", lists=list_types(db.session()), own=who.actor.agency_id if who else None
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded("define")
    def new(self) -> Response | str:
        if request.method != "POST" or "more" in request.form:
            return self._form(None)
        try:
            with request_unit() as unit:
                made = define_list(
                    unit, request.form.get("slug", "").strip(), request.form.get("name", ""), _rows()
                )
        except DomainError as error:
            return self._form(error)
        flash(_("The list “%(name)s” is ready.", name=made.name), "success")
        return redirect(f"/lists/{made.slug}/list/")

    @expose("/<slug>/change", methods=["GET", "POST"])
    @guarded("define")
    def change(self, slug: str) -> Response | str:
        kept = by_slug(db.session(), slug)
        if kept is None:
            abort(404)
        only_at_home(kept.agency_id)
        if request.method != "POST":
            return self._form(None, kept=kept, rows=kept.fields)
        if "more" in request.form:
            return self._form(None, kept=kept)
        version = request.form.get("version", "")
        try:
            with request_unit() as unit:
                change_list(
                    unit,
                    slug,
                    int(version) if version.isdecimal() and len(version) < 10 else 0,
                    request.form.get("name", ""),
                    _rows(),
                )
        except DomainError as error:
            return self._form(error, kept=kept)
        flash(_("The next version of the list is in use."), "success")
        return redirect(f"/lists/{slug}/list/")

    def _form(self, error: DomainError | None, kept: Any = None, rows: Any = None) -> str:
        faults = error.faults if isinstance(error, Invalid) else []
        shown = list(rows if rows is not None else _rows())
        shown += [{}] * (EMPTY_ROWS if "more" in request.form or len(shown) < EMPTY_ROWS else 1)
        return self.render(
            "designer/form.html",
            kept=kept,
            rows=shown,
            types=list(FieldType),
            name=request.form.get("name", kept.name if kept else ""),
            slug=request.form.get("slug", kept.slug if kept else ""),
            sentence=explain(error) if error and not faults else "",
            faults=[(_("Row %(row)s: ", row=f.row) if f.row else "") + explain_fault(f) for f in faults],
        )


def _rows() -> list[dict[str, Any]]:
    """The rows of the designer's table as they were sent."""
    form = request.form
    rows = form.get("rows", "")
    count = min(int(rows), 100) if rows.isdecimal() and len(rows) < 10 else 0
    rows = [
        {
            "key": form.get(f"key-{i}", ""),
            "label": form.get(f"label-{i}", ""),
            "type": form.get(f"type-{i}", "text"),
            "required": f"required-{i}" in form,
            "choices": form.get(f"choices-{i}", "").splitlines(),
            "help": form.get(f"help-{i}", ""),
        }
        for i in range(count)
    ]
    return [row for row in rows if row["label"].strip()]


class RecordView(PortalView):
    """`/lists/<slug>/...`: Flask-AppBuilder's own screens over whatever list the address names."""

    route_base = "/lists/<slug>"
    grants: ClassVar[Grants] = dict.fromkeys(
        ("can_list", "can_show", "can_add", "can_edit", "can_delete"), frozenset()
    )
    _stored_name: str = ENDPOINT

    @property
    def class_permission_name(self) -> str:
        """The rights are those of the list that the address names."""
        return permission_name(g.slug) if has_request_context() and "slug" in g else self._stored_name

    @class_permission_name.setter
    def class_permission_name(self, value: str | None) -> None:
        self._stored_name = value or ENDPOINT

    def _screens(self) -> RecordScreens:
        definition = by_slug(db.session(), g.slug)
        if definition is None:
            abort(404)
        use_rights_of(g.slug)
        return screens_for(definition)

    @expose("/list/")
    @guarded("list")
    def list(self) -> str:
        view = self._screens()
        return view.render_template(view.list_template, title=view.list_title, widgets=view._list())

    @expose("/show/<pk>")
    @guarded("show")
    def show(self, pk: str) -> str:
        view = self._screens()
        return view.render_template(
            view.show_template, pk=pk, title=view.show_title, widgets=view._show(pk), related_views=[]
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded("add")
    def add(self) -> Response | str:
        view = self._screens()
        widgets = view._add()
        if not widgets:
            return redirect(f"/lists/{g.slug}/list/")
        return view.render_template(view.add_template, title=view.add_title, widgets=widgets)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @guarded("edit")
    def edit(self, pk: str) -> Response | str:
        view = self._screens()
        widgets = view._edit(pk)
        if not widgets:
            return redirect(f"/lists/{g.slug}/list/")
        return view.render_template(
            view.edit_template, title=view.edit_title, widgets=widgets, related_views=[]
        )

    @expose("/delete/<pk>", methods=["POST"])
    @guarded("delete")
    def delete(self, pk: str) -> Response:
        self._screens()._delete(pk)
        return redirect(f"/lists/{g.slug}/list/")


def _keep_slug_in_addresses(app: Flask) -> None:
    @app.url_value_preprocessor
    def pull(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if endpoint and endpoint.startswith(f"{ENDPOINT}.") and values and "slug" in values:
            g.slug = values.pop("slug")

    @app.url_defaults
    def push(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint.startswith(f"{ENDPOINT}.") and "slug" not in values and "slug" in g:
            values["slug"] = g.slug


MENU = MenuItem(
    "settings", _l("List designer"), "DesignerView.index", "table-options", ("can_index", "DesignerView")
)


def register(appbuilder: Any) -> None:
    list_names.add(list_name)
    appbuilder.add_view_no_menu(DesignerView)
    appbuilder.add_view_no_menu(RecordView)
    _keep_slug_in_addresses(current_app._get_current_object())
    add_menu(MENU)
