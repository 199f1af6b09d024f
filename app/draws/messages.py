"""Sentences of the draw: refusals of the rules, and those of the protocol's engine (codes `draw.…`)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

_BROKEN = _l(
    "The record of this draw is damaged: stored list, plan and secrets no longer belong together. "
    "Nothing was drawn."
)
_TERMS = _l("A term of the draw is not right: %(value)s.")
_ROW = _l("A row of the list cannot be frozen: “%(value)s” (row %(row)s, %(column)s).")

SENTENCES = {
    "draw_list_fixed": _l("The targets are drawn; the list is not changed any more (R-24.3)."),
    "draw_act_not_now": _l("This step does not follow on the present state of the draw (R-24.1)."),
    "draw_exists": _l("This task has a draw already. It must be void before a new one can begin."),
    "draw_task_not_ready": _l(
        "The task is not ready: every participant has to accept, or be released, first."
    ),
    "draw_library_empty_for_draw": _l("The library of this task holds nobody who could be drawn."),
    "draw_no_outside_witness": _l("At least one witness from outside the initiating agency is needed."),
    "draw_class_without_ratio": _l(
        "The library holds targets of the classes %(classes)s, for which the plan has no ratio."
    ),
    "draw_void_without_reason": _l("Please state the reason, and who was missing."),
    "draw_item_outside": _l("“%(item)s” lies outside random selection (R-3.3); it is not drawn for."),
    "draw_void_not_asked": _l("Nobody has asked to declare this draw void."),
    "draw_void_same_person": _l(
        "Whoever asked to declare the draw void cannot confirm it. Another person has to do it."
    ),
    "draw_not_your_contribution": _l("This contribution belongs to another person."),
    "draw_target_replaced_already": _l("This target has been replaced already."),
    "draw_replacement_without_evidence": _l("Please name the evidence for the replacement."),
    "draw_bundle_not_yours": _l(
        "The full bundle is for the agencies of the task, the witnesses and the auditors."
    ),
    "draw_has_begun": _l(
        "The ceremony of the draw has begun. It ends with the draw, or has to be declared void first."
    ),
    "draw.freeze_refused": _l("The list cannot be frozen like this."),
    "draw.frame_empty": _l("The library of this task is empty."),
    "draw.frame_faulty": _l("%(count)s rows of the library cannot be frozen."),
    "draw.frame_target_twice": _l("The code %(value)s stands on the list twice."),
    "draw.frame_target_id": _ROW,
    "draw.frame_stratum": _ROW,
    "draw.frame_weight": _ROW,
    "draw.frame_region": _ROW,
    "draw.frame_tags": _ROW,
    "draw.frame_eligible": _ROW,
    "draw.frame_reason": _ROW,
    "draw.frame_reason_unneeded": _ROW,
    "draw.frame_reason_of_other_mode": _l("The reason %(reason)s does not belong to the mode of this draw."),
    "draw.stratum_without_rule": _l("The stratum %(stratum)s has no rule."),
    "draw.nobody_from_outside": _l("At least one witness from outside the initiating agency is needed."),
    "draw.witness_unknown": _l("“%(value)s” cannot be a witness of this draw."),
    "draw.witness_twice": _l("“%(value)s” stands among the witnesses twice."),
    "draw.deadline_passed": _l("The time for contributions is over (%(until)s)."),
    "draw.opened_before_drawn": _l("The draw cannot be opened before the contributions are in."),
    "draw.open_with_risk": _l(
        "A draw by risk classes has to be sealed: the public list would tell the classes."
    ),
    "draw.own_case_with_risk": _l("A draw by risk classes cannot show single cases to enterprises."),
    "draw.absence_without_beacon": _l("Without a beacon no witness may be absent."),
    "draw.commitment_size": _l("A commitment has 64 hexadecimal digits."),
    "draw.nonce_size": _l("The check code has 32 hexadecimal digits."),
    "draw.contribution_length": _l("A number has 1 to %(most)s characters; this has %(length)s."),
    "draw.contribution_characters": _l("A number cannot hold line breaks or other control characters."),
    "draw.not_a_witness": _l("“%(witness)s” is no witness of this draw."),
    "draw.given_before": _l("This witness has contributed already; a contribution cannot be changed."),
    "draw.closed": _l("The contributions are closed."),
    "draw.not_closed": _l("Numbers are revealed only when all witnesses have committed."),
    "draw.never_committed": _l("This witness has never committed."),
    "draw.reveal_differs": _l(
        "This is not the number that was committed, or the check code is wrong. Nothing was changed."
    ),
    "draw.witnesses_missing": _l("Numbers are missing: %(witnesses)s."),
    "draw.not_ready": _l("Not everything that the seed needs is there yet."),
    "draw.closing_too_early": _l("Commitments are missing, and the time for them is not over."),
    "draw.replacement_reason": _l(
        "A drawn target is replaced only when it is deregistered, its licence revoked, or it has "
        "moved away (R-24.3)."
    ),
    "draw.replacement_exhausted": _l("Nobody is left in the stratum %(stratum)s who could take its place."),
    "draw.replacement_not_drawn": _l("%(target_id)s was not drawn."),
    "draw.integer_out_of_range": _TERMS,
    "draw.leaders_out_of_range": _TERMS,
    "draw.not_a_choice": _TERMS,
    "draw.not_a_moment": _TERMS,
    "draw.not_a_date": _TERMS,
    "draw.not_a_digest": _TERMS,
    "draw.text_missing": _TERMS,
    "draw.identifier": _TERMS,
    "draw.relaxation": _TERMS,
    "draw.matching_shape": _TERMS,
    "draw.selection_shape": _TERMS,
    "draw.rule_shape": _TERMS,
    "draw.stratum_code": _TERMS,
    "draw.too_many_batches": _TERMS,
    "draw.frame_not_of_plan": _BROKEN,
    "draw.frame_of_other_terms": _BROKEN,
    "draw.frame_text_faulty": _BROKEN,
    "draw.list_secret_not_of_frame": _BROKEN,
    "draw.operator_secret_differs": _BROKEN,
    "draw.codes_not_of_plan": _BROKEN,
    "draw.plan_faulty": _BROKEN,
    "draw.secret_size": _BROKEN,
    "draw.target_not_on_list": _BROKEN,
}
