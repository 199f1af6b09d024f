"""The form of an export."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Length

from app.security.protection.rules import LONGEST_REASON


class ExportForm(FlaskForm):
    format = RadioField(
        _l("Kind of file"),
        choices=[("xlsx", _l("Excel workbook (XLSX)")), ("csv", _l("Text table (CSV, UTF-8)"))],
        default="xlsx",
    )
    clear = BooleanField(_l("With telephone numbers and home addresses in full"))
    reason = StringField(
        _l("What the full data are needed for"),
        [Length(max=LONGEST_REASON)],
        description=_l("The security log keeps the reason with your name."),
    )
