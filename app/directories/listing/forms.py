"""Forms of saved views."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from app.directories.listing.rules import LONGEST_NAME


class ViewForm(FlaskForm):
    name = StringField(
        _l("Name of the view"),
        [InputRequired(), Length(max=LONGEST_NAME)],
        render_kw={"maxlength": LONGEST_NAME},
    )
    shared = BooleanField(
        _l("Share with the own unit"), description=_l("Everybody of the unit sees it; only you change it.")
    )
    opens = BooleanField(_l("Open the list with this view"))
    version = HiddenField()
