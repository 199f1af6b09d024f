"""Forms of matching."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField


class RecuseForm(FlaskForm):
    reason = StringField(_l("Conflict of interest"), render_kw={"maxlength": 200})
    evidence = TextAreaField(
        _l("Evidence"),
        render_kw={"rows": 3, "maxlength": 300},
        description=_l("What shows it: a declaration, a document and where it is kept."),
    )
