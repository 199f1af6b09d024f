"""Sentences of plans."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "plan_not_draft": _l("The plan is not a draft any more. Only a draft or a returned plan can be changed."),
    "plan_not_frozen": _l("This plan can be changed directly; it is neither approved nor published."),
    "plan_has_tasks": _l(
        "%(entries)s entries of this plan have begun. Within the year it is changed by letter (article 20)."
    ),
    "plan_change_not_asked": _l("Nobody is asking to change this plan, or it has been decided."),
    "ck_plan_reopening_decided_by_another": _l("Whoever asked cannot decide. Another reviewer has to do it."),
    "ck_plan_approved_by_another": _l("Whoever submitted cannot approve. Another reviewer has to do it."),
    "plan_empty": _l("The plan has no entry yet."),
    "plan_entry_has_task": _l(
        "Entry %(no)s already has a task. Cancel the task first, or change the entry instead."
    ),
    "plan_kind": _l(
        "This act belongs to the other kind of plan: agencies report, the office composes the joint plan."
    ),
    "plan_not_reported": _l("The plan has not been reported."),
    "plan_not_submitted": _l("The joint plan has not been submitted."),
    "plan_not_approved": _l("The joint plan has not been approved yet."),
    "coverage_too_low": _l(
        "The plan covers %(covered)s of %(total)s joint items, %(percent)s percent. "
        "At least 80 percent are needed: %(missing)s more, or a reason given by the office above."
    ),
    "override_by_office_above": _l("Only the office above can let a plan pass below 80 percent."),
    "override_not_needed": _l("The plan covers 80 percent or more; no reason is needed."),
    "override_without_reason": _l("Please give the reason. It is published with the plan."),
    "entry_not_reported": _l("Only entries that an agency has reported come into the joint plan."),
    "entry_not_joint": _l("An entry without a joint item stays in the agency's own plan."),
    "entry_of_other_year": _l("The entry belongs to the plan of another year."),
    "entry_of_other_region": _l("The entry belongs to another region."),
    "entry_not_published": _l("Only entries of a published plan can be carried out."),
    "participant_without_item": _l("%(agency)s takes part without an item of its own."),
    "item_of_other_line": _l("“%(item)s” does not belong to the business of %(agency)s."),
    "item_not_in_joint_item": _l("“%(item)s” is not part of this joint item."),
    "initiator_without_item": _l("The initiator takes part with an item of its own."),
    "initiator_is_other_agency": _l("An agency's plan holds the entries that it initiates itself."),
    "two_agencies_needed": _l("A joint entry needs two or more agencies."),
    "joint_item_level": _l("“%(item)s” is not meant for the level of this plan."),
    "plan_item_outside": _l("“%(item)s” lies outside random selection (R-3.3); no plan draws for it."),
    "library_empty": _l("No target fits this scope, so nothing could be drawn."),
    "more_than_library": _l("%(number)s are to be drawn, but only %(library)s targets fit this scope."),
    "draws_nothing": _l("Of %(library)s targets none would be drawn. Please raise the ratios."),
    "region_outside": _l("“%(value)s” does not lie within the region of this plan."),
    "industry_shape": _l("“%(value)s” is no code of an industry: two to four digits, such as 61 or 6110."),
    "plan_no_draft": _l("The plan of %(year)s is not a draft any more; nothing can be imported into it."),
    "plan_time_missing": _l("No time is given. Expected: months of the year, such as %(such)s."),
    "plan_time_word": _l("“%(value)s” tells no months of one year. Expected: such as %(such)s."),
    "plan_time_other_year": _l("“%(value)s” lies in another year than the plan of %(year)s."),
    "plan_ratio_missing": _l("No ratio and no number is given. Expected: such as %(such)s."),
    "plan_ratio_word": _l("“%(value)s” is neither one ratio nor a number. Expected: such as %(such)s."),
    "plan_item_unknown": _l(
        "Nothing in this row is called like an item of the published lists of %(year)s. "
        "Expected: the code or the name of a joint item, or of the agency's own item."
    ),
    "plan_item_ambiguous": _l("Several joint items could be meant: %(found)s. Expected: the code of one."),
    "plan_agency_missing": _l("The region has no agency for this line of business: %(line)s."),
    "months_in_order": _l("The last month lies before the first."),
    "ratio_range": _l("A ratio is between 0.1 and 100 percent; no class is left out."),
    "ratio_missing": _l("Please enter the ratio of at least one class."),
    "number_range": _l("Please enter a whole number between 1 and %(most)s."),
    "weight_range": _l("A weight is a whole number between 1 and %(most)s."),
}

WARNINGS = {
    "many_agencies": _l("More than four agencies take part. The number of participants never scores."),
    "full_coverage": _l("Everything would be checked. Random inspection does without full coverage."),
}
