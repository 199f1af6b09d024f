"""What the pages of tasks share: who acts, how a refusal comes back with the form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.kernel.clock import SHANGHAI
from app.kernel.errors import DomainError, Invalid, NotFound, Stale
from app.security.context import Person, person
from app.security.explain import explain, explain_fault
from app.security.rules import RoleName
from app.tasks.models import Participant

ACT = frozenset({RoleName.CLERK})
READ = frozenset(
    {RoleName.CLERK, RoleName.AGENCY_ADMIN, RoleName.REVIEWER, RoleName.OFFICE_ADMIN, RoleName.AUDITOR}
)


def me() -> Person:
    who = person()
    assert who is not None, "behind a permission"
    return who


def put_back(form: FlaskForm | None, error: DomainError) -> list[str]:
    """Faults go to their fields; what belongs to none comes back as sentences above the form.

    :raises NotFound: not there is not a matter of the form
    """
    if isinstance(error, NotFound):
        raise error
    if isinstance(error, Stale):
        changes = error.facts.get("changes", [])
        lines = [
            _(
                "%(field)s: now “%(theirs)s”, yours “%(yours)s”",
                **{**change, "field": _label(form, change["field"])},
            )
            for change in changes
        ]
        return [explain(error), *lines]
    if not isinstance(error, Invalid):
        return [explain(error)]
    left = []
    for fault in error.faults:
        field = getattr(form, fault.field, None) if form is not None else None
        if field is None:
            left.append(explain_fault(fault))
        elif not field.errors:
            field.errors = [explain_fault(fault)]
    return left or ([] if form is not None else [explain(error)])


def _label(form: Any, name: str) -> str:
    field = getattr(form, name, None)
    return str(field.label.text) if field is not None else name


def last_day(part: Participant) -> str:
    """The day at whose 24:00 the time for an answer ends, empty before the push."""
    if part.due_at is None:
        return ""
    return (part.due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date().isoformat()
