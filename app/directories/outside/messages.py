"""Sentences of what lies outside random selection."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "outside_matter_missing": _l("Please name the matter under which it is listed publicly."),
    "outside_basis_missing": _l(
        "Please give the law and its words: without a basis nothing is taken out (R-3.3)."
    ),
    "outside_day_missing": _l("Please give the day."),
    "outside_period_backwards": _l("The last day lies before the first."),
    "outside_period_long": _l("At most %(most)s years at a time; then it is decided anew."),
    "outside_one_of_two": _l("Please choose either a target or an item."),
    "outside_item_unknown": _l("This item stands on no published list of your line of business."),
    "outside_marked_already": _l("It is marked, or a mark waits, for these days already (until %(value)s)."),
    "outside_not_waiting": _l("This mark no longer waits for a decision."),
    "outside_period_over": _l("The period of this mark is over; please return it."),
    "outside_not_standing": _l("Only a mark that stands can be ended."),
}
