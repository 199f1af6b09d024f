"""What the refusals of tasks say."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "task_wrong_state": _l(
        "This step does not follow on the present state of the task. Nothing was changed."
    ),
    "task_initiator_without_item": _l(
        "The initiating agency has no item of its own in this task (article 2)."
    ),
    "task_agency_without_item": _l("Every agency of a joint task has an item of its own (article 2)."),
    "task_too_few_agencies": _l(
        "A joint task concerns %(least)s or more agencies, each with an item of its own (article 2)."
    ),
    "task_items_not_published": _l(
        "Only items of a list that is published for %(year)s may be checked. Not published: %(items)s."
    ),
    "entry_has_open_task": _l("Task %(no)s of this plan entry is still open. Go on with that one."),
    "scheme_incomplete": _l(
        "The scheme is not complete, or its time is over. Correct it, then push the task."
    ),
    "period_backwards": _l("The last day lies before the first."),
    "period_outside_plan": _l("The plan says %(first)s to %(last)s. The time of the check must lie within."),
    "period_over": _l("This day is past."),
    "response_without_item": _l("Confirm at least one item, or decline the task with a reason."),
    "response_foreign_item": _l("One of the items is not an item of your agency in this task."),
    "response_given": _l("Your agency has responded already."),
    "response_released": _l("Your agency was released from this task; a response is no longer possible."),
    "response_not_asked": _l("This task does not wait for responses now."),
    "response_not_overdue": _l("The response is not overdue; no reason is needed."),
    "release_not_open": _l("This agency has responded or was released already."),
    "release_too_early": _l(
        "A silent agency can be released after two more working days: from the day after %(last_day)s."
    ),
    "link_unknown": _l("This link is not known. Open the task from your workbench."),
    "link_other_person": _l("This link was sent to another person and works for that person alone."),
    "link_other_membership": _l(
        "This link is for your membership of %(agency)s. Switch to it, then open the link."
    ),
    "link_left_agency": _l(
        "This link belongs to %(agency)s, where you have no membership any more. A colleague there can answer."
    ),
    "link_needs_clerk": _l("Only a clerk of %(agency)s can answer. Your role there does not include it."),
    "link_replaced": _l(
        "Task %(no)s was pushed anew: this link belongs to the earlier push. The newer mail has another one."
    ),
    "link_expired": _l("Task %(no)s has been drawn or has ended: the link is no longer valid."),
    "link_used": _l("This link has been used. Open task %(no)s from your workbench or the list of tasks."),
}
