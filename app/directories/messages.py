"""Sentences that all directories share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.regulation.calendar import MESSAGES as CALENDAR

SENTENCES = {
    **{code: _l(CALENDAR[code]) for code in ("calendar_type", "calendar_year")},
    "regional_office_only": _l("These vocabularies are kept by the office of the whole region."),
}
