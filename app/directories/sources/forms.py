"""Forms of systems, orders and conflicts. What is right or wrong is a matter of the services."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.directories.sources.rules import Lower

PLACES = 8


class SystemForm(FlaskForm):
    code = StringField(
        _l("Code"),
        [Length(max=40)],
        description=_l(
            "What the system names itself in every batch: small letters, digits, hyphens. It stays."
        ),
    )
    name = StringField(
        _l("Name"), [Length(max=80)], description=_l("Stands beside every field that it says.")
    )
    agency = SelectField(
        _l("What it brings belongs to"),
        validate_choice=False,
        description=_l(
            "An agency's system adds rows of that agency; its administrator's account pushes (R-11.3)."
        ),
    )
    note = StringField(_l("Remark"), [Length(max=300)], description=_l("Who runs it, whom to ask."))


class ChangeSystemForm(FlaskForm):
    name = StringField(_l("Name"), [Length(max=80)])
    note = StringField(_l("Remark"), [Length(max=300)])
    active = BooleanField(_l("May push"))
    version = HiddenField()


class OrderForm(FlaskForm):
    """Eight places, the first counts most; empty ones are passed over."""

    place1 = SelectField(_l("Counts most"), validate_choice=False)
    place2 = SelectField(_l("Place %(number)s", number=2), validate_choice=False)
    place3 = SelectField(_l("Place %(number)s", number=3), validate_choice=False)
    place4 = SelectField(_l("Place %(number)s", number=4), validate_choice=False)
    place5 = SelectField(_l("Place %(number)s", number=5), validate_choice=False)
    place6 = SelectField(_l("Place %(number)s", number=6), validate_choice=False)
    place7 = SelectField(_l("Place %(number)s", number=7), validate_choice=False)
    place8 = SelectField(_l("Place %(number)s", number=8), validate_choice=False)
    lower = RadioField(
        _l("What a source says that counts less"),
        choices=[(state.value, _l(state.label)) for state in Lower],
        default=Lower.ASK.value,
    )

    def places(self) -> list[SelectField]:
        return [self[f"place{number}"] for number in range(1, PLACES + 1)]

    def names(self) -> list[str]:
        return [field.data for field in self.places() if field.data]

    def fill(self, choices: Sequence[tuple[str, str]], names: Sequence[str], lower: str) -> None:
        for field, name in zip(self.places(), [*names, *[""] * PLACES], strict=False):
            field.data = name
        self.lower.data = lower
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        for field in self.places():
            field.choices = [("", "—"), *choices]


class DecisionForm(FlaskForm):
    decision = RadioField(
        _l("Decision"),
        [InputRequired()],
        choices=[
            ("take", _l("Take over what the source says")),
            ("keep", _l("Keep what stands in the directory")),
        ],
    )
    reason = StringField(
        _l("Reason"), [Length(max=300)], description=_l("Kept with the decision and in the log.")
    )


class AllForm(DecisionForm):
    source = HiddenField()
    field = HiddenField(validators=[Optional()])
