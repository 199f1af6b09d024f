"""Sentences of the bulk edits."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "bulk_nothing_picked": _l("Please pick at least one field to be changed."),
    "bulk_field_unknown": _l("“%(value)s” cannot be changed in many rows at once here."),
    "bulk_not_yours": _l("This record is kept by another unit; you cannot change it."),
    "bulk_value_missing": _l("Please give the new value; this field cannot be emptied."),
}
