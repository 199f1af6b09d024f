"""Form of a library: a name, a kind, and the parts of a selection."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from app.directories.forms import Checkboxes, lookup_field, lookup_many
from app.directories.libraries.rules import LibraryKind
from app.directories.targets.rules import TargetStatus
from app.regulation.vocabulary import RiskClass

PARTS = ("kinds", "industries", "regions", "classes", "tags", "status")


class SelectionForm(FlaskForm):
    """The parts of a `SelectionRule`; plans use it as well."""

    kinds = Checkboxes(
        _l("Kinds of targets"), validate_choice=False, description=_l("None chosen: all kinds.")
    )
    industries = lookup_many(
        _l("Industries"),
        "industries",
        description=_l("A section, division or group covers everything below it."),
    )
    regions = lookup_many(_l("Regions"), "regions", description=_l("A region covers everything below it."))
    classes = Checkboxes(
        _l("Credit-risk classes"), validate_choice=False, description=_l("None chosen: all classes.")
    )
    tags = SelectMultipleField(_l("Specialties needed"), validate_choice=False)
    status = Checkboxes(_l("Status"), validate_choice=False, default=[TargetStatus.ACTIVE.value])

    def rule(self) -> dict[str, list[str]]:
        """The JSON form of the selection."""
        return {name: list(self[name].data) for name in PARTS if self[name].data}

    def offer(self, kinds: list[tuple[str, str]], tags: list[str], names: dict[str, dict[str, str]]) -> None:
        """Fill the choices. `names`: labels of the chosen `industries` and `regions` by code."""
        self.kinds.choices = list(kinds)
        self.classes.choices = [(c.value, f"{c.value} {_(c.label)}") for c in RiskClass]
        self.status.choices = [(s.value, _(s.label)) for s in TargetStatus]
        self.tags.choices = [(tag, tag) for tag in tags]
        for part in ("industries", "regions"):
            self[part].choices = [(code, names[part].get(code, code)) for code in self[part].data or []]


class LibraryForm(SelectionForm):
    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    kind = SelectField(_l("Kind of library"), choices=[(k.value, _l(k.label)) for k in LibraryKind])
    version = HiddenField()


class PickForm(FlaskForm):
    target = lookup_field(_l("Target"), "targets")
    included = SelectField(_l("What to do"), choices=[("yes", _l("Add")), ("no", _l("Exclude"))])
    reason = StringField(_l("Reason"), [Length(max=300)])


def stored(rule: dict[str, Any]) -> dict[str, list[str]]:
    """The parts of a stored rule as form data."""
    return {name: list(rule.get(name, [])) for name in PARTS}
