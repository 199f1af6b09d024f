"""A system with a batch and a conflict, for the pages of sources."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.sources.models import SourceConflict, SourcePush, SourceSystem
from app.directories.targets.models import Target
from app.security.models import Agency


def source_rows(unit: Unit, office: Agency, police: Agency, target: Target, mark: str) -> None:
    session, now = unit.session, unit.clock.now()
    code = f"net-{office.code.lower()}"
    system = SourceSystem(
        code=code, name=f"{mark}系统示例", office_id=office.id, agency_id=police.id, created_at=now
    )
    session.add(system)
    session.flush()
    figures = {"rows": 1, "new": 0, "changed": 0, "unchanged": 0, "conflict": 1, "bad": 0}
    session.add(
        SourcePush(
            system_id=system.id, office_id=office.id, agency_id=police.id, body_digest=b"", received_at=now,
            seconds=0.1, counts=figures, errors=[], answer=b"",
        )
    )  # fmt: skip
    session.add(
        SourceConflict(
            target_id=target.id, region_id=target.region_id, field="address", source=code, value=f"{mark}路",
            said_on=now.date(), raised_at=now,
        )
    )  # fmt: skip
    session.flush()


def source_keys(session: Session, office: Agency) -> dict[str, object]:
    """The keys that the routes ask for."""
    system = session.scalars(select(SourceSystem).where(SourceSystem.office_id == office.id)).one()
    push = select(SourcePush.id).where(SourcePush.system_id == system.id)
    conflict = select(SourceConflict.id).where(SourceConflict.source == system.code)
    return {
        "source_system": system.id,
        "source_push": session.scalars(push).one(),
        "source_conflict": session.scalars(conflict).one(),
    }
