"""Forms of roles: fields and their shape; what may be composed is a rule."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField


class ComposeForm(FlaskForm):
    """A role of the office; its permissions and bases come as check boxes beside it."""

    name = StringField(
        _l("Name of the role"),
        description=_l("As people will read it, such as “Data entry”."),
        render_kw={"maxlength": 40},
    )
    note = TextAreaField(
        _l("What it is for"), description=_l("Seen by everybody who may give it."), render_kw={"rows": 2}
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Kept in the log of the change."),
        render_kw={"rows": 2, "maxlength": 200},
    )
    seen = HiddenField()


class ArchiveForm(FlaskForm):
    """Put a role out of use; `move_to` is what its holders get instead."""

    move_to = SelectField(_l("Who holds it gets instead"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), render_kw={"rows": 2, "maxlength": 200})
