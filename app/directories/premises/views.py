"""Pages of premises, and the screens of their vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.directories import targets
from app.directories.children.views import ChildPages, Words
from app.directories.listing.pages import list_page
from app.directories.premises import importing, listing
from app.directories.premises.forms import PremisesForm
from app.directories.premises.models import Premises, PremisesKind
from app.directories.premises.panel import PANEL
from app.directories.premises.rules import PremisesStatus
from app.directories.premises.services import PREMISES
from app.directories.vocabularies import ENGLISH, CodedView
from app.security.access import guarded
from app.security.crud import ScopedInterface
from app.security.menu import MenuItem, add_menu


class PremisesView(ChildPages):
    route_base = "/premises"
    kind = PREMISES
    form = PremisesForm
    words = Words(
        _l("Premises"),
        _l("Add premises"),
        _l("Edit the premises"),
        _l("Take the premises out"),
        _l("The premises are on record."),
        _l("The premises are taken out; the history keeps them."),
    )

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(
            self,
            "premises",
            "children/list.html",
            words=self.words,
            imports="premises",
            may_keep=self.may_keep(),
        )

    def facts(self, row: Premises) -> list[tuple[Any, Any]]:
        return [
            (_("Name of the premises"), row.name),
            (_("Kind of premises"), row.kind_row.name),
            (_("Address"), row.address),
            (_("Area (m²)"), row.area or "—"),
            (_("Status"), _(PremisesStatus(row.status).label)),
            (_("Source"), row.agency.name if row.agency else _("Base directory")),
        ]

    def stored(self, row: Premises) -> Mapping[str, Any]:
        found = {name: getattr(row, name) for name in (*PREMISES.columns, "version")}
        return {**found, "area": "" if row.area is None else f"{row.area.normalize():f}"}


class PremisesKindView(CodedView):
    datamodel = ScopedInterface(PremisesKind)
    route_base = "/vocabulary/premises-kinds"
    event = "premises_kind"
    list_title = _l("Kinds of premises")
    add_title = edit_title = show_title = _l("Kind of premises")
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
    MenuItem(
        "prepare", _l("Premises"), "PremisesView.list", "building", ("can_list", "PremisesView"), order=33
    ),
    MenuItem(
        "settings",
        _l("Kinds of premises"),
        "PremisesKindView.list",
        "building",
        ("can_list", "PremisesKindView"),
        order=201,
    ),
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(PremisesView)
    appbuilder.add_view_no_menu(PremisesKindView)
    add_menu(*MENU)
    targets.panels.add(PANEL, 25)
    listing.register()
    importing.register()
