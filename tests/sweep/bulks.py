"""Bulk edits, undos and exports: of the journey's police, and of each unit around its city."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.bulk_edits.models import BulkEdit
from app.directories.exporting.models import DirectoryExport
from app.directories.undoing.models import UndoRun

ASKED = {"state": {"q": "", "filters": {}, "sort": "name", "columns": []}, "ids": []}


def bulk_rows(unit: Unit, user_id: int, agency_id: int, mark: str) -> None:
    now = unit.clock.now() - timedelta(hours=1)
    done = {"asked_at": now, "done_at": now}
    unit.session.add_all(
        [
            BulkEdit(
                listing="targets", agency_id=agency_id, user_id=user_id, asked=ASKED, wanted={"status": "active"},
                reason=mark, state="done", chosen=1, changed=1, **done,
            ),
            UndoRun(
                cause=f"bulk:sweep-{agency_id}", tables=["target"], agency_id=agency_id, user_id=user_id,
                reason=mark, state="done", changes=1, **done,
            ),
            DirectoryExport(
                user_id=user_id, listing="targets", format="csv", locale="zh_CN", asked=ASKED, rows=1, **done
            ),
        ]
    )  # fmt: skip


def bulk_keys(session: Session, agency_id: int) -> dict[str, Any]:
    edit = session.scalars(
        select(BulkEdit).where(BulkEdit.agency_id == agency_id).order_by(BulkEdit.id)
    ).first()
    undo = select(UndoRun.id).where(UndoRun.agency_id == agency_id).order_by(UndoRun.id).limit(1)
    assert edit is not None
    mine = select(DirectoryExport.id).where(DirectoryExport.user_id == edit.user_id)
    return {
        "bulk_edit": edit.id,
        "undo": session.scalars(undo).one(),
        "export": session.scalars(mine.order_by(DirectoryExport.id).limit(1)).one(),
    }
