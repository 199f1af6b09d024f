"""The result of an inspection in a national system, as its agency reported it and approved it; the system is named."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.inspections.national.models import NationalResult
from app.kernel.errors import NotFound
from app.publicity.rules import may_publish_result
from app.publicity.snapshots.shape import Snapshot
from app.security.models import Agency


def snapshot_national(session: Session, result_id: int) -> Snapshot:
    """:raises Refused: before the approval"""
    query = (
        select(NationalResult)
        .where(NationalResult.id == result_id)
        .options(
            joinedload(NationalResult.target),
            joinedload(NationalResult.agency).joinedload(Agency.region),
            joinedload(NationalResult.task),
            joinedload(NationalResult.system),
            joinedload(NationalResult.result),
            joinedload(NationalResult.disposition),
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="national_result")
    may_publish_result(found.state).require()
    target = found.target
    code = None if target.code_kind == "internal" else target.code
    payload = {
        "form_no": found.no,
        "task_no": found.task.source_id,
        "task_name": found.task.name,
        "target_code": code or "",
        "target_name": target.name,
        "method": "",
        "items": list(found.task.items),
        "checked_on": found.checked_on.isoformat(),
        "result": found.result.text,
        "disposition": found.disposition.text if found.disposition else "",
        "corrected_on": found.corrected_on.isoformat() if found.corrected_on else "",
        "source": found.system.name,
    }
    year = found.checked_on.year
    return Snapshot(target.name, found.agency.name, found.agency.region.code, year, payload, code)
