"""A reviewer of the agency approves results of national systems for publication, or sends them back (R-27.1)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.inspections.national import after_approval
from app.inspections.national.models import NationalResult
from app.inspections.national.rules import LONGEST_REASON, ResultState, may_review
from app.inspections.services.common import require_reviewer_of
from app.kernel.errors import Fault, Invalid, NotFound, Refused, Stale
from app.regulation import implements
from app.security.rules import may_approve
from app.security.scoping import unscoped

AT_ONCE = 1000
REPUBLISHED_AT_ONCE = 1000


@implements("R-6.2", "R-27.1")
def approve(unit: Unit, result_id: int, version: int | None = None) -> NationalResult:
    """The result goes to publication. Whoever took it in does not approve it.

    :raises Refused: no reviewer of the agency, the same person, or it does not wait
    :raises Stale: it is another than the page showed
    """
    result = _for_review(unit, result_id)
    if result.state == ResultState.APPROVED and result.approved_by == unit.actor.code:
        return result
    _require_waiting(unit, result, version)
    _approve(unit, result)
    return result


def approve_all(unit: Unit, ids: Sequence[int]) -> int:
    """Those of these that wait and are the actor's to approve, at most `AT_ONCE`; gives how many.

    :raises Refused: none is
    """
    query = (
        select(NationalResult)
        .where(NationalResult.id.in_(ids[:AT_ONCE]), NationalResult.state == ResultState.RECEIVED.value)
        .order_by(NationalResult.id)
        .with_for_update(of=NationalResult)
    )
    done, asked = 0, set()
    for result in unit.session.scalars(query):
        if result.agency_id not in asked:
            require_reviewer_of(unit, result.agency)
            asked.add(result.agency_id)
        if may_approve(result.received_by, unit.actor.code):
            _approve(unit, result)
            done += 1
    if not done:
        raise Refused("national_nothing_to_approve")
    return done


def send_back(unit: Unit, result_id: int, remark: str, version: int | None = None) -> NationalResult:
    """It does not count any more, until the system, or a file, says it anew.

    :raises Invalid: without a remark
    """
    remark = remark.strip()
    result = _for_review(unit, result_id)
    if result.state == ResultState.RETURNED and result.remark == remark:
        return result
    _require_waiting(unit, result, version)
    if not remark:
        raise Invalid(faults=[Fault("remark", "national_remark_missing", value="")])
    if len(remark) > LONGEST_REASON:
        fault = Fault("remark", "too_long", value="", most=LONGEST_REASON, found=len(remark))
        raise Invalid(faults=[fault])
    result.state, result.remark = ResultState.RETURNED.value, remark
    _store(unit, result, "national.result_returned")
    return result


def note_published(unit: Unit, result_id: int) -> NationalResult:
    """Told by publicity when the result is public. A second time changes nothing.

    :raises Refused: unless a reviewer has approved it
    """
    result = _locked(unit, result_id)
    if result.state == ResultState.PUBLISHED:
        return result
    if result.state != ResultState.APPROVED:
        raise Refused("national_wrong_state", rule="R-27.1", state=result.state)
    result.state, result.published_at = ResultState.PUBLISHED.value, unit.clock.now()
    _store(unit, result, "national.result_published")
    return result


def republish(unit: Unit, task_id: int, after: int = 0) -> int:
    """The public results of a task that has changed, a part at a time; gives the last id, 0 at the end."""
    query = (
        select(NationalResult)
        .where(
            NationalResult.task_id == task_id,
            NationalResult.state == ResultState.PUBLISHED.value,
            NationalResult.id > after,
        )
        .order_by(NationalResult.id)
        .limit(REPUBLISHED_AT_ONCE)
    )
    last = 0
    for result in unit.session.scalars(query):
        last = result.id
        for announce in after_approval:
            announce(unit, result)
    return last


def _for_review(unit: Unit, result_id: int) -> NationalResult:
    result = _locked(unit, result_id)
    require_reviewer_of(unit, result.agency)
    return result


def _require_waiting(unit: Unit, result: NationalResult, version: int | None) -> None:
    may_review(result.state).require()
    may_approve(result.received_by, unit.actor.code).require()
    if version is not None and version != result.version:
        raise Stale("stale", changes=[{"field": "version", "theirs": result.version, "yours": version}])


def _approve(unit: Unit, result: NationalResult) -> None:
    result.state = ResultState.APPROVED.value
    result.approved_by, result.approved_at = unit.actor.code, unit.clock.now()
    _store(unit, result, "national.result_approved")
    for announce in after_approval:
        announce(unit, result)


def _store(unit: Unit, result: NationalResult, tag: str) -> None:
    """The office above reviews for an agency with too few reviewers: its rows are beyond its own wall."""
    with unscoped(unit.session, "a review that has been checked"):
        record(unit, tag, f"national_result:{result.id}", {"no": result.no}, result.agency_id)
        unit.session.flush()


def _locked(unit: Unit, result_id: int) -> NationalResult:
    found = unit.session.get(
        NationalResult, result_id, with_for_update={"of": NationalResult}, populate_existing=True
    )
    if found is None:
        raise NotFound("not_in_scope", kind="national_result")
    return found
