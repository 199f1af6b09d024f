"""Form of a declaration."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from app.directories.forms import lookup_field
from app.directories.recusals.rules import RecusalReason


class RecusalForm(FlaskForm):
    inspector_id = lookup_field(_l("Inspector"), "inspectors")
    target_id = lookup_field(_l("Target"), "targets")
    reason = SelectField(_l("Ground"), choices=[(r.value, _l(r.label)) for r in RecusalReason])
    since = DateField(_l("From"), [Optional()], description=_l("Left empty: from today."))
    until = DateField(_l("Until"), [Optional()], description=_l("Left empty: for good."))
    evidence = TextAreaField(_l("What the conflict of interest is"), [Length(max=500)])
