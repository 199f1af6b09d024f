"""States of check forms and follow-ups, and the table of a form's life."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.states import StateEnum


class FormState(StateEnum):
    NOT_STARTED = "not_started", "Not started", "none"
    SAVED = "saved", "Saved", "info"
    SUBMITTED = "submitted", "Submitted", "info"
    RETURNED = "returned", "Returned", "warn"
    APPROVED = "approved", "Approved", "info"
    PUBLISHED = "published", "Published", "ok"
    EXEMPT = "exempt", "Exempt from publication", "mute"

    @property
    def is_open_for_entry(self) -> bool:
        return self in {FormState.NOT_STARTED, FormState.SAVED, FormState.RETURNED}

    @property
    def is_settled(self) -> bool:
        return self in {FormState.PUBLISHED, FormState.EXEMPT}


class FollowUpState(StateEnum):
    OPEN = "open", "To be handled", "warn"
    HANDLED = "handled", "Handled", "info"
    CLOSED = "closed", "Closed", "ok"


class FormAct(StrEnum):
    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    EXEMPT = "exempt"
    PUBLISH = "publish"


_STEPS: dict[tuple[FormState, FormAct], FormState] = {
    (FormState.NOT_STARTED, FormAct.SAVE): FormState.SAVED,
    (FormState.SAVED, FormAct.SAVE): FormState.SAVED,
    (FormState.RETURNED, FormAct.SAVE): FormState.SAVED,
    (FormState.NOT_STARTED, FormAct.SUBMIT): FormState.SUBMITTED,
    (FormState.SAVED, FormAct.SUBMIT): FormState.SUBMITTED,
    (FormState.RETURNED, FormAct.SUBMIT): FormState.SUBMITTED,
    (FormState.SUBMITTED, FormAct.RETURN): FormState.RETURNED,
    (FormState.SUBMITTED, FormAct.APPROVE): FormState.APPROVED,
    (FormState.SUBMITTED, FormAct.EXEMPT): FormState.EXEMPT,
    (FormState.APPROVED, FormAct.EXEMPT): FormState.EXEMPT,
    (FormState.APPROVED, FormAct.PUBLISH): FormState.PUBLISHED,
}


def after(state: str, act: FormAct) -> FormState | None:
    """The state that the act leads to, None where it does not fit."""
    return _STEPS.get((FormState(state), act))


def may_step(state: str, act: FormAct) -> Decision:
    """Whether the act fits the form's state; no step is skipped (R-21.1)."""
    if after(state, act) is None:
        return refused("form_wrong_state", rule="R-26.1", state=str(state), act=str(act))
    return ALLOWED


def own_version_is_known(stored: int, seen: int | None) -> bool:
    """Whether the page that was sent showed the record as it is now."""
    return seen is None or seen == stored
