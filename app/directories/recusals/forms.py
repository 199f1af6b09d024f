"""Form of a declaration."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional

from app.directories.forms import lookup_field
from app.directories.recusals.rules import RecusalReason, TieKind

FILES = _l("PDF, PNG or JPEG, at most five files of 10 MB each. They are kept sealed.")
PICTURES = {"accept": ".pdf,.png,.jpg,.jpeg", "multiple": True}


class RecusalForm(FlaskForm):
    inspector_id = lookup_field(_l("Inspector"), "inspectors")
    target_id = lookup_field(_l("Target"), "targets")
    reason = SelectField(_l("Ground"), choices=[(r.value, _l(r.label)) for r in RecusalReason])
    since = DateField(_l("From"), [Optional()], description=_l("Left empty: from today."))
    until = DateField(_l("Until"), [Optional()], description=_l("Left empty: for good."))
    evidence = TextAreaField(_l("What the conflict of interest is"), [Length(max=500)])
    files = MultipleFileField(_l("Evidence"), description=FILES, render_kw=PICTURES)


class RequestAnswerForm(FlaskForm):
    until = DateField(_l("Until"), [Optional()], description=_l("Left empty: for good."))
    answer = StringField(_l("Remark"), [Length(max=300)])


class RejectForm(FlaskForm):
    answer = StringField(_l("Reason of the rejection"), [Length(max=300)], id="reject-answer")


class RuleForm(FlaskForm):
    active = BooleanField(_l("The rule holds"))
    years = IntegerField(_l("Years after leaving"), [Optional(), NumberRange(0, 50)])
    months = IntegerField(_l("Not again within so many months"), [Optional(), NumberRange(0, 120)])
    visits = IntegerField(
        _l("Not again among the last so many visits of a target"), [Optional(), NumberRange(0, 100)]
    )
    version = HiddenField()


class TieForm(FlaskForm):
    inspector_id = lookup_field(_l("Inspector"), "inspectors")
    target_id = lookup_field(_l("Target"), "targets")
    kind = SelectField(_l("What binds the two"), choices=[(kind.value, _l(kind.label)) for kind in TieKind])
    until = DateField(
        _l("Last day there"), [Optional()], description=_l("Of a former employer; left empty: still there.")
    )
    note = StringField(_l("Remark"), [Length(max=200)])
