"""A target declares, by the code on its notice, that somebody of the group has a conflict of interest (R-25.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.recusals.evidence import Files
from app.directories.recusals.models import RecusalRequest
from app.directories.recusals.services import request_recusal
from app.inspections.models import Visit
from app.inspections.queries import visit_of_token
from app.kernel.errors import Fault, Invalid, NotFound
from app.matching.queries import group_of
from app.security.scoping import unscoped

LONGEST_TOKEN = 60


@dataclass(frozen=True)
class Notice:
    """What whoever holds a notice may see: the group on it, and the own declarations with their answers.

    `group`: (inspector id, name, name of the agency); `declared`: requests of this visit, the latest first.
    """

    visit: Visit
    group: tuple[tuple[int, str, str], ...]
    declared: Sequence[RecusalRequest]


def notice_of(session: Session, token: str) -> Notice | None:
    """The notice that carries this code; None for a code that nobody was given."""
    written = "".join(token.split()).replace("-", "")
    if not written or len(written) > LONGEST_TOKEN:
        return None
    visit = visit_of_token(session, written)
    if visit is None:
        return None
    with unscoped(session, "the notice whose code was given"):
        rows = group_of(session, visit.drawn_target_id)
        group = tuple((row.inspector_id, row.inspector.name, row.agency.name) for row in rows)
        query = select(RecusalRequest).where(RecusalRequest.visit_no == visit.no)
        declared = session.scalars(query.order_by(RecusalRequest.id.desc())).all()
    return Notice(visit, group, declared)


def object_to(
    unit: Unit, token: str, inspector_id: int, *, statement: str, declarant: str, phone: str, files: Files
) -> RecusalRequest:
    """Hand the declaration to the inspector's agency. The visit stands until the agency has answered.

    :raises NotFound: a code that nobody was given
    :raises Invalid: somebody who is not on the notice, or faults of the other fields
    """
    notice = notice_of(unit.session, token)
    if notice is None:
        raise NotFound("not_in_scope", kind="visit")
    rows = group_of(unit.session, notice.visit.drawn_target_id)
    row = next((row for row in rows if row.inspector_id == inspector_id), None)
    if row is None:
        raise Invalid(faults=[Fault("inspector", "required")])
    inspector = unit.session.get_one(Inspector, inspector_id)
    return request_recusal(
        unit,
        visit_no=notice.visit.no,
        inspector=inspector,
        target_id=notice.visit.target_id,
        agency_id=row.agency_id,
        statement=statement,
        declarant=declarant,
        phone=phone,
        files=files,
    )
