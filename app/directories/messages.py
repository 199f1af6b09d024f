"""Sentences that all directories share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.regulation.calendar import MESSAGES as CALENDAR

SENTENCES = {
    **{code: _l(CALENDAR[code]) for code in ("calendar_type", "calendar_year")},
    "duplicate_in_file": _l("“%(value)s” stands already in row %(first)s of this file."),
    "import_too_big": _l("The file is bigger than %(most)s MB."),
    "import_bomb": _l("Unpacked the file would be bigger than %(most)s MB; it was not opened."),
    "import_unreadable": _l("The file is neither an XLSX workbook nor a CSV text in UTF-8 or GB 18030."),
    "import_columns_missing": _l("No sheet has a heading with the columns %(columns)s."),
    "import_empty": _l("The file holds no rows."),
    "import_no_file": _l("Please choose a file."),
    "import_not_checked": _l("The file has not been checked yet."),
    "import_has_bad_rows": _l("%(bad)s rows have faults. Correct them, or leave them out on purpose."),
    "regional_office_only": _l("These vocabularies are kept by the office of the whole region."),
}
