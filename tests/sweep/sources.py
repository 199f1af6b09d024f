"""A system with a batch, a conflict, and a task with its result, for the pages of sources and of national systems."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.sources.models import SourceConflict, SourcePush, SourceSystem
from app.directories.targets.models import Target
from app.inspections.models import ResultVocabulary
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.security.models import Agency

NATIONAL: dict[str, Any] = {
    "national_task": NationalTask,
    "national_result": NationalResult,
    "national_conflict": NationalConflict,
}


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
            target_id=target.id, region_id=target.region_id, field="address", source=code, value=f"{mark}路2号",
            said_on=now.date(), raised_at=now,
        )
    )  # fmt: skip
    session.flush()
    _national_rows(session, system, police, target, mark, now)


def _national_rows(
    session: Session, system: SourceSystem, police: Agency, target: Target, mark: str, now: Any
) -> None:
    told = {"system_id": system.id, "agency_id": police.id, "received_by": "u1"}
    task = NationalTask(
        **told, source_id="T1", name=f"{mark}专网任务", items=[f"{mark}事项"], random=False, received_at=now
    )
    session.add(task)
    session.flush()
    usual = select(ResultVocabulary.id).where(
        ResultVocabulary.kind == "no_problem", ResultVocabulary.selectable
    )
    session.add(
        NationalResult(
            **told, source_id="R1", task_id=task.id, target_id=target.id, checked_on=now.date(), received_at=now,
            result_id=session.scalars(usual.order_by(ResultVocabulary.id).limit(1)).one(), publish_due_at=now,
        )
    )  # fmt: skip
    session.add(
        NationalConflict(
            **told, source_id="T1", subject="task", against="settled", task_id=task.id, label=f"{mark}专网任务",
            said={"name": f"{mark}改名"}, raised_at=now,
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
        **{
            kind: session.scalars(select(model.id).where(model.system_id == system.id)).one()
            for kind, model in NATIONAL.items()
        },
    }
