"""Sentences of recusal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "recusal_without_evidence": _l("Please say what the conflict of interest is."),
    "recusal_of_another": _l("An inspector can declare only the own conflicts of interest."),
    "recusal_withdrawn_already": _l("This recusal is withdrawn already."),
    "withdrawal_without_reason": _l("A withdrawal needs its reason."),
}
