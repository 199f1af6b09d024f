"""The portal's own codes: numbered per region, never given twice (R-11.5)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.sources.models import InternalCodeCounter
from app.directories.targets.models import Target, TargetCode
from app.kernel.identifiers import make_internal_code
from app.security.models import Region
from app.security.scoping import unscoped

_C = InternalCodeCounter.__table__
DIGITS_OF_REGION = 6


def issue_codes(unit: Unit, wanted: Mapping[int, int]) -> dict[int, list[str]]:
    """New internal codes, `wanted[region_id]` of each region, in order. The counters only grow; a code that came
    in from elsewhere is left out. Regions are taken in order, so that two at a time do not wait for each other.
    """
    found: dict[int, list[str]] = {}
    for region_id in sorted(wanted):
        region = unit.session.get_one(Region, region_id)
        codes: list[str] = []
        while len(codes) < wanted[region_id]:
            codes += _next(unit.session, region, wanted[region_id] - len(codes))
        found[region_id] = codes
    return found


def _next(session: Session, region: Region, number: int) -> list[str]:
    statement = insert(_C).values(region_id=region.id, last=number)
    statement = statement.on_conflict_do_update(
        index_elements=[_C.c.region_id], set_={"last": _C.c.last + number}
    )
    last = session.execute(statement.returning(_C.c.last)).scalar_one()
    made = [
        make_internal_code(region.code[:DIGITS_OF_REGION], serial)
        for serial in range(last - number + 1, last + 1)
    ]
    with unscoped(session, "a code stands once in the whole directory"):
        taken = {
            *session.scalars(select(Target.code).where(Target.code.in_(made))),
            *session.scalars(select(TargetCode.code).where(TargetCode.code.in_(made))),
        }
    return [code for code in made if code not in taken]
