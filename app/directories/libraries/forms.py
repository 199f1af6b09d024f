"""Form of a library: a name, a kind, and the parts of a selection."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.directories.forms import Checkboxes, lookup_field, lookup_many
from app.directories.libraries.rules import BY_HAND, LibraryKind
from app.directories.targets.rules import TargetStatus
from app.directories.targets.since import Since
from app.regulation.vocabulary import RiskClass

PARTS = ("kinds", "industries", "regions", "classes", "tags", "status", "permits", "premises")


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
    tags = Checkboxes(_l("Specialties needed"), validate_choice=False)
    status = Checkboxes(_l("Status"), validate_choice=False, default=[TargetStatus.ACTIVE.value])
    permits = Checkboxes(
        _l("Holds a permit"),
        validate_choice=False,
        description=_l("One of these is enough; it is valid today."),
    )
    premises = Checkboxes(_l("Uses premises"), validate_choice=False)
    not_checked = SelectField(
        _l("Not checked since"),
        default="",
        choices=[("", _l("Any")), *((since.value, _l(since.label)) for since in Since)],
        description=_l(
            "Counted back from the day on which the library is used. Targets never checked fit as well."
        ),
    )
    not_checked_since = DateField(
        _l("or since a fixed day"),
        [Optional()],
        description=_l("Only where nothing is chosen above."),
    )

    def rule(self) -> dict[str, list[str]]:
        """The JSON form of the selection."""
        found = {name: list(self[name].data) for name in PARTS if self[name].data}
        if self.not_checked.data:
            found["not_checked_since"] = [self.not_checked.data]
        elif self.not_checked_since.data is not None:
            found["not_checked_since"] = [self.not_checked_since.data.isoformat()]
        return found

    def offer(
        self,
        kinds: list[tuple[str, str]],
        tags: list[str],
        names: dict[str, dict[str, str]],
        permits: list[tuple[str, str]] | None = None,
        premises: list[tuple[str, str]] | None = None,
    ) -> None:
        """Fill the choices. `names`: labels of the chosen `industries` and `regions` by code."""
        self.kinds.choices = list(kinds)
        self.permits.choices = list(permits or [])
        self.premises.choices = list(premises or [])
        self.classes.choices = [(c.value, f"{c.value} {_(c.label)}") for c in RiskClass]
        self.status.choices = [(s.value, _(s.label)) for s in TargetStatus]
        self.tags.choices = [(tag, tag) for tag in tags]
        for part in ("industries", "regions"):
            self[part].choices = [(code, names[part].get(code, code)) for code in self[part].data or []]


class KeptForm(SelectionForm):
    """The selection of a library, which may be nobody: a plan has no members by hand."""

    by_hand = BooleanField(
        _l("Only who is added by hand"),
        description=_l("Nobody belongs by a rule; what is chosen below does not count."),
    )

    def rule(self) -> dict[str, list[str]]:
        if self.by_hand.data:
            return {"status": [TargetStatus.ACTIVE.value], "by_hand": [BY_HAND]}
        return super().rule()


class LibraryForm(KeptForm):
    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    kind = SelectField(_l("Kind of library"))
    version = HiddenField()

    def offer_kinds(self, joint: bool) -> None:
        """A joint library stays one; another does not become one, because it has no joint item."""
        self.kind.choices = [(k.value, _(k.label)) for k in LibraryKind if (k is LibraryKind.JOINT) == joint]


class JointLibraryForm(KeptForm):
    """A joint library of targets."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    joint_item = SelectField(_l("Joint item"), validate_choice=False)


class PeopleForm(FlaskForm):
    """Name and rule of a joint library of inspectors; the joint item is chosen when it is founded."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    joint_item = SelectField(_l("Joint item"), validate_choice=False)
    specialties = Checkboxes(
        _l("Specialties"),
        validate_choice=False,
        description=_l("None chosen: all inspectors of the agencies that take part."),
    )
    version = HiddenField()

    def rule(self) -> dict[str, list[str]]:
        return {"specialties": list(self.specialties.data)} if self.specialties.data else {}


class PickForm(FlaskForm):
    target = lookup_field(_l("Target"), "targets")
    included = SelectField(_l("What to do"), choices=[("yes", _l("Add")), ("no", _l("Exclude"))])
    reason = StringField(_l("Reason"), [Length(max=300)])


class PersonForm(FlaskForm):
    inspector = lookup_field(_l("Inspector"), "inspectors", description=_l("Of your own agency."))
    included = SelectField(_l("What to do"), choices=[("yes", _l("Add")), ("no", _l("Exclude"))])
    reason = StringField(_l("Reason"), [Length(max=300)])


class ArchiveForm(FlaskForm):
    reason = StringField(_l("Reason"), [Length(max=300)])


class CarryForm(FlaskForm):
    """Under which joint item, and name, a joint library goes on."""

    joint_item = SelectField(_l("Joint item"), validate_choice=False)
    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])


class IntoForm(FlaskForm):
    """Many targets of a list into a library, or out of it."""

    library = SelectField(_l("Library"), validate_choice=False)
    included = SelectField(_l("What to do"), choices=[("yes", _l("Add")), ("no", _l("Exclude"))])
    reason = StringField(_l("Reason"), [Length(max=300)])


def stored(rule: dict[str, Any]) -> dict[str, Any]:
    """The parts of a stored rule as form data."""
    found: dict[str, Any] = {name: list(rule.get(name, [])) for name in PARTS}
    found["by_hand"] = bool(rule.get("by_hand"))
    return found | since_data(next(iter(rule.get("not_checked_since") or []), None))


def since_data(said: str | None) -> dict[str, Any]:
    """Since when, as the two fields of the form have it."""
    relative = said in set(Since)
    day = date.fromisoformat(said) if said and not relative else None
    return {"not_checked": said if relative else "", "not_checked_since": day}
