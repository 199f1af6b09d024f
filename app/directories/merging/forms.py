"""Forms of a merger."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.directories.forms import lookup_field
from app.directories.merging.services import LONGEST_REASON


class OtherForm(FlaskForm):
    class Meta:
        csrf = False

    other = lookup_field(_l("The other target"), "targets")


class MergeForm(FlaskForm):
    reason = TextAreaField(
        _l("Reason"),
        [Length(max=LONGEST_REASON)],
        description=_l("Why these two are one and the same; the history keeps it."),
        render_kw={"rows": 2},
    )
    versions = HiddenField()


class PartForm(FlaskForm):
    reason = TextAreaField(_l("Reason"), [Length(max=LONGEST_REASON)], render_kw={"rows": 2})
