"""Sentences of visits, check forms and follow-ups."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "form_wrong_state": _l("This does not fit the state of the check form any more. Please open it again."),
    "not_assigned": _l(
        "Only an inspector who is assigned to this visit may do this. Others accompany by name."
    ),
    "not_certified": _l(
        "Your certificate is not in force on %(day)s. Who has none may accompany, not carry out the check."
    ),
    "too_few_inspectors": _l(
        "A check on site needs at least %(least)s certified inspectors of the agency; %(found)s are assigned."
    ),
    "visit_not_approved": _l("The inspection has not been approved yet. It must not start before."),
    "visit_before_approval": _l("The visit cannot lie before the day on which it was approved."),
    "no_visits": _l("There are no visits yet. They are set up when the matching is confirmed."),
    "departed_before_arrival": _l("The arrival comes first, the departure after it."),
    "time_in_future": _l("This time lies in the future."),
    "task_not_in_checking": _l("Task %(no)s is not at the stage of checks."),
    "target_was_replaced": _l(
        "The target of visit %(visit)s was replaced by the next ticket. There is nothing to fill in."
    ),
    "line_unanswered": _l("Please choose an answer."),
    "result_missing": _l("Please choose a result. None is chosen for you."),
    "problem_needs_text": _l("A problem needs its description."),
    "result_contradicts_lines": _l(
        "A line says that a problem was found; the result says that there was none."
    ),
    "disposition_needs_text": _l("Please say what is to follow."),
    "not_a_date": _l("“%(value)s” is not a date."),
    "day_missing": _l("Please enter the day."),
    "day_in_future": _l("%(value)s lies in the future; today is %(today)s."),
    "days_out_of_order": _l("The visit cannot end before it began."),
    "outside_period": _l("The visit lies outside the period of the scheme, %(first)s to %(last)s."),
    "return_needs_remark": _l("Please say what is to be corrected."),
    "exemption_needs_basis": _l("Please name the legal basis on which the result stays unpublished."),
    "exemption_asked": _l(
        "An exemption from publication has been asked for; another reviewer decides first."
    ),
    "exemption_not_asked": _l("Nobody has asked to exempt this result from publication."),
    "exemption_same_person": _l(
        "Whoever asked for the exemption cannot agree to it. Another reviewer has to do it."
    ),
    "ck_check_form_exempt_by_another": _l(
        "Whoever asked for the exemption cannot agree to it. Another reviewer has to do it."
    ),
    "nothing_was_drawn": _l("No target has been drawn for this task."),
    "forms_open": _l("%(forms)s check forms have no result yet, %(targets)s targets have no visit."),
    "forms_unpublished": _l("%(forms)s results are neither published nor exempted."),
    "follow_up_wrong_state": _l("This does not fit the state of the case any more. Please open it again."),
    "follow_up_before_approval": _l("The check form %(form)s has not been approved yet."),
    "handling_needs_text": _l("Please say what was done."),
    "due_in_past": _l("%(value)s lies in the past."),
    "ck_check_form_approved_by_another": _l(
        "Whoever submitted cannot approve. Another reviewer has to do it."
    ),
}
