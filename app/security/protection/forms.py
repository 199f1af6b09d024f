"""The form that asks for personal data."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from app.security.fields import CheckboxesField
from app.security.protection.rules import LONGEST_REASON


class ShowForm(FlaskForm):
    fields = CheckboxesField(_l("What do you need?"), validate_choice=False)
    reason = StringField(
        _l("Reason"),
        [Length(max=LONGEST_REASON)],
        description=_l("Kept in the security log together with your name."),
    )
