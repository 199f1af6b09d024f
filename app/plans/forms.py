"""Forms of plans. What an entry must hold is a rule; here are only shapes."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.plans.rules import EntryFields, read_selection
from app.plans.rules.selection import CLASSES, PER_MILLE
from app.regulation.vocabulary import CheckMethod
from app.security.fields import CheckboxesField, PercentField, choices

REQUIRED = _l("Please fill this in.")
METHODS = choices((m.value, _l(m.label)) for m in CheckMethod)
MONTHS = choices((n, str(n)) for n in range(1, 13))
KINDS = choices(
    (("per_class", _l("A ratio for each class")), ("total", _l("One number, shared out by weights")))
)


class PlanForm(FlaskForm):
    year = IntegerField(_l("Year"), validators=[DataRequired(REQUIRED), NumberRange(2000, 2200)])
    name = StringField(_l("Name of the plan"), validators=[DataRequired(REQUIRED), Length(max=160)])


class VersionForm(FlaskForm):
    """An act on a plan as the page showed it."""

    version = HiddenField()

    def number(self) -> int | None:
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() and len(text) < 10 else None


class RemarksForm(FlaskForm):
    remarks = TextAreaField(_l("Remarks"), validators=[DataRequired(REQUIRED), Length(max=2000)])


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(REQUIRED), Length(max=2000)],
        description=_l("It is published with the plan."),
    )


class EntryForm(FlaskForm):
    """Everything of an entry but its participants, which the page draws from the joint item."""

    version = HiddenField()
    name = StringField(_l("Name of the entry"), validators=[DataRequired(REQUIRED), Length(max=200)])
    initiator = SelectField(_l("Initiator"), coerce=int)
    kinds = CheckboxesField(_l("Kinds of targets"), validators=[DataRequired(REQUIRED)])
    industries = StringField(
        _l("Industries"),
        description=_l("Codes of GB/T 4754 or their beginnings, such as 6110 612*; empty: all."),
    )
    regions = CheckboxesField(_l("Regions"), validators=[DataRequired(REQUIRED)])
    libraries = CheckboxesField(
        _l("Libraries"), description=_l("None chosen: whoever fits. Chosen: members of at least one of them.")
    )
    kind = RadioField(_l("How the number is set"), choices=KINDS, default="per_class")
    number = IntegerField(_l("Number in all"), validators=[Optional(), NumberRange(1, 1_000_000)])
    month_from = SelectField(_l("From month"), coerce=int, choices=MONTHS)
    month_to = SelectField(_l("To month"), coerce=int, choices=MONTHS)
    method = RadioField(_l("Method"), choices=METHODS, default=CheckMethod.ON_SITE.value)
    note = TextAreaField(_l("Note"), validators=[Length(max=2000)])

    def rule(self) -> dict[str, Any]:
        """The scope as a selection rule; a star behind a code says what a beginning says anyway."""
        text = self.industries.data or ""
        for separator in ",，、;；*":
            text = text.replace(separator, " ")
        found: dict[str, Any] = {
            "kinds": list(self.kinds.data or []),
            "industries": list(dict.fromkeys(text.split())),
            "regions": list(self.regions.data or []),
            "status": ["active"],
        }
        if self.libraries.data:
            found["libraries"] = list(self.libraries.data)
        return found

    def selection(self) -> dict[str, Any]:
        if self.kind.data == "total":
            weights = {code: self[f"weight_{code}"].data for code in CLASSES}
            multipliers = {code: weight for code, weight in weights.items() if weight is not None}
            return {"kind": "total", "number": self.number.data, "multipliers": multipliers}
        ratios = {code: self[f"ratio_{code}"].data for code in CLASSES}
        given = {c: {"num": share, "den": PER_MILLE} for c, share in ratios.items() if share is not None}
        return {"kind": "per_class", "ratios": given, "min": 0}

    def fields(self, participants: dict[int, tuple[int, ...]], joint_item_id: int | None) -> EntryFields:
        return EntryFields(
            name=(self.name.data or "").strip(),
            initiator_id=self.initiator.data or 0,
            participants=participants,
            rule=self.rule(),
            selection=self.selection(),
            month_from=self.month_from.data or 0,
            month_to=self.month_to.data or 0,
            method=self.method.data or "",
            joint_item_id=joint_item_id,
            note=(self.note.data or "").strip(),
        )


for _code in CLASSES:
    setattr(EntryForm, f"ratio_{_code}", PercentField(_l("Ratio %(name)s in percent", name=_code)))
    setattr(
        EntryForm,
        f"weight_{_code}",
        IntegerField(
            _l("Weight %(name)s", name=_code), default=1, validators=[Optional(), NumberRange(1, 1000)]
        ),
    )


def start_values(fields: EntryFields, version: int) -> dict[str, Any]:
    """What the form shows of an entry that stands."""
    selection = read_selection(fields.selection)
    return {
        "version": version,
        "name": fields.name,
        "initiator": fields.initiator_id,
        "kinds": list(fields.rule.get("kinds", [])),
        "industries": " ".join(fields.rule.get("industries", [])),
        "regions": list(fields.rule.get("regions", [])),
        "libraries": list(fields.rule.get("libraries", [])),
        "kind": selection.kind,
        "number": selection.number or None,
        "month_from": fields.month_from,
        "month_to": fields.month_to,
        "method": fields.method,
        "note": fields.note,
        **{f"ratio_{code}": ratio.per_mille for code, ratio in selection.ratios.items()},
        **{f"weight_{code}": weight for code, weight in selection.multipliers.items()},
    }
