"""Forms of tasks: fields and their shape; what the scheme must hold is a rule."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from app.regulation.vocabulary import CheckMethod
from app.tasks.rules import Scheme


class SchemeForm(FlaskForm):
    """检查方案 (R-22.1). `seen` is the version of the draft that the person saw."""

    content = TextAreaField(
        _l("Content of the check"), render_kw={"rows": 6}, description=_l("What is checked, and how.")
    )
    period_from = DateField(_l("First day of the checks"))
    period_to = DateField(_l("Last day of the checks"))
    method = SelectField(
        _l("Method"), choices=[SelectChoice(m.value, _l(m.label)) for m in CheckMethod], validate_choice=False
    )
    announced = BooleanField(_l("The notice is sent to the enterprises ahead of the visit"))
    announced_reason = TextAreaField(
        _l("Reason for the announcement"),
        render_kw={"rows": 2},
        description=_l("Only when it is sent ahead; otherwise the notice is handed over at the door."),
    )
    seen = HiddenField()

    def scheme(self) -> Scheme:
        return Scheme(
            content=self.content.data or "",
            period_from=self.period_from.data,
            period_to=self.period_to.data,
            method=self.method.data or "",
            announced=bool(self.announced.data),
            announced_reason=self.announced_reason.data or "",
        )


class ReasonForm(FlaskForm):
    """One reason, in the person's own words."""

    reason = TextAreaField(_l("Reason"), render_kw={"rows": 3, "maxlength": 500})
