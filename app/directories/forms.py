"""What the forms of all directories share."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel.errors import DomainError, Invalid, Stale
from app.security.explain import explain, explain_fault

NOT_KEPT = {"autocomplete": "off"}
"""On fields of personal data: no browser keeps what was typed, not even as a draft."""


def text_field(label: Any, most: int, **options: Any) -> StringField:
    """A text that the browser keeps short; what is too long says the validator, here as in files and interfaces."""
    return StringField(label, render_kw={"maxlength": most, **options.pop("render_kw", {})}, **options)


def day_field(label: Any, **options: Any) -> StringField:
    """A day that the browser lets be picked; the validator reads it, here as in files and interfaces."""
    return StringField(label, render_kw={"type": "date"}, **options)


def lookup_field(label: Any, kind: str, **options: Any) -> SelectField:
    """A choice among many that is looked up while one types; the service checks it, in scope."""
    return SelectField(label, validate_choice=False, render_kw=_lookup(kind), **options)


def lookup_many(label: Any, kind: str, **options: Any) -> SelectMultipleField:
    return SelectMultipleField(label, validate_choice=False, render_kw=_lookup(kind), **options)


def _lookup(kind: str) -> dict[str, str]:
    return {"data-module": "lookup", "data-lookup": f"/lookup/{kind}"}


class Checkboxes(SelectMultipleField):
    """Several of a few choices, as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ReasonForm(FlaskForm):
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=300)])


def mark(form: FlaskForm, error: DomainError) -> list[str]:
    """Put the faults beside their fields; what belongs to no field comes back as sentences."""
    if isinstance(error, Stale):
        return [explain(error), *_differences(form, error)]
    if not isinstance(error, Invalid) or not error.faults:
        return [explain(error)]
    extra: list[str] = []
    for fault in error.faults:
        field = form._fields.get(fault.field)
        if field is None:
            extra.append(explain_fault(fault))
        else:
            field.errors = [*field.errors, explain_fault(fault)]
    return extra


def _differences(form: FlaskForm, error: Stale) -> list[str]:
    """What stands there now, field by field, where it differs from what was sent."""
    lines = []
    for name, theirs, yours in error.facts.get("changes", []):
        field = form._fields.get(name) or form._fields.get(name.removesuffix("_code").removesuffix("_id"))
        label = str(field.label.text) if field is not None else name
        lines.append(
            _(
                "%(field)s: stored is “%(theirs)s”, you sent “%(yours)s”.",
                field=label,
                theirs=theirs,
                yours=yours,
            )
        )
    return lines
