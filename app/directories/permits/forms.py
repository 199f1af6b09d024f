"""The form of a permit. What is right or wrong is a matter of `entries`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import Length, Optional

from app.directories.children.views import ChildForm
from app.directories.permits.rules import PermitStatus


class PermitForm(ChildForm):
    kind = SelectField(_l("Kind of permit"), validate_choice=False)
    number = StringField(_l("Number of the permit"), [Length(max=80)])
    authority = StringField(_l("Issued by"), [Length(max=120)])
    valid_from = DateField(_l("Valid from"), [Optional()])
    valid_until = DateField(
        _l("Valid until"), [Optional()], description=_l("Left empty: for an indefinite time.")
    )
    status = SelectField(
        _l("Status"),
        validate_choice=False,
        choices=[(s.value, _l(s.label)) for s in PermitStatus],
        description=_l("Whether it has expired is told by its dates."),
    )
    version = HiddenField()

    def texts(self) -> dict[str, str]:
        plain = {name: (self[name].data or "").strip() for name in ("kind", "number", "authority", "status")}
        days = {name: self[name].data for name in ("valid_from", "valid_until")}
        return {**plain, **{name: day.isoformat() if day else "" for name, day in days.items()}}
