"""The forms of a bulk edit: made from what the directory lets be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import Length

from app.directories.bulk_edits.kinds import BulkField, BulkKind
from app.directories.bulk_edits.rules import LONGEST_REASON
from app.directories.forms import Checkboxes, lookup_field
from app.directories.targets.models import Industry
from app.kernel.errors import Fault
from app.kernel.spreadsheet.cells import clean
from app.security.models import Region

LONGEST = 300
SET, NEW, ADD, DROP = "set_", "new_", "add_", "drop_"
LOOKED_UP: dict[str, Any] = {"industries": Industry, "regions": Region}


class BulkForm(FlaskForm):
    """`fields()` are what was declared; each has a box that says whether it is to be changed."""

    kind: BulkKind
    reason = StringField(_l("Reason"), [Length(max=LONGEST_REASON)])

    def rows(self) -> list[tuple[BulkField, Field | None, list[Field]]]:
        """Every field with its box and its controls."""
        return [
            (f, self._fields.get(SET + f.name), [self._fields[n] for n in _names(f) if n in self._fields])
            for f in self.kind.fields
            if any(n in self._fields for n in _names(f))
        ]

    def wanted(self) -> tuple[dict[str, Any], list[Fault]]:
        """What is to be changed. A value without its box counts; a box without a value empties the field."""
        found: dict[str, Any] = {}
        faults: list[Fault] = []
        for field, box, controls in self.rows():
            if field.widget == "tags":
                add, drop = ([clean(tag) for tag in control.data or []] for control in controls)
                if add or drop:
                    found[field.name] = {"add": add, "drop": [tag for tag in drop if tag not in add]}
                elif box is not None and box.data:
                    faults.append(Fault(ADD + field.name, "bulk_value_missing"))
                continue
            value = clean(controls[0].data or "")
            if len(value) > LONGEST:
                faults.append(Fault(NEW + field.name, "too_long", most=LONGEST, found=len(value)))
            elif value:
                found[field.name] = value
            elif box is not None and box.data:
                if field.emptied:
                    found[field.name] = ""
                else:
                    faults.append(Fault(NEW + field.name, "bulk_value_missing"))
        return found, faults


def _names(field: BulkField) -> list[str]:
    return [ADD + field.name, DROP + field.name] if field.widget == "tags" else [NEW + field.name]


def bulk_form(session: Session, kind: BulkKind, formdata: Any, *, only: str = "") -> BulkForm:
    """The form of a directory; with `only` of this one field, without its box."""
    parts: dict[str, Any] = {"kind": kind}
    for field in kind.fields:
        if only and field.name != only:
            continue
        if not only:
            parts[SET + field.name] = BooleanField(field.label)
        parts |= _controls(session, field, formdata)
    made = type("MadeBulkForm", (BulkForm,), parts)
    return made(formdata=formdata)  # type: ignore[no-any-return]


def _controls(session: Session, field: BulkField, formdata: Any) -> Mapping[str, Any]:
    name = NEW + field.name
    choices = list(field.choices(session)) if field.choices is not None else []
    if field.widget == "tags":
        return {
            ADD + field.name: Checkboxes(_l("Add"), choices=choices, validate_choice=False),
            DROP + field.name: Checkboxes(_l("Take away"), choices=choices, validate_choice=False),
        }
    if field.widget in ("choice", "flag"):
        return {
            name: SelectField(field.label, choices=[("", ""), *choices], default="", validate_choice=False)
        }
    if field.widget == "lookup":
        given = formdata.get(name, "") if formdata else ""
        return {name: lookup_field(field.label, field.lookup, choices=_looked_up(session, field, given))}
    shown = {"type": "date"} if field.widget == "date" else {"autocomplete": "off"}
    return {name: StringField(field.label, render_kw={"maxlength": LONGEST, **shown})}


def _looked_up(session: Session, field: BulkField, code: str) -> list[tuple[str, str]]:
    model = LOOKED_UP[field.lookup]
    found = session.scalars(select(model).where(model.code == code)).first() if code else None
    return [("", ""), *([(code, str(found) if found is not None else code)] if code else [])]


def place_faults(form: BulkForm, faults: list[Fault]) -> list[Fault]:
    """Faults by the names of the directory, by the names of the form."""
    for fault in faults:
        for name in (NEW + fault.field, ADD + fault.field):
            if name in form._fields:
                fault.field = name
    return faults
