"""Sentences of what comes from national systems."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "national_no_agency": _l("This system belongs to no agency; results come from systems of an agency."),
    "national_no_system": _l("Your agency has no registered system; please ask the office to register it."),
    "national_source_missing": _l("Please say which system the row comes from."),
    "national_source_unknown": _l("Your agency has no registered system with the code %(value)s."),
    "national_task_unknown": _l("The system has sent no task %(value)s; send the task first."),
    "national_inspector_unknown": _l(
        "Your agency has no inspector with this certificate number or name: %(value)s."
    ),
    "national_inspector_ambiguous": _l(
        "Several inspectors are called %(value)s; please give the certificate number."
    ),
    "national_too_many": _l("%(value)s are too many; at most %(most)s."),
    "national_period_order": _l("The end %(value)s lies before the beginning %(first)s."),
    "national_drawn_not_random": _l("A task whose targets were not drawn by lot has no day of a draw."),
    "national_drawn_late": _l("The draw of %(value)s lies after the end of the period, %(last)s."),
    "national_corrected_early": _l("The correction of %(value)s lies before the inspection of %(first)s."),
    "national_choice": _l("This cannot be decided here; please choose one of the offered decisions."),
    "national_target_gone": _l("The target is not in the directory any more; keep what stands."),
    "national_decided": _l("This has been decided otherwise, or the system says something else by now."),
    "national_wrong_state": _l("Only a result that waits for review can be approved or sent back."),
    "national_nothing_to_approve": _l(
        "None of these results waits for you; whoever took a result in does not approve it."
    ),
    "national_remark_missing": _l("Please say what is to be corrected in the national system."),
}
