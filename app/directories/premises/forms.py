"""The form of premises. What is right or wrong is a matter of `entries`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length

from app.directories.children.views import ChildForm
from app.directories.premises.rules import PremisesStatus


class PremisesForm(ChildForm):
    kind = SelectField(_l("Kind of premises"), validate_choice=False)
    name = StringField(_l("Name of the premises"), [Length(max=120)])
    address = StringField(_l("Address"), [Length(max=300)])
    area = StringField(_l("Area (m²)"), [Length(max=30)], render_kw={"inputmode": "decimal"})
    status = SelectField(
        _l("Status"), validate_choice=False, choices=[(s.value, _l(s.label)) for s in PremisesStatus]
    )
    version = HiddenField()

    def texts(self) -> dict[str, str]:
        names = ("kind", "name", "address", "area", "status")
        return {name: (self[name].data or "").strip() for name in names}
