"""Sentences of the exports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "export_format": _l("A list is exported as XLSX or as CSV."),
    "nothing_picked": _l("Please pick rows first, or all that the filters leave."),
}
