"""Sentences of the libraries."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "rule_not_an_object": _l("The selection is not readable."),
    "rule_unknown_part": _l("“%(value)s” is no part of a selection."),
    "rule_not_a_list": _l("“%(value)s” is not a list of values."),
    "rule_value_unknown": _l("“%(value)s” is not one of the values that can be chosen here."),
    "rule_too_many": _l("%(value)s values; at most %(most)s are possible."),
    "library_excluded": _l("“%(value)s” was excluded from this library by hand; that stays."),
    "library_of_inspectors": _l("“%(value)s” is a library of inspectors; no target is added to it."),
    "library_name_missing": _l("The library needs a name."),
    "library_kind_stays": _l(
        "A joint library belongs to its joint item; another library does not become one."
    ),
    "library_joint_item_missing": _l("A joint library is founded on a joint item, on its own page."),
    "library_item_unknown": _l("This joint item is not in force in your region, or nobody leads it there."),
    "library_of_item_there": _l("“%(value)s” has its joint library already."),
    "library_not_party": _l("Your agency takes no part in this joint item (R-13.1)."),
    "library_too_many_picks": _l(
        "A library holds at most %(most)s additions and exclusions by hand; these would be %(found)s. "
        "Please save the filters as a library instead."
    ),
    "library_archived": _l("This library is put away. Take it out again first."),
    "library_in_use": _l("This library is in use and stays: %(value)s."),
    "rule_names_library": _l("A library cannot select from other libraries."),
    "library_kind_unknown": _l("“%(value)s” is no kind of library."),
    "pick_without_reason": _l("A hand-picked addition or exclusion needs its reason."),
    "uq_library_agency_name": _l("Your agency already has a library of this name."),
}
