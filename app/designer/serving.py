"""One mapped class and one Flask-AppBuilder view per list and version, made at run time.

A private `registry()` keeps the class apart, so that it can be disposed of when the definition changes.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Numeric, String, cast, func
from sqlalchemy.orm import column_property, registry

from app.designer.forms import record_form
from app.designer.models import ListRecord, ListType
from app.designer.rules import FieldSpec, FieldType, read_value
from app.designer.services import permission_name
from app.kernel.errors import Fault
from app.security.context import current_clock
from app.security.crud import ScopedInterface, ScopedModelView
from app.security.scoping import by_agency, forget, scoped

ENDPOINT = "RecordView"
NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.PERCENT})
SEARCHED = frozenset({FieldType.TEXT, FieldType.CHOICE, FieldType.DATE, *NUMBERS})


class RecordInterface(ScopedInterface):
    """Flask-AppBuilder's questions about columns, answered for values that live in JSONB."""

    def is_nullable(self, col_name: str) -> bool:
        return True

    def is_unique(self, col_name: str) -> bool:
        return False

    def get_max_length(self, col_name: str) -> int:
        return -1


class RecordScreens(ScopedModelView):
    """List, form, page and filters of one list, in one version."""

    event = "list_record"
    agency_column = "agency_id"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]
    specs: tuple[FieldSpec, ...] = ()
    type_id: int = 0

    def faults(self, item: Any) -> list[Fault]:
        """Check every value and bring it into the stored form."""
        found: list[Fault] = []
        values = dict(item.data or {})
        for spec in self.specs:
            value, fault = read_value(spec, getattr(item, spec.key, None))
            if fault:
                found.append(fault)
            values[spec.key] = value
        item.type_id = self.type_id
        item.updated_at = current_clock().now()
        item.data = values
        return found


_served: dict[str, tuple[int, RecordScreens, Any, type[Any]]] = {}


def screens_for(definition: ListType) -> RecordScreens:
    """The view of this version; an older one of this process is disposed of."""
    known = _served.get(definition.slug)
    if known is not None and known[0] == definition.version and known[1].type_id == definition.id:
        return known[1]
    private = registry()
    mapped = _map(definition, private)
    view = _view(definition, mapped)
    _served[definition.slug] = (definition.version, view, private, mapped)
    if known is not None:
        forget(known[3])
        known[2].dispose()
    return view


def _map(definition: ListType, private: Any) -> type[Any]:
    table = ListRecord.__table__
    properties: dict[str, Any] = {c.key: c for c in table.c}
    for spec in _specs(definition):
        raw = table.c.data[spec.key]
        if spec.type is FieldType.MULTI_CHOICE:
            properties[spec.key] = column_property(raw.label(spec.key))
        elif spec.type in NUMBERS:
            properties[spec.key] = column_property(cast(func.nullif(raw.astext, ""), Numeric).label(spec.key))
        elif spec.type is FieldType.BOOLEAN:
            properties[spec.key] = column_property(raw.as_boolean().label(spec.key))
        else:
            properties[spec.key] = column_property(cast(raw.astext, String).label(spec.key))
    mapped = type("Record", (), {"__str__": lambda self: str(self.id)})
    private.map_imperatively(mapped, table, properties=properties, version_id_col=table.c.version)
    read, write = by_agency()
    scoped(mapped, read=read, write=write)
    return mapped


def _view(definition: ListType, mapped: type[Any]) -> RecordScreens:
    specs = _specs(definition)
    keys = [spec.key for spec in specs]
    form = record_form(specs)
    made = type(
        ENDPOINT,
        (RecordScreens,),
        {
            "datamodel": RecordInterface(mapped),
            "specs": specs,
            "type_id": definition.id,
            "list_columns": keys[:8],
            "show_columns": [*keys, "updated_at"],
            "add_columns": keys,
            "edit_columns": keys,
            "order_columns": [s.key for s in specs if s.type is not FieldType.MULTI_CHOICE],
            "search_columns": [s.key for s in specs if s.type in SEARCHED],
            "label_columns": {**{s.key: s.label for s in specs}, "updated_at": _l("Changed at")},
            "formatters_columns": {s.key: _formatter(s) for s in specs},
            "add_form": form,
            "edit_form": form,
            "base_filters": [["type_id", FilterEqual, definition.id]],
            "base_order": ("id", "desc"),
            "list_title": definition.name,
            "add_title": definition.name,
            "edit_title": definition.name,
            "show_title": definition.name,
            "class_permission_name": permission_name(definition.slug),
            "route_base": f"/lists/{definition.slug}",
        },
    )
    view = made()
    view.appbuilder = current_app.appbuilder
    view.endpoint = ENDPOINT
    return view


def _specs(definition: ListType) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec.from_data(f) for f in definition.fields)


def _formatter(spec: FieldSpec) -> Any:
    def show(value: Any) -> str:
        if value is None or value == "":
            return "—"
        if spec.type is FieldType.BOOLEAN:
            return _("Yes") if value else _("No")
        if spec.type is FieldType.MULTI_CHOICE:
            return "、".join(value)
        if spec.type in NUMBERS:
            return format(value, "f") + ("%" if spec.type is FieldType.PERCENT else "")
        return str(value)

    return show


def use_rights_of(slug: str) -> None:
    """In this request the registered view stands for this list."""
    g.permission_names = {ENDPOINT: permission_name(slug)}
