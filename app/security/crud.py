"""`ScopedModelView` and `ScopedModelApi`: the only classes over Flask-AppBuilder's generated screens.

Rows come through the choke point, writes through a unit of work with an event, input through one checker.
Rules stand in services and `faults`, never in Flask-AppBuilder's `pre_` and `post_` hooks.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask_appbuilder import ModelRestApi, ModelView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from sqlalchemy.orm import RelationshipDirection, selectinload
from sqlalchemy.orm.exc import StaleDataError
from wtforms import StringField

from app.audit.services import record
from app.db import db
from app.kernel.errors import DomainError, Fault, Invalid
from app.security.access import guarded
from app.security.context import request_unit
from app.security.explain import explain, explain_fault, explain_integrity
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see
from app.security.requests import MOST_PAGES, RequestFilters, check_list_arguments, primary_key

COUNTED_UP_TO = 10_000


class ScopedInterface(SQLAInterface):
    """Counts no further than the pager needs; adds, changes and deletes in a unit of work of the person."""

    def query_count(self, query: Any, filters: Any = None, select_columns: Any = None) -> int:
        narrowed = self._apply_inner_all(query, filters, aliases_mapping={})
        inner = narrowed.with_entities(self.get_pk()).order_by(None).limit(COUNTED_UP_TO + 1).subquery()
        return int(self.session.execute(select(func.count()).select_from(inner)).scalar_one())

    def apply_all(
        self, query: Any, filters: Any = None, *given: Any, select_columns: Any = None, **named: Any
    ) -> Any:
        """A generated list shows what its rows belong to: one query per relation, not one per row.

        The REST lists name their columns (by keyword, or fifth of the given) and load by themselves.
        """
        columns = given[4] if len(given) > 4 else select_columns
        if not columns:
            one = (
                r for r in inspect(self.obj).relationships if r.direction is RelationshipDirection.MANYTOONE
            )
            query = query.options(*(selectinload(getattr(self.obj, r.key)) for r in one))
        if len(given) <= 4:
            named["select_columns"] = select_columns
        return super().apply_all(query, filters, *given, **named)


class ScopedModelView(RequestFilters, ModelView):
    """Generated list, search, show, add, edit and delete of plain reference data.

    - `grants`: roles per permission; `agency_column`: filled with the person's agency on add
    - `faults(item)`: business faults of one row, shown beside the fields
    - `event`: the stem of the events left, `specialty` leaves `specialty.added`
    """

    grants: ClassVar[Mapping[str, frozenset[str]]] = {}
    event: ClassVar[str] = "record"
    agency_column: ClassVar[str | None] = None
    page_size = 25
    search_columns: list[str] = []
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]
    exclude_route_methods = {"download"}  # Flask-AppBuilder's own uploads; the portal keeps none

    def faults(self, item: Any) -> list[Fault]:
        return []

    def _init_properties(self) -> None:
        """Flask-AppBuilder takes an empty list of search columns as "every column and relation"."""
        wanted = list(self.search_columns)
        self.search_columns = wanted or [self.datamodel.get_pk_name()]
        super()._init_properties()
        if not wanted:
            self.search_columns = []

    def key_in_path(self, pk: Any) -> Any:
        """The key of a row as its column has it; anything that cannot be one is not there."""
        return primary_key(pk)

    def update_redirect(self) -> None:
        """No page history in the session: the way back is the list."""

    def get_redirect(self) -> str:
        return self.get_default_url()

    def _list(self, **kwargs: Any) -> Any:
        check_list_arguments(list(self.order_columns), list(self.search_columns))
        try:
            return super()._list(**kwargs)
        except (StatementError, ValueError, OverflowError):
            abort(400)

    def _show(self, pk: Any) -> Any:
        return super()._show(self.key_in_path(pk))

    def _add(self) -> Any:
        form = self.add_form.refresh()
        sent = request.method == "POST" and form.validate()
        if sent and self._store(form, self.datamodel.obj(), "added"):
            flash(_("Saved."), "success")
            return None
        return self._get_add_widget(form=form)

    def _edit(self, pk: Any) -> Any:
        item = self._own(pk)
        if request.method != "POST":
            return self._get_edit_widget(form=self.edit_form.refresh(obj=item))
        form = self.edit_form.refresh(request.form)
        form._id = self.datamodel.get_pk_value(item)
        if form.validate() and self._store(form, item, "changed"):
            flash(_("Saved."), "success")
            return None
        return self._get_edit_widget(form=form)

    def _delete(self, pk: Any) -> None:
        item = self._own(pk)
        try:
            with request_unit() as unit:
                record(unit, f"{self.event}.deleted", f"{self.event}:{self.datamodel.get_pk_value(item)}", {})
                unit.session.delete(item)
            flash(_("Deleted."), "success")
        except IntegrityError:
            flash(
                _("This record is in use and cannot be deleted. You can close or deactivate it instead."),
                "danger",
            )
        except DomainError as error:
            flash(explain(error), "danger")

    def _own(self, pk: Any) -> Any:
        item = self.datamodel.get(self.key_in_path(pk), self._base_filters)
        if item is None:
            abort(404)
        return item

    def _store(self, form: Any, item: Any, verb: str) -> bool:
        """Populate, check, store, record; on a fault nothing is stored and the form says what is wrong."""
        try:
            with request_unit() as unit:
                with unit.session.no_autoflush:
                    form.populate_obj(item)
                    if verb == "added" and self.agency_column:
                        setattr(item, self.agency_column, unit.actor.agency_id)
                    found = self.faults(item)
                if found:
                    raise Invalid(faults=found)
                unit.session.add(item)
                unit.session.flush()
                record(unit, f"{self.event}.{verb}", f"{self.event}:{self.datamodel.get_pk_value(item)}", {})
        except Invalid as error:
            for fault in error.faults:
                field = form._fields.get(fault.field)
                if field is None:
                    flash(explain_fault(fault), "danger")
                else:
                    field.errors = [*field.errors, explain_fault(fault)]
        except IntegrityError as error:
            flash(explain_integrity(error), "danger")
        except StaleDataError:
            flash(
                _("Somebody changed this record meanwhile. Open it again, then repeat your change."), "danger"
            )
        except DomainError as error:
            flash(explain(error), "danger")
        else:
            return True
        return False

    @expose("/delete/<pk>", methods=["POST"])
    @guarded("delete")
    def delete(self, pk: Any) -> Any:
        """Flask-AppBuilder offers it on GET too."""
        self._delete(pk)
        return self.post_delete_redirect()

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    @guarded("show")
    def action(self, name: str, pk: Any) -> Any:
        return self._act(name, [pk])

    @expose("/action_post", methods=["POST"])
    @guarded("list")
    def action_post(self) -> Any:
        return self._act(request.form.get("action", ""), request.form.getlist("rowid")[:MOST_PICKED])

    def _act(self, name: str, keys: list[str]) -> Any:
        """Actions see only rows within the scope; a foreign id is not there."""
        action = self.actions.get(name)
        if action is None:
            abort(404)
        if not self.appbuilder.sm.has_access(
            self.get_action_permission_name(name), self.class_permission_name
        ):
            abort(404)
        items = [self._own(key) for key in keys]
        return action.func(items) if items else redirect(self.get_redirect())


class KeptField(StringField):
    """Personal data in a generated form: never filled in, and what is left empty stays as it is stored."""

    def process_data(self, value: Any) -> None:
        self.data = ""

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.data:
            super().populate_obj(obj, name)


MOST_PICKED = 1000
LONGEST_DETAIL = 200


class Sentences:
    """Mixin, first in the bases: an interface of Flask-AppBuilder refuses in the person's language."""

    def response_400(self, message: Any = None) -> Any:
        """Its own words for programmers stand beside the sentence."""
        sentence = _("The interface does not understand the arguments of this request.")
        return self.response(400, message=sentence, detail=str(message or "")[:LONGEST_DETAIL])  # type: ignore[attr-defined]

    def response_500(self, message: Any = None) -> Any:
        """Called for whatever falls: what the database cannot read is the request's fault, not the portal's."""
        if isinstance(sys.exc_info()[1], DataError):
            db.session.rollback()
            return self.response_400()
        return super().response_500(message)  # type: ignore[misc]

    def response_404(self) -> Any:
        return self.response(404, message=_("There is nothing here, or it is not within your scope."))  # type: ignore[attr-defined]


class ScopedModelApi(Sentences, RequestFilters, ModelRestApi):
    """The REST twin: same choke point, same grants, pages capped, unknown input refused.

    `protected`: columns that are there only for whoever sees fields of their kind, in answers and in filters.
    """

    protected: ClassVar[Mapping[str, Kind]] = {}
    grants: ClassVar[Mapping[str, frozenset[str]]] = {}
    allow_browser_login = True
    max_page_size = 100
    page_size = 50
    base_permissions = ["can_get", "can_info"]
    include_route_methods = {"get", "get_list", "info"}

    def _handle_page_args(self, rison_args: dict[str, Any]) -> Any:
        """A page below the first or beyond all measure is no page."""
        if not 0 <= rison_args.get("page", 0) <= MOST_PAGES:
            abort(400)
        return super()._handle_page_args(rison_args)

    def pre_get(self, data: dict[str, Any]) -> None:
        self._leave_out(data)

    def pre_get_list(self, data: dict[str, Any]) -> None:
        self._leave_out(data)

    def _unseen(self) -> list[str]:
        return [name for name, kind in self.protected.items() if not i_see(kind)]

    def _leave_out(self, data: dict[str, Any]) -> None:
        for name in self._unseen():
            found = data.get("result", {})
            for row in found if isinstance(found, list) else [found]:
                row.pop(name, None)
            for part in ("list_columns", "show_columns", "order_columns"):
                if name in data.get(part, []):
                    data[part] = [column for column in data[part] if column != name]
            for part in ("label_columns", "description_columns"):
                data.get(part, {}).pop(name, None)

    def _handle_filters_args(self, rison_args: dict[str, Any]) -> Any:
        """A column that is not there for somebody does not filter for them."""
        unseen = self._unseen()
        if any(
            isinstance(part, dict) and part.get("col") in unseen for part in rison_args.get("filters", [])
        ):
            abort(400)
        return super()._handle_filters_args(rison_args)
