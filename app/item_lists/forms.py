"""Forms of item lists. What an item must hold is a rule; here are only shapes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.item_lists.rules import ItemFields, JointItemFields
from app.regulation.vocabulary import CheckMethod, ItemCategory, MemberLevel
from app.security.fields import CheckboxesField, PercentField, choices

REQUIRED = _l("Please fill this in.")
CATEGORIES = choices((c.value, _l(c.label)) for c in ItemCategory)
METHODS = choices((m.value, _l(m.label)) for m in CheckMethod)
LEVELS = choices((level.value, _l(level.label)) for level in MemberLevel)


class ListForm(FlaskForm):
    year = IntegerField(_l("Year"), validators=[DataRequired(REQUIRED), NumberRange(2000, 2200)])
    name = StringField(_l("Name of the list"), validators=[DataRequired(REQUIRED), Length(max=120)])


class ActForm(FlaskForm):
    """Nothing but the token."""


class RemarksForm(FlaskForm):
    remarks = TextAreaField(_l("Remarks"), validators=[DataRequired(REQUIRED), Length(max=2000)])


class ItemForm(FlaskForm):
    version = HiddenField()
    code = StringField(_l("Code"), validators=[DataRequired(REQUIRED), Length(max=40)])
    project = StringField(_l("Project"), validators=[Length(max=120)])
    name = StringField(_l("Item"), validators=[DataRequired(REQUIRED), Length(max=200)])
    target_scope = StringField(_l("Targets"), validators=[Length(max=300)])
    target_kinds = CheckboxesField(_l("Kinds of targets"))
    category = RadioField(_l("Category"), choices=CATEGORIES, validators=[DataRequired(REQUIRED)])
    ratio_cap = PercentField(
        _l("Upper ratio in percent"), description=_l("General items only, share of the library per year.")
    )
    methods = CheckboxesField(_l("Methods"), choices=METHODS)
    subject = StringField(_l("Who checks"), validators=[Length(max=200)])
    basis = TextAreaField(_l("Legal basis"), validators=[Length(max=4000)])
    specialty = SelectField(_l("Specialty asked of inspectors"), validators=[Optional()])
    form_lines = TextAreaField(
        _l("Lines of the check form"),
        description=_l("One line each; what helps the inspector stands after a vertical bar: text | help."),
    )

    def fields(self) -> ItemFields:
        return ItemFields(
            code=(self.code.data or "").strip(),
            project=(self.project.data or "").strip(),
            name=(self.name.data or "").strip(),
            target_scope=(self.target_scope.data or "").strip(),
            category=self.category.data or "",
            methods=tuple(self.methods.data or ()),
            subject=(self.subject.data or "").strip(),
            basis=(self.basis.data or "").strip(),
            target_kinds=tuple(self.target_kinds.data or ()),
            specialty=self.specialty.data or None,
            ratio_cap=self.ratio_cap.data,
            form_lines=tuple(read_lines(self.form_lines.data or "")),
        )


def read_lines(text: str) -> list[tuple[str, str]]:
    """`text | help` per line; empty lines are left out."""
    split = [line.replace("｜", "|").partition("|") for line in text.splitlines() if line.strip()]
    return [(head.strip(), tail.strip()) for head, _, tail in split]


def write_lines(lines: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{text} | {help_text}" if help_text else text for text, help_text in lines)


class JointItemForm(FlaskForm):
    version = HiddenField()
    code = StringField(_l("Code"), validators=[DataRequired(REQUIRED), Length(max=40)])
    domain = StringField(_l("Field of the joint item"), validators=[Length(max=120)])
    name = StringField(_l("Joint item"), validators=[DataRequired(REQUIRED), Length(max=200)])
    target_scope = StringField(_l("Targets"), validators=[Length(max=300)])
    target_kinds = CheckboxesField(_l("Kinds of targets"))
    industries = StringField(
        _l("Industries"), description=_l("Codes of GB/T 4754 or their beginnings, such as 6110 612.")
    )
    lead_line = SelectField(_l("Initiator"), validators=[DataRequired(REQUIRED)])
    parts = CheckboxesField(_l("Items of the agencies"), coerce=int)
    levels = CheckboxesField(_l("Levels"), choices=LEVELS)
    category = RadioField(_l("Category"), choices=CATEGORIES, validators=[DataRequired(REQUIRED)])
    ratio_cap = PercentField(
        _l("Upper ratio in percent"), description=_l("General items only, share of the library per year.")
    )
    method = RadioField(_l("Method"), choices=METHODS, validators=[DataRequired(REQUIRED)])
    basis = TextAreaField(_l("Legal basis"), validators=[Length(max=4000)])
    source = StringField(_l("Source"), validators=[Length(max=300)])

    def fields(self) -> JointItemFields:
        industries = (
            (self.industries.data or "").replace(",", " ").replace("，", " ").replace("、", " ").split()
        )
        return JointItemFields(
            code=(self.code.data or "").strip(),
            domain=(self.domain.data or "").strip(),
            name=(self.name.data or "").strip(),
            target_scope=(self.target_scope.data or "").strip(),
            lead_line=self.lead_line.data or "",
            levels=tuple(self.levels.data or ()),
            category=self.category.data or "",
            method=self.method.data or "",
            parts=tuple(sorted(self.parts.data or ())),
            target_kinds=tuple(self.target_kinds.data or ()),
            industries=tuple(code.rstrip("*") for code in industries),
            ratio_cap=self.ratio_cap.data,
            basis=(self.basis.data or "").strip(),
            source=(self.source.data or "").strip(),
        )
