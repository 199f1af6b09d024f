"""The generated screens of institutions."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length

from app.directories.institutions import importing
from app.directories.institutions.models import Institution
from app.kernel.clock import today
from app.kernel.errors import Fault
from app.kernel.identifiers import normalise
from app.security.context import current_clock
from app.security.crud import ScopedInterface, ScopedModelView
from app.security.menu import MenuItem, add_menu
from app.security.rules import BUSINESS, RoleName

READERS = BUSINESS - {RoleName.AUDITOR}
KEEPERS = frozenset({RoleName.AGENCY_ADMIN})


def _until_cell(until: Any) -> Any:
    """The last day, and in words when it has gone by."""
    if until is None:
        return "—"
    if until < today(current_clock()):
        return Markup('{} <span class="eh-status is-bad">{}</span>').format(until, _("ended"))
    return str(until)


class InstitutionView(ScopedModelView):
    """Institutions whose experts assist (R-10.2, R-16.1)."""

    datamodel = ScopedInterface(Institution)
    route_base = "/institutions"
    grants = {
        "can_list": READERS,
        "can_show": READERS,
        "can_add": KEEPERS,
        "can_edit": KEEPERS,
        "can_delete": KEEPERS,
    }
    event = "institution"
    agency_column = "agency_id"
    list_title = _l("Institutions")
    add_title = edit_title = show_title = _l("Institution")
    list_columns = [
        "code",
        "name",
        "qualification_kind",
        "qualification_no",
        "valid_until",
        "agency",
        "active",
    ]
    show_columns = [
        "code", "name", "qualification_kind", "qualification_no", "valid_from", "valid_until", "tests", "agency",
        "active",
    ]  # fmt: skip
    add_columns = [
        "code",
        "name",
        "qualification_kind",
        "qualification_no",
        "valid_from",
        "valid_until",
        "tests",
    ]
    edit_columns = [*add_columns[1:], "active"]
    search_columns = ["code", "name", "qualification_kind"]
    order_columns = ["code", "name", "valid_until"]
    base_order = ("code", "asc")
    validators_columns = {"code": [Length(max=40)], "name": [Length(max=120)]}
    add_form_extra_fields = edit_form_extra_fields = {
        "qualification_kind": StringField(
            _l("Kind of the qualification"),
            [Length(max=120)],
            description=_l("As it stands on the certificate of the institution."),
        ),
        "qualification_no": StringField(_l("Number of the qualification"), [Length(max=60)]),
        "tests": TextAreaField(_l("Scope of tests"), [Length(max=2000)]),
        "active": BooleanField(_l("Active")),
    }
    formatters_columns = {"valid_until": _until_cell}
    label_columns = {
        "code": _l("Unified social credit code"),
        "name": _l("Name"),
        "qualification_kind": _l("Kind of the qualification"),
        "qualification_no": _l("Number of the qualification"),
        "valid_from": _l("Valid from"),
        "valid_until": _l("Valid until"),
        "tests": _l("Scope of tests"),
        "agency": _l("Agency"),
        "active": _l("Active"),
    }

    def faults(self, item: Institution) -> list[Fault]:
        item.code = normalise(item.code or "")
        found = [Fault(name, "required") for name in ("code", "name") if not getattr(item, name)]
        first, last = item.valid_from, item.valid_until
        if first is not None and last is not None and last < first:
            found.append(
                Fault("valid_until", "days_not_in_order", value=last.isoformat(), first=first.isoformat())
            )
        return found


MENU = MenuItem(
    "prepare",
    _l("Institutions"),
    "InstitutionView.list",
    "building",
    ("can_list", "InstitutionView"),
    order=46,
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(InstitutionView)
    add_menu(MENU)
    importing.register()
