"""Forms over people. Services check what is entered, so that jobs and forms say the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from app.security.fields import CheckboxesField, choices
from app.security.models import Agency
from app.security.roles.rules import RoleFacts


class ReasonForm(FlaskForm):
    reason = StringField(_l("Reason"), [InputRequired()], description=_l("A few words; the log keeps them."))


class RolesForm(ReasonForm):
    """Roles at one place, with the reason."""

    title = StringField(
        _l("Post"), description=_l("As it stands on the door, for instance “head of section”.")
    )
    roles = CheckboxesField(_l("Roles"))

    def offer(self, roles: Sequence[RoleFacts]) -> None:
        self.roles.choices = choices((role.name, _(str(role.label))) for role in roles)


class AgencyField(SelectField):
    """An agency of the area, grouped by region."""

    def offer(self, agencies: Iterable[Agency]) -> None:
        pairs = [(str(a.id), a.name, a.region.name) for a in agencies]
        groups = {
            region: [(value, name) for value, name, _region in rows]
            for region, rows in groupby(sorted(pairs, key=lambda p: p[2]), key=lambda p: p[2])
        }
        self.choices = groups if len(groups) > 1 else [pair for rows in groups.values() for pair in rows]

    @property
    def agency_id(self) -> int:
        """The chosen id; 0 for none, which no agency has."""
        text = str(self.data or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


class InviteForm(RolesForm):
    name = StringField(lazy_pgettext("people", "Name"), [InputRequired()])
    agency = AgencyField(lazy_pgettext("people", "Unit"), validate_choice=False)
    phone = StringField(
        _l("Mobile phone"), description=_l("The person can log in with it. Kept sealed, shown covered.")
    )
    mail = StringField(
        _l("E-mail"),
        description=_l("With it the person gets a link. Left empty, you print a slip with a first password."),
    )
    username = StringField(
        _l("Account name"), description=_l("Left empty, the portal makes one out of the unit's code.")
    )
    until = DateField(
        _l("Roles end on"),
        [Optional()],
        description=_l("Only for a replacement or another limited time; that day included."),
    )
    namesake = BooleanField(_l("This is another person of the same name"))


class MergeForm(ReasonForm):
    gone = SelectField(_l("Region that is merged"), validate_choice=False)
    into = SelectField(_l("Region that takes over"), validate_choice=False)


class MembershipForm(RolesForm):
    agency = AgencyField(lazy_pgettext("people", "Unit"), validate_choice=False)


class TitleForm(FlaskForm):
    title = StringField(_l("Post"))


class GrantForm(ReasonForm):
    role = SelectField(_l("Role"), validate_choice=False)
    until = DateField(
        _l("Until"), [Optional()], description=_l("For a replacement: the last day. Empty: without an end.")
    )

    def offer(self, roles: Sequence[RoleFacts]) -> None:
        self.role.choices = choices((role.name, _(str(role.label))) for role in roles)


class MoveForm(RolesForm):
    agency = AgencyField(_l("New unit"), validate_choice=False)


class AskMoveForm(ReasonForm):
    agency = AgencyField(_l("New unit"), validate_choice=False)
    title = StringField(_l("Post"))


class AcceptMoveForm(FlaskForm):
    title = StringField(_l("Post"))
    roles = CheckboxesField(_l("Roles"))

    def offer(self, roles: Sequence[RoleFacts]) -> None:
        self.roles.choices = choices((role.name, _(str(role.label))) for role in roles)


class PasswordForm(FlaskForm):
    new = PasswordField(_l("New password"), [InputRequired()], render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        _l("The same once more"), [InputRequired()], render_kw={"autocomplete": "new-password"}
    )


class BatchForm(ReasonForm):
    file = FileField(
        _l("File"),
        [FileRequired(message=_l("Please choose a file."))],
        description=_l(
            "XLSX, or CSV in UTF-8 or GB 18030. Nobody is invited before you have seen the result."
        ),
        render_kw={"accept": ".xlsx,.csv,.txt"},
    )


def last_day(field: Any) -> date | None:
    """The date of a field that may be empty."""
    return field.data if isinstance(field.data, date) else None
