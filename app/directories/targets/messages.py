"""Sentences of the directory of targets."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.identifiers import MESSAGES as IDENTIFIERS

SENTENCES = {
    **{code: _l(sentence) for code, sentence in IDENTIFIERS.items()},
    "target_code_missing": _l("The code is missing: every target needs one that identifies it (R-11.4)."),
    "target_name_missing": _l("The name is missing: it stands on notices and in the publication (R-11.4)."),
    "target_address_missing": _l("The address is missing: the visit goes there (R-11.4)."),
    "target_legal_representative_missing": _l(
        "The legal representative or person in charge is missing: results are served to that person (R-11.4)."
    ),
    "target_contact_missing": _l("The contact is missing: a person or a telephone number (R-11.4)."),
    "target_kind_unknown": _l("“%(value)s” is no kind of target, and the code does not tell one."),
    "target_region_unknown": _l("“%(value)s” is no region that is known here."),
    "target_region_elsewhere": _l("“%(value)s” lies outside your area."),
    "target_industry_unknown": _l("“%(value)s” is no class of GB/T 4754."),
    "target_status_unknown": _l("“%(value)s” is no status; use active, suspended or closed."),
    "target_date_unreadable": _l("“%(value)s” is no date such as 2026-01-31."),
    "target_tag_unknown": _l("“%(value)s” is no specialty of the vocabulary."),
    "target_code_taken": _l("The code %(value)s belongs to a target that you cannot change here."),
    "code_not_valid": _l("%(value)s is no valid code."),
    "code_not_higher": _l("%(new)s does not rank above %(old)s (R-11.5)."),
    "code_of_another": _l(
        "%(new)s does not contain the organisation code %(old)s: it belongs to another organisation."
    ),
    "target_closed_already": _l("The target is closed already."),
    "reason_missing": _l("Please state the reason."),
    "restore_nothing": _l("Please choose at least one field to restore."),
    "restore_code_replaced": _l(
        "The code %(old)s was replaced by %(new)s and does not come back (R-11.5); it still finds this target. "
        "Restore the other fields."
    ),
}
