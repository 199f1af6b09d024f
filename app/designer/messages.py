"""Sentences of the designer."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "designer_label_twice": _l("Two fields are called “%(value)s”. Give each its own name."),
    "designer_no_fields": _l("A list needs at least one field with a name."),
    "designer_too_many_fields": _l("A list has at most %(most)s fields; this has %(found)s."),
    "designer_too_few_choices": _l("“%(value)s” needs at least two choices, one per line."),
    "designer_not_a_number": _l("“%(value)s” is not a number."),
    "designer_number_range": _l("“%(value)s” is too large or has more than six decimals."),
    "designer_not_whole": _l("“%(value)s” is not a whole number."),
    "designer_not_a_date": _l("“%(value)s” is not a date such as 2026-11-23."),
    "designer_not_a_link": _l("“%(value)s” is not an address that begins with http:// or https://."),
    "designer_slug": _l(
        "The short name has 2 to 40 small letters, digits and hyphens and begins with a letter."
    ),
    "designer_slug_taken": _l("Another list already has the short name “%(value)s”."),
    "designer_retyped": _l("“%(label)s” has rows: its type cannot be changed here. Add a new field instead."),
}
