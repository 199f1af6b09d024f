"""Who carries out a check: assigned, certified inspectors of the agency (R-15.3, N-6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.kernel.decisions import ALLOWED, Decision, refused
from app.regulation import implements
from app.regulation.vocabulary import CheckMethod

LEAST_INSPECTORS = 2


@dataclass(frozen=True)
class GroupMember:
    """One living assignment of a joint group."""

    name: str
    certificate_no: str
    agency_id: int
    user_id: int | None
    lead: bool
    certified: bool
    certificate_until: date | None
    active: bool = True

    def is_certified_on(self, day: date) -> bool:
        return (
            self.certified
            and self.active
            and self.certificate_until is not None
            and self.certificate_until >= day
        )


@implements("N-6")
def may_fill(group: Iterable[GroupMember], agency_id: int, user_id: int | None, day: date) -> Decision:
    """Only an assigned inspector of the form's agency, with a certificate in force on `day`, signs the form.

    Staff without one, experts and clerks are named as accompanying; they never sign.
    """
    own = [m for m in group if m.user_id is not None and m.user_id == user_id and m.agency_id == agency_id]
    if not own:
        return refused("not_assigned", rule="N-6")
    if not any(m.is_certified_on(day) for m in own):
        return refused("not_certified", rule="N-6", day=day.isoformat())
    return ALLOWED


@implements("R-15.3")
def may_carry_out(group: Iterable[GroupMember], agency_id: int, method: str, day: date) -> Decision:
    """A check on site is done by at least two certified inspectors of the agency."""
    if not CheckMethod(method).needs_certified_inspectors:
        return ALLOWED
    certified = sum(m.agency_id == agency_id and m.is_certified_on(day) for m in group)
    if certified < LEAST_INSPECTORS:
        return refused("too_few_inspectors", rule="R-15.3", found=certified, least=LEAST_INSPECTORS)
    return ALLOWED
