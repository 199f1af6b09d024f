"""Sentences of the security log and of the event browser."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "log_export_format": _l("The log can be exported as CSV or as XLSX."),
}
