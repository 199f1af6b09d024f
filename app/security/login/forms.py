"""Forms of the own account and of the policy."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, PasswordField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.security.fields import CheckboxesField, choices
from app.security.login.rules import BOUNDS, LONGEST_PASSWORD, NUMBERS, STANDARD_ROLES, Policy
from app.security.rules import ROLE_LABELS

LABELS = {
    "password_length": _l("Shortest password"),
    "classes": _l("Kinds of characters in a password"),
    "expiry_days": _l("A password is changed after"),
    "history": _l("Last passwords that are not taken again"),
    "failures": _l("Failed attempts that lock an account"),
    "lock_minutes": _l("Lock lasts"),
    "idle_minutes": _l("A session ends without activity after"),
    "absolute_hours": _l("A session ends in any case after"),
    "sessions": _l("Sessions of a person at a time"),
    "fresh_minutes": _l("Asked again who one is after"),
}
UNITS = {
    "password_length": _l("characters"),
    "classes": _l("of four"),
    "expiry_days": _l("days"),
    "history": _l("passwords"),
    "failures": _l("attempts"),
    "lock_minutes": _l("minutes"),
    "idle_minutes": _l("minutes"),
    "absolute_hours": _l("hours"),
    "sessions": _l("sessions"),
    "fresh_minutes": _l("minutes"),
}
REQUIRED = InputRequired(_l("Please fill this in."))


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The own password: the present one, and the new one twice."""

    old = PasswordField(_l("Present password"), [REQUIRED])
    new = PasswordField(_l("New password"), [REQUIRED])
    again = PasswordField(_l("New password once more"), [REQUIRED])


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password once more."""

    password = PasswordField(_l("Password"), [REQUIRED, Length(max=LONGEST_PASSWORD)])


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Reason"), [REQUIRED, Length(max=200)])


class PolicyForm(FlaskForm):  # type: ignore[misc]
    """Every value of the policy with the bounds that hold here, and the reason of the change."""

    password_length = IntegerField(LABELS["password_length"], [REQUIRED])
    classes = IntegerField(LABELS["classes"], [REQUIRED])
    expiry_days = IntegerField(LABELS["expiry_days"], [REQUIRED])
    history = IntegerField(LABELS["history"], [REQUIRED])
    failures = IntegerField(LABELS["failures"], [REQUIRED])
    lock_minutes = IntegerField(LABELS["lock_minutes"], [REQUIRED])
    idle_minutes = IntegerField(LABELS["idle_minutes"], [REQUIRED])
    absolute_hours = IntegerField(LABELS["absolute_hours"], [REQUIRED])
    sessions = IntegerField(LABELS["sessions"], [REQUIRED])
    fresh_minutes = IntegerField(LABELS["fresh_minutes"], [REQUIRED])
    second_factor_roles = CheckboxesField(_l("Roles that must have a second factor"))
    second_factor_offices = BooleanField(_l("Everybody at a joint-meeting office must have a second factor"))
    reason = TextAreaField(_l("Reason for the change"), [REQUIRED, Length(max=200)])

    @classmethod
    def of(cls, policy: Policy, filled: bool) -> PolicyForm:
        """:param filled: with the values that hold; otherwise with what was sent"""
        values: dict[str, Any] = {name: getattr(policy, name) for name in NUMBERS}
        values["second_factor_roles"] = sorted(policy.second_factor_roles)
        values["second_factor_offices"] = policy.second_factor_offices
        form: PolicyForm = cls(data=values) if filled else cls()
        form.second_factor_roles.choices = choices(
            (name.value, _(label)) for name, label in ROLE_LABELS.items()
        )
        for name in NUMBERS:
            least, most = BOUNDS[name].of(policy.demo)
            form[name].description = _(
                "%(unit)s, from %(least)s to %(most)s", unit=UNITS[name], least=least, most=most
            )
        return form

    def wanted(self, demo: bool) -> Policy:
        roles = frozenset(self.second_factor_roles.data or []) | (
            STANDARD_ROLES & {"Admin"} if not demo else frozenset()
        )
        return Policy(
            **{name: self[name].data for name in NUMBERS},
            second_factor_roles=roles,
            second_factor_offices=bool(self.second_factor_offices.data),
            demo=demo,
        )
