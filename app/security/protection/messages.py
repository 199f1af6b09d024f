"""Sentences of this package."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "personal_data_not_needed": _l("Your role does not need this field for its work (R-30.1)."),
    "reveal_without_reason": _l(
        "Please say in at least %(least)s characters why you need the personal data."
    ),
    "personal_data_not_picked": _l("Please tick what you need to see."),
    "keys_being_changed": _l("The keys are being changed already; wait until that is done."),
}
