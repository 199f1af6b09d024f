"""Sentences of imports: what is wrong with a file, and what to do about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "duplicate_in_file": _l("“%(value)s” stands already in row %(first)s of this file."),
    "import_too_big": _l("The file is bigger than %(most)s MB."),
    "import_bomb": _l("Unpacked the file would be bigger than %(most)s MB; it was not opened."),
    "import_unreadable": _l("The file is neither an XLSX workbook nor a CSV text in UTF-8 or GB 18030."),
    "import_columns_missing": _l("No sheet has a heading with the columns %(columns)s."),
    "import_empty": _l("The file holds no rows."),
    "import_not_checked": _l("The file has not been checked yet."),
    "import_has_bad_rows": _l("%(bad)s rows have faults. Correct them, or leave them out on purpose."),
    "import_password": _l(
        "The file is protected by a password. Open it, save it without the password, and hand it over again."
    ),
    "import_broken": _l(
        "The file is damaged or not complete, as after a connection that broke off. Please hand it over again."
    ),
    "import_cut_off": _l(
        "The text ends in the middle of a letter, at row %(row)s: the file is not complete. "
        "Please hand it over again."
    ),
    "import_encoding": _l(
        "From row %(row)s on the text is neither UTF-8 nor GB 18030. Save the file as “CSV UTF-8” or as XLSX."
    ),
    "import_open_quote": _l(
        "In row %(row)s a quotation mark is opened and never closed. Please correct that row."
    ),
    "import_sheet_damaged": _l("The sheet “%(sheet)s” cannot be read. Save the file anew as XLSX."),
    "import_too_wide": _l("The sheet “%(sheet)s” has %(found)s columns; at most %(most)s can be read."),
    "import_too_many_cells": _l(
        "The sheet “%(sheet)s” reaches to row %(rows)s and column %(columns)s. "
        "Delete the empty columns to the right, or save it as CSV."
    ),
    "import_too_many_rows": _l(
        "The sheet “%(sheet)s” has more than %(most)s rows: row %(row)s is one too many. Please divide the file."
    ),
    "import_only_hidden": _l(
        "Only the hidden sheet “%(sheet)s” has the columns that are needed. Show it, or choose it on purpose."
    ),
    "import_sheet_unknown": _l("Please choose at least one sheet."),
    "import_column_needed": _l("Please say which column holds this."),
    "import_column_twice": _l("Two columns are chosen for this, also “%(value)s”. Please choose one."),
    "import_scientific": _l(
        "The spreadsheet has turned this into the number %(value)s and lost its last figures. Format the column "
        "as text in the original, enter the value anew, and hand the file over again."
    ),
    "import_directory_changed": _l(
        "%(rows)s of the rows were changed by somebody since the check. Please check the file again."
    ),
    "import_not_committed": _l("Only a file that was taken over can be undone."),
    "import_key_ambiguous": _l("Several targets are called “%(value)s” there. Please give the code."),
    "import_key_unknown": _l("No target is called “%(value)s” there, and a new one needs its code."),
    "import_kind_unknown": _l("This kind of rows cannot be imported."),
    "import_content_gone": _l("The file is no longer kept. Please hand it over again."),
}
