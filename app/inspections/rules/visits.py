"""The visit: approval, who reads what, publication, and when a task may close (R-26.1, R-27.1, N-4, N-5)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from app.inspections.rules.states import FormState
from app.kernel.clock import SHANGHAI
from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.regulation import implements
from app.regulation.calendar import Deadline, WorkCalendar, local_day

PUBLISH_WITHIN = 20
"""Working days after the end of the visit (article 27)."""
TOKEN_BYTES = 15


@implements("R-27.1")
def publication_deadline(visit_ended_on: date, calendar: WorkCalendar) -> Deadline:
    """20 working days, beginning on the day after the end of the visit that this agency entered."""
    return calendar.deadline(datetime.combine(visit_ended_on, time(12), SHANGHAI), PUBLISH_WITHIN)


@implements("R-27.1")
def may_be_exempt(basis: str) -> Decision:
    """A result stays unpublished only on a legal basis that is named."""
    return ALLOWED if basis.strip() else refused("exemption_needs_basis", rule="R-27.1")


@implements("R-27.1")
def may_confirm_exemption(asked_by: str | None, decider: str) -> Decision:
    """One reviewer asks, another one agrees; codes name people, whatever their memberships."""
    if not asked_by:
        return refused("exemption_not_asked", rule="R-27.1")
    return refused("exemption_same_person", rule="R-27.1") if asked_by == decider else ALLOWED


@implements("R-26.1")
def forms_wanted(agency_ids: Iterable[int], agencies_with_form: Collection[int]) -> list[int]:
    """The agencies of a visit that still lack their one form."""
    return [agency_id for agency_id in dict.fromkeys(agency_ids) if agency_id not in agencies_with_form]


@implements("N-4")
def may_start(approved_at: datetime | None) -> Decision:
    """An inspection is approved before it starts."""
    return ALLOWED if approved_at is not None else refused("visit_not_approved", rule="N-4")


@implements("N-4")
def starts_after_approval(started_on: date | None, approved_at: datetime | None) -> list[Fault]:
    """The day of the visit is not before the day of its approval."""
    if started_on is None or approved_at is None or started_on >= local_day(approved_at):
        return []
    return [Fault("started_on", "visit_before_approval", value=started_on.isoformat())]


@implements("N-5")
def may_record_times(arrived_at: datetime | None, departed_at: datetime | None, now: datetime) -> Decision:
    """Arrival first, departure not before it, neither in the future."""
    if departed_at is not None and arrived_at is None:
        return refused("departed_before_arrival", rule="N-5")
    if any(at is not None and at > now for at in (arrived_at, departed_at)):
        return refused("time_in_future", rule="N-5")
    if arrived_at is not None and departed_at is not None and departed_at < arrived_at:
        return refused("departed_before_arrival", rule="N-5")
    return ALLOWED


def may_read_form(agency_id: int, state: str, own_agency_ids: Collection[int]) -> bool:
    """The own agency's forms at any time; another participant's once it has been submitted."""
    return agency_id in own_agency_ids or not FormState(state).is_open_for_entry


@dataclass(frozen=True)
class Settlement:
    """How far the visits of a task are. Replaced targets count only where a form had been begun."""

    targets: int
    without_visit: int
    without_result: int
    unpublished: int

    @property
    def is_settled(self) -> bool:
        return self.targets > 0 and not (self.without_visit or self.without_result or self.unpublished)


@implements("R-26.1")
def may_close(found: Settlement) -> Decision:
    """100 % of the drawn targets are checked, and every form is published or exempted."""
    if found.targets == 0:
        return refused("nothing_was_drawn", rule="R-26.1")
    if found.without_visit or found.without_result:
        return refused("forms_open", rule="R-26.1", forms=found.without_result, targets=found.without_visit)
    if found.unpublished:
        return refused("forms_unpublished", rule="R-27.1", forms=found.unpublished)
    return ALLOWED


def visit_token(secret: str, visit_no: str) -> str:
    """The token on the notice: 24 characters of base 32, the same at every printing, secret to others."""
    digest = hmac.digest(secret.encode(), f"visit-notice/1 {visit_no}".encode(), "sha256")
    return base64.b32encode(digest[:TOKEN_BYTES]).decode().lower()
