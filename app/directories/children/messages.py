"""Sentences that all child directories share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "child_target_missing": _l("The code of the target is missing."),
    "child_target_unknown": _l("No target within your area has, or had, the code %(value)s."),
    "child_of_another": _l(
        "“%(value)s” is kept by another agency, or in the base directory: it is changed there."
    ),
}
