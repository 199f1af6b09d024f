"""Sentences of this domain's refusals."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "task_not_closed": _l("Dossiers are built once the task is closed."),
}
