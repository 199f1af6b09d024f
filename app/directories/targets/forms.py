"""Forms of the directory of targets. What is right or wrong is a matter of the rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional

from app.directories.forms import NOT_KEPT, lookup_field

ISSUE = "NEW"
"""What asks the portal for a code, here as in files and interfaces."""


class TargetForm(FlaskForm):
    code = StringField(
        _l("Code"),
        [Length(max=40)],
        description=_l(
            "Unified social credit code first, then the organisation code, then an internal code (R-11.5)."
        ),
    )
    issue_code = BooleanField(
        _l("There is no code: the portal issues an internal one"),
        description=_l("Then kind and region are needed. A better code takes its place when it is learned."),
    )
    name = StringField(_l("Name"), [Length(max=200)])
    kind = SelectField(
        _l("Kind of target"), validate_choice=False, description=_l("Left empty, it is taken from the code.")
    )
    industry = lookup_field(_l("Industry"), "industries", description=_l("Class of GB/T 4754."))
    region = lookup_field(_l("Region"), "regions", description=_l("Left empty, it is taken from the code."))
    address = StringField(_l("Address"), [Length(max=300)])
    legal_representative = StringField(_l("Legal representative"), [Length(max=80)])
    contact = StringField(
        _l("Contact person"),
        [Length(max=80)],
        description=_l("A person or a telephone number is needed (R-11.4)."),
    )
    phone = StringField(_l("Telephone"), [Length(max=30)], render_kw=NOT_KEPT)
    home_address = StringField(
        _l("Home address of the operator"),
        [Length(max=300)],
        description=_l("Individual businesses only; masked on every page."),
        render_kw=NOT_KEPT,
    )
    registered_on = DateField(_l("Registered on"), [Optional()])
    tags = SelectMultipleField(
        _l("Specialties needed"),
        validate_choice=False,
        description=_l("What a check here asks of the inspectors."),
    )
    version = HiddenField()

    def texts(self) -> dict[str, str]:
        """The entries by the names of `entries.COLUMNS`."""
        plain = {
            name: (self[name].data or "").strip()
            for name in (
                "code", "name", "kind", "industry", "region", "address", "legal_representative", "contact",
                "phone", "home_address",
            )
        }  # fmt: skip
        day = self.registered_on.data
        if self.issue_code.data and not plain["code"]:
            plain["code"] = ISSUE
        return {
            **plain,
            "registered_on": day.isoformat() if day else "",
            "tags": ";".join(self.tags.data or []),
        }


class CodeForm(FlaskForm):
    code = StringField(_l("New code"), [Length(max=40)])


class RestoreForm(FlaskForm):
    """Which fields come back is posted as `fields`."""

    reason = StringField(
        _l("Reason"),
        [Length(max=300)],
        description=_l("Why the earlier values are right; the history keeps it."),
    )
    version = HiddenField()

    def shown_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
