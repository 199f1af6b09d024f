"""Forms of the directory of inspectors."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional

from app.directories.forms import NOT_KEPT, day_field, lookup_field, lookup_many, text_field
from app.directories.inspectors.rules import LONGEST
from app.kernel.spreadsheet.cells import clean


class InspectorForm(FlaskForm):
    certificate_no = text_field(
        _l("Certificate number"),
        LONGEST["certificate_no"],
        description=_l("Without a certificate: the number of the staff card."),
    )
    name = text_field(_l("Name"), LONGEST["name"])
    unit = text_field(_l("Unit"), LONGEST["unit"])
    position = text_field(_l("Position"), LONGEST["position"])
    phone = text_field(_l("Telephone"), LONGEST["phone"], render_kw=NOT_KEPT)
    certified = BooleanField(_l("Holds an enforcement certificate"), default=True)
    certificate_from = day_field(_l("Certificate valid from"))
    certificate_until = day_field(
        _l("Certificate valid until"),
        description=_l("After this day no draw counts on the inspector (R-15.1)."),
    )
    leader = BooleanField(_l("May lead a group"))
    load = StringField(
        _l("Visits this year"), default="0", render_kw={"inputmode": "numeric", "maxlength": 4}
    )
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
            name: clean(self[name].data or "")
            for name in (
                "certificate_no", "name", "unit", "position", "phone", "certificate_from", "certificate_until",
                "load",
            )
        }  # fmt: skip
        return {
            **plain,
            "certified": "1" if self.certified.data else "0",
            "leader": "1" if self.leader.data else "0",
            "regions": clean(";".join(self.regions.data or [])),
            "specialties": clean(";".join(self.specialties.data or [])),
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
