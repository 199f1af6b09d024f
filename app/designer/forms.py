"""The form of one list's rows, from its definition."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import DateInput

from app.designer.rules import FieldSpec, FieldType


def record_form(fields: tuple[FieldSpec, ...]) -> type[DynamicForm]:
    """A form class with one WTForms field per field of the definition; values are checked by the rules."""
    return type("RecordForm", (DynamicForm,), {spec.key: _field(spec) for spec in fields})


def _choice(value: str, label: Any) -> SelectChoice:
    return SelectChoice(value, label)


def _field(spec: FieldSpec) -> Any:
    kept: dict[str, Any] = {
        "label": spec.label,
        "description": spec.help,
        "validators": [DataRequired(_l("Please fill this in.")) if spec.required else Optional()],
    }
    if spec.type is FieldType.LONG_TEXT:
        return TextAreaField(**kept)
    if spec.type is FieldType.BOOLEAN:
        return BooleanField(**{**kept, "validators": []})
    if spec.type is FieldType.CHOICE:
        choices = [_choice("", _l("— please choose —")), *(_choice(c, c) for c in spec.choices)]
        return SelectField(**kept, choices=choices, validate_choice=False)
    if spec.type is FieldType.MULTI_CHOICE:
        return SelectMultipleField(
            **kept, choices=[_choice(c, c) for c in spec.choices], validate_choice=False
        )
    if spec.type is FieldType.DATE:
        return StringField(**kept, widget=DateInput())
    return StringField(**kept)
