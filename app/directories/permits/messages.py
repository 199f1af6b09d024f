"""Sentences of permits."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "permit_kind_missing": _l("Please choose the kind of permit."),
    "permit_number_missing": _l("The permit's number is missing."),
    "permit_authority_missing": _l("The authority that issued the permit is missing."),
    "permit_kind_unknown": _l("“%(value)s” is no kind of permit that is kept here."),
    "permit_date_unreadable": _l("“%(value)s” is no date; 2026-01-31 is one."),
    "permit_ends_before": _l("The permit would end before it begins."),
    "permit_status_unknown": _l("“%(value)s” is no status of a permit."),
    "permit_there": _l("This target has a permit of this kind with this number already."),
}
