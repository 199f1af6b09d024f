"""Sentences of matching."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

_INPUT = _l("The frozen roster, recusals or plan of this draw cannot be read. Nothing was matched.")
_SOLVER = _l("The computation of the matching failed. Nothing was stored; please try again.")

SENTENCES = {
    "matching_short_of_leaders": _l(
        "Cannot be done: %(targets)s targets of %(agency)s in %(regions)s share %(people)s "
        "inspectors able to lead, at "
        "most %(most)s visits each: %(capacity)s of %(demand)s visits; %(short)s short."
    ),
    "matching_short_of_inspectors": _l(
        "Cannot be done: %(targets)s targets of %(agency)s in %(regions)s share %(people)s "
        "inspectors, at most "
        "%(most)s visits each: %(capacity)s of %(demand)s visits; %(short)s short."
    ),
    "matching_region_without_people": _l(
        "%(agency)s has not enough certified inspectors, one of them able to lead, for targets in: "
        "%(regions)s."
    ),
    "matching_not_drawn": _l("The targets are not drawn yet."),
    "matching_not_complete": _l(
        "Only %(done)s of %(wanted)s agencies are matched; people are sent when all are."
    ),
    "matching_nobody_left": _l(
        "The frozen roster has nobody left who could go instead (%(why)s). The agency has to decide."
    ),
    "matching_replacement_impossible": _l(
        "%(agency)s has nobody on the frozen roster for the target that would come in."
    ),
    "assignment_not_living": _l("This inspector has been replaced for this target already."),
    "matching_recusal_without_reason": _l("Please state the conflict of interest and the evidence for it."),
    "NOT_UNIQUE": _l("The random order leaves a choice. The draw has to be declared void."),
    "BAD_COST_RANGE": _SOLVER,
    "INFEASIBLE": _SOLVER,
    "NOT_FEASIBLE": _SOLVER,
    "CUT": _SOLVER,
    "BAD_ID": _INPUT,
    "BAD_NUMBER": _INPUT,
    "BAD_REGION": _INPUT,
    "BAD_TAG": _INPUT,
    "NOT_CANONICAL": _INPUT,
    "DUPLICATE_INSPECTOR": _INPUT,
    "DUPLICATE_RECUSAL": _INPUT,
}
