"""The generated screens of experts."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.directories.inspectors import services
from app.directories.inspectors.listing import EXPERTS
from app.directories.inspectors.models import Expert
from app.directories.inspectors.offering import is_offered
from app.directories.inspectors.views.shared import EXPERT, READERS, may_keep
from app.directories.listing.pages import list_page
from app.kernel.clock import today
from app.kernel.decisions import Refusal
from app.kernel.errors import Fault, Refused
from app.security.access import guarded
from app.security.context import current_clock
from app.security.crud import KeptField, ScopedInterface, ScopedModelView
from app.security.explain import explain
from app.security.protection.showing import personal_fields


def _phone_cell(expert: Expert) -> Markup:
    line = personal_fields(EXPERT, expert).get("phone")
    if line is None or not line.text:
        return Markup("—")
    ask = Markup(' <a href="{}">{}</a>').format(line.ask_url, _("Show")) if line.masked else ""
    return Markup('<span class="eh-mono">{}</span>{}').format(line.text, ask)


def _offer_cell(expert: Expert) -> Markup:
    """Whether the expert is offered today, with the reason if not."""
    decision = is_offered(expert, today(current_clock()))
    if isinstance(decision, Refusal):
        sentence = explain(Refused(decision.code, **decision.facts))
        return Markup('<span class="eh-status is-bad">{}</span>').format(sentence)
    return Markup('<span class="eh-status is-ok">{}</span>').format(_("yes"))


class ExpertView(ScopedModelView):
    """Outside experts (R-16.1): they assist by name and never count as inspectors."""

    datamodel = ScopedInterface(Expert)
    route_base = "/experts"
    grants = {
        "can_list": READERS,
        "can_show": READERS,
        "can_add": services.KEEPERS,
        "can_edit": services.KEEPERS,
        "can_delete": services.KEEPERS,
    }
    event = "expert"
    agency_column = "agency_id"
    list_title = _l("Experts")
    add_title = edit_title = show_title = _l("Expert")
    list_columns = ["code", "name", "institution", "qualification", "agency", "active"]
    show_columns = [
        "code", "name", "institution", "institution_line", "qualification", "phone_line", "agency", "active",
    ]  # fmt: skip
    add_columns = ["code", "name", "institution_row", "institution", "qualification", "phone"]
    edit_columns = ["name", "institution_row", "institution", "qualification", "phone", "active"]
    search_columns = ["code", "name", "institution"]
    order_columns = ["code", "name", "institution"]
    base_order = ("code", "asc")
    validators_columns = {"name": [Length(max=60)]}
    # Flask-AppBuilder demands every column that is not null; these may be empty, the box unchecked.
    add_form_extra_fields = edit_form_extra_fields = {
        "institution": StringField(
            _l("Name of the institution"),
            [Length(max=120)],
            description=_l("Only for one that is not in the directory; its qualification is not watched."),
        ),
        "qualification": StringField(_l("Qualification"), [Length(max=200)]),
        "phone": KeptField(
            _l("Telephone"),
            [Length(max=30)],
            description=_l("Covered; left empty, it stays as it is stored."),
        ),
        "active": BooleanField(_l("Active")),
    }
    formatters_columns = {"phone_line": _phone_cell, "institution_line": _offer_cell}
    label_columns = {
        "code": _l("Number"),
        "name": _l("Name"),
        "institution": _l("Institution"),
        "institution_row": _l("Institution"),
        "institution_line": _l("Offered today"),
        "qualification": _l("Qualification"),
        "phone": _l("Telephone"),
        "phone_line": _l("Telephone"),
        "agency": _l("Agency"),
        "active": _l("Active"),
    }

    @expose("/list/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(self, EXPERTS.key, "inspectors/experts.html", may_keep=may_keep())

    def faults(self, item: Expert) -> list[Fault]:
        """Whoever belongs to an institution of the directory carries its name."""
        if item.institution_row is not None:
            item.institution = item.institution_row.name
        return [
            Fault(name, "required") for name in ("code", "name", "institution") if not getattr(item, name)
        ]
