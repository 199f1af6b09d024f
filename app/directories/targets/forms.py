"""Forms of the directory of targets. What is right or wrong is a matter of the rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from app.directories.forms import NOT_KEPT, day_field, lookup_field, text_field
from app.directories.targets.rules import LONGEST
from app.kernel.spreadsheet.cells import clean

ISSUE = "NEW"
"""What asks the portal for a code, here as in files and interfaces."""


class TargetForm(FlaskForm):
    code = text_field(
        _l("Code"),
        40,
        description=_l(
            "Unified social credit code first, then the organisation code, then an internal code (R-11.5)."
        ),
    )
    issue_code = BooleanField(
        _l("There is no code: the portal issues an internal one"),
        description=_l("Then kind and region are needed. A better code takes its place when it is learned."),
    )
    name = text_field(_l("Name"), LONGEST["name"])
    kind = SelectField(
        _l("Kind of target"), validate_choice=False, description=_l("Left empty, it is taken from the code.")
    )
    industry = lookup_field(_l("Industry"), "industries", description=_l("Class of GB/T 4754."))
    region = lookup_field(_l("Region"), "regions", description=_l("Left empty, it is taken from the code."))
    address = text_field(_l("Address"), LONGEST["address"])
    legal_representative = text_field(_l("Legal representative"), LONGEST["legal_representative"])
    contact = text_field(
        _l("Contact person"),
        LONGEST["contact"],
        description=_l("A person or a telephone number is needed (R-11.4)."),
    )
    phone = text_field(_l("Telephone"), LONGEST["phone"], render_kw=NOT_KEPT)
    home_address = text_field(
        _l("Home address of the operator"),
        LONGEST["home_address"],
        description=_l("Individual businesses only; masked on every page."),
        render_kw=NOT_KEPT,
    )
    registered_on = day_field(_l("Registered on"))
    tags = SelectMultipleField(
        _l("Specialties needed"),
        validate_choice=False,
        description=_l("What a check here asks of the inspectors."),
    )
    version = HiddenField()

    def texts(self) -> dict[str, str]:
        """The entries by the names of `entries.COLUMNS`."""
        plain = {
            name: clean(self[name].data or "")
            for name in (
                "code", "name", "kind", "industry", "region", "address", "legal_representative", "contact",
                "phone", "home_address", "registered_on",
            )
        }  # fmt: skip
        if self.issue_code.data and not plain["code"]:
            plain["code"] = ISSUE
        return {**plain, "tags": clean(";".join(self.tags.data or []))}


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
