"""Sentences of this domain's refusals."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "job_not_failed": _l("Only a job that has failed can be tried again; this one is: %(state)s."),
}
