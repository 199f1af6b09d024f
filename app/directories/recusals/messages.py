"""Sentences of recusal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "evidence_too_many": _l("At most %(most)s files."),
    "evidence_too_big": _l("%(value)s is bigger than %(most)s MB."),
    "evidence_unknown_kind": _l("%(value)s is neither a PDF document nor a picture (PNG, JPEG)."),
    "recusal_request_decided": _l("This declaration is answered already."),
    "recusal_rule_span_missing": _l(
        "Say within how many months, or among how many visits, nobody goes again."
    ),
    "recusal_rule_years_missing": _l("Say for how many years a former employer counts."),
    "number_out_of_range": _l("A whole number from %(least)s to %(most)s is needed."),
    "recusal_without_evidence": _l("Please say what the conflict of interest is."),
    "recusal_of_another": _l("An inspector can declare only the own conflicts of interest."),
    "recusal_withdrawn_already": _l("This recusal is withdrawn already."),
    "withdrawal_without_reason": _l("A withdrawal needs its reason."),
}
