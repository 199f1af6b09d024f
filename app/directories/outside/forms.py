"""Forms of the marks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from app.directories.forms import lookup_field
from app.directories.outside.rules import LONGEST_BASIS, LONGEST_MATTER, LONGEST_REASON


class MarkForm(FlaskForm):
    target = lookup_field(
        _l("Target"),
        "targets",
        description=_l("Left empty where a whole item lies outside random selection."),
    )
    item = SelectField(
        _l("Item"), validate_choice=False, description=_l("Left empty where a single target does.")
    )
    matter = StringField(
        _l("Matter"),
        [Length(max=LONGEST_MATTER)],
        description=_l("The item under which it is inspected; the public list is ordered by it."),
    )
    basis = TextAreaField(
        _l("Basis"),
        [Length(max=LONGEST_BASIS)],
        description=_l("Law, article and its words; it is published."),
    )
    valid_from = DateField(_l("First day"), [Optional()])
    valid_until = DateField(_l("Last day"), [Optional()])


class RemarksForm(FlaskForm):
    remarks = StringField(_l("Reason"), [Length(max=LONGEST_REASON)])


class EndForm(FlaskForm):
    reason = StringField(_l("Reason"), [Length(max=LONGEST_REASON)])
