"""Forms of second factors. What is typed is read by rules; fields do not trim or judge."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "maxlength": 40,
    "autocapitalize": "characters",
}


class CodeForm(FlaskForm):
    """A one-time code while it is enrolled."""

    code = StringField(
        _l("Six-digit code"),
        render_kw={**CODE, "size": 12},
        description=_l("As the app shows it now; blanks do not matter."),
    )


class SecondForm(FlaskForm):
    """The second step of a log-in: a code, or (`answer`) what a security key said."""

    code = StringField(
        _l("Six-digit code or recovery code"),
        render_kw={**CODE, "inputmode": "text", "autofocus": True},
        description=_l("From the app on your phone, or one of your recovery codes."),
    )
    answer = HiddenField()


class KeyForm(FlaskForm):
    """A new security key: its name, and what it said."""

    name = StringField(
        _l("Name of the key"),
        render_kw={"maxlength": 60, "autocomplete": "off"},
        description=_l("So that you know it again: “blue key”, “office computer”."),
    )
    answer = HiddenField()


class ResetForm(FlaskForm):
    """Somebody's factors are reset: the account's name, and why."""

    name = StringField(_l("User name"), render_kw={"maxlength": 64, "autocomplete": "off"})
    reason = TextAreaField(
        _l("Reason"),
        render_kw={"rows": 2, "maxlength": 200},
        description=_l("For the security log and for the person: how you made sure who asked for it."),
    )
