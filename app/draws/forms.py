"""Forms of the draw: fields and their shape; what may be frozen, voided or replaced is a rule."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from app.draws.engine.replacement import REASONS

REASON_LABELS = {
    "DEREGISTERED": _l("deregistered"),
    "REVOKED": _l("licence revoked"),
    "MOVED": _l("moved out of the area"),
}


class FreezeForm(FlaskForm):
    until = DateTimeLocalField(
        _l("Commitments until"),
        format="%Y-%m-%dT%H:%M",
        validators=[InputRequired(_l("Please fill this in."))],
        description=_l("Beijing time. Whoever has not committed by then makes the draw void."),
    )


class VoidForm(FlaskForm):
    reason = TextAreaField(_l("Reason"), render_kw={"rows": 3, "maxlength": 300})
    who = StringField(_l("Who was missing"), render_kw={"maxlength": 300})


class ReplaceForm(FlaskForm):
    reason = SelectField(_l("Reason"), choices=[(code, REASON_LABELS[code]) for code in REASONS])
    evidence = TextAreaField(
        _l("Evidence"),
        render_kw={"rows": 3, "maxlength": 500},
        description=_l("“Could not be found” is a result of the check, not a reason to draw another target."),
    )
