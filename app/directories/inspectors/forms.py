"""Forms of the directory of inspectors."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.directories.forms import NOT_KEPT, lookup_field, lookup_many


class InspectorForm(FlaskForm):
    certificate_no = StringField(
        _l("Certificate number"),
        [Length(max=40)],
        description=_l("Without a certificate: the number of the staff card."),
    )
    name = StringField(_l("Name"), [Length(max=60)])
    unit = StringField(_l("Unit"), [Length(max=80)])
    position = StringField(_l("Position"), [Length(max=60)])
    phone = StringField(_l("Telephone"), [Length(max=30)], render_kw=NOT_KEPT)
    certified = BooleanField(_l("Holds an enforcement certificate"), default=True)
    certificate_from = DateField(_l("Certificate valid from"), [Optional()])
    certificate_until = DateField(
        _l("Certificate valid until"),
        [Optional()],
        description=_l("After this day no draw counts on the inspector (R-15.1)."),
    )
    leader = BooleanField(_l("May lead a group"))
    load = IntegerField(_l("Visits this year"), [Optional(), NumberRange(0, 9999)], default=0)
    regions = lookup_many(
        _l("Regions"),
        "regions",
        description=_l("The first is the home region; left empty, it is the agency's."),
    )
    specialties = SelectMultipleField(_l("Specialties"), validate_choice=False)
    version = HiddenField()

    def texts(self) -> dict[str, str]:
        """The entries by the names of `entries.COLUMNS`."""
        plain = {
            name: (self[name].data or "").strip()
            for name in ("certificate_no", "name", "unit", "position", "phone")
        }
        days = {
            name: self[name].data.isoformat() if self[name].data else ""
            for name in ("certificate_from", "certificate_until")
        }
        return {
            **plain,
            **days,
            "certified": "1" if self.certified.data else "0",
            "leader": "1" if self.leader.data else "0",
            "load": str(self.load.data or 0),
            "regions": ";".join(self.regions.data or []),
            "specialties": ";".join(self.specialties.data or []),
        }


class LeaveForm(FlaskForm):
    first_day = DateField(_l("First day"), [InputRequired()])
    last_day = DateField(_l("Last day"), [InputRequired()])
    reason = StringField(_l("Reason"), [Length(max=200)])


class CertificateForm(FlaskForm):
    kind = StringField(
        _l("Kind of the certificate"),
        [InputRequired(), Length(max=60)],
        description=_l("As it stands on the certificate, for example inspector of special equipment."),
    )
    number = StringField(_l("Number of the certificate"), [InputRequired(), Length(max=60)])
    valid_from = DateField(_l("Valid from"), [Optional()])
    valid_until = DateField(_l("Valid until"), [InputRequired()])


class TransferForm(FlaskForm):
    agency = lookup_field(_l("Receiving agency"), "agencies")
    takes_effect_on = DateField(
        _l("Takes effect on"),
        [InputRequired()],
        description=_l("On this day the inspector is on the roster of the receiving agency."),
    )
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=200)])


class AnswerForm(FlaskForm):
    answer = StringField(_l("Reason"), [Length(max=200)])


class AccountForm(FlaskForm):
    account = SelectField(
        _l("Account"),
        [InputRequired()],
        description=_l("Accounts of the agency with the role of an inspector that are nobody's yet."),
    )


class InviteForm(FlaskForm):
    mail = StringField(
        _l("E-mail"),
        [Length(max=120)],
        description=_l("With an address the person gets a link; without one you print a slip."),
        render_kw=NOT_KEPT,
    )
    phone = StringField(
        _l("Mobile phone"),
        [Length(max=30)],
        description=_l("Left empty, the number of the directory is taken."),
        render_kw=NOT_KEPT,
    )
    namesake = BooleanField(_l("Another person of this name works at the agency; I have made sure."))
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=200)])
