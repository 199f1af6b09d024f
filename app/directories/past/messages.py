"""Sentences of past visits, and of the plain kinds of import."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "past_visit_outside_year": _l("%(value)s is no day of %(year)s that has gone by."),
    "linked_inspector_missing": _l("The certificate number of the inspector is missing."),
    "linked_target_missing": _l("The code of the target is missing."),
    "linked_inspector_unknown": _l("Your agency has no inspector with the certificate number %(value)s."),
    "linked_target_unknown": _l("No target with the code %(value)s is within your reach."),
    "linked_of_another": _l("%(value)s stands in the directory for somebody else already."),
}
