"""Reads of visits, forms and follow-ups. The session's scope narrows every one."""

from app.inspections.queries.follow_ups import (
    follow_up_of_form,
    follow_ups,
    follow_ups_of_target,
    get_follow_up,
)
from app.inspections.queries.forms import (
    choices,
    dispositions,
    form_counts,
    form_ids,
    forms_to_publish,
    forms_to_review,
    get_form,
    reviewed_agencies,
    settlement,
)
from app.inspections.queries.people import groups_of, joint_group, own_assignment, watches_agency
from app.inspections.queries.visits import (
    Page,
    get_visit,
    has_visits,
    is_unapproved,
    results_of_target,
    unapproved_tasks,
    visit_of_token,
    visits_mine,
    visits_of_task,
)

__all__ = [
    "Page",
    "choices",
    "dispositions",
    "follow_up_of_form",
    "follow_ups",
    "follow_ups_of_target",
    "form_counts",
    "form_ids",
    "forms_to_publish",
    "forms_to_review",
    "get_follow_up",
    "get_form",
    "get_visit",
    "groups_of",
    "has_visits",
    "is_unapproved",
    "joint_group",
    "own_assignment",
    "results_of_target",
    "reviewed_agencies",
    "settlement",
    "unapproved_tasks",
    "visit_of_token",
    "visits_mine",
    "visits_of_task",
    "watches_agency",
]
