"""Pages of permits, and the screens of their vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.directories import targets
from app.directories.children.views import ChildPages, Words
from app.directories.listing.pages import list_page
from app.directories.permits import due, importing, listing
from app.directories.permits.forms import PermitForm
from app.directories.permits.models import Permit, PermitKind
from app.directories.permits.panel import PANEL, standing_of
from app.directories.permits.rules import PermitStatus
from app.directories.permits.services import PERMITS
from app.directories.vocabularies import ENGLISH, CodedView
from app.security.access import guarded
from app.security.crud import ScopedInterface
from app.security.menu import MenuItem, add_menu


class PermitView(ChildPages):
    route_base = "/permits"
    kind = PERMITS
    form = PermitForm
    words = Words(
        _l("Permits"),
        _l("Add a permit"),
        _l("Edit the permit"),
        _l("Take the permit out"),
        _l("The permit is on record."),
        _l("The permit is taken out; the history keeps it."),
    )

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(
            self,
            "permits",
            "children/list.html",
            words=self.words,
            imports="permits",
            may_keep=self.may_keep(),
        )

    def facts(self, row: Permit) -> list[tuple[Any, Any]]:
        stands = standing_of(row)
        return [
            (_("Kind of permit"), row.kind_row.name),
            (_("Number of the permit"), row.number),
            (_("Issued by"), row.authority),
            (_("Valid from"), row.valid_from or "—"),
            (_("Valid until"), row.valid_until or _("indefinitely")),
            (_("Status"), _(PermitStatus(row.status).label)),
            (_("State today"), _(stands.label)),
            (_("Source"), row.agency.name if row.agency else _("Base directory")),
        ]

    def stored(self, row: Permit) -> Mapping[str, Any]:
        return {name: getattr(row, name) for name in (*PERMITS.columns, "version")}


class PermitKindView(CodedView):
    datamodel = ScopedInterface(PermitKind)
    route_base = "/vocabulary/permit-kinds"
    event = "permit_kind"
    list_title = _l("Kinds of permits")
    add_title = edit_title = show_title = _l("Kind of permit")
    list_columns = ["code", "name", "position"]
    show_columns = add_columns = ["code", "name", "name_en", "position"]
    edit_columns = ["name", "name_en", "position"]
    search_columns = ["code", "name"]
    order_columns = ["code", "position"]
    base_order = ("position", "asc")
    add_form_extra_fields = edit_form_extra_fields = ENGLISH
    label_columns = {
        "code": _l("Code"),
        "name": _l("Name"),
        "name_en": _l("English name"),
        "position": _l("Order"),
    }


MENU = (
    MenuItem("prepare", _l("Permits"), "PermitView.list", "id", ("can_list", "PermitView"), order=32),
    MenuItem(
        "settings",
        _l("Kinds of permits"),
        "PermitKindView.list",
        "id",
        ("can_list", "PermitKindView"),
        order=201,
    ),
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(PermitView)
    appbuilder.add_view_no_menu(PermitKindView)
    add_menu(*MENU)
    targets.panels.add(PANEL, 20)
    listing.register()
    importing.register()
    due.register()
