"""What hangs on the targets of the sweep: a permit, premises, a merger, a twin, an earlier version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.db.history import RowHistory
from app.directories.merging.models import Merge, MergedContact
from app.directories.merging.rules import SEALED
from app.directories.merging.services import columns_of, plain
from app.directories.permits.models import Permit
from app.directories.premises.models import Premises
from app.directories.targets.models import Target

NUMBER = "SWEEP-P"
GONE = 900_000_000


def held_rows(unit: Unit, target: Target) -> None:
    session = unit.session
    place = {"target_id": target.id, "region_id": target.region_id}
    merge = Merge(
        kept_id=target.id,
        region_id=target.region_id,
        gone_id=GONE + target.id,
        gone_code=f"SWEEP-GONE-{target.id}",
        kept_code=target.code,
        reason="重复登记",
        gone={
            **{name: plain(value) for name, value in columns_of(target).items() if name not in SEALED},
            "id": GONE + target.id,
            "code": f"SWEEP-GONE-{target.id}",
            "name": "并入对象示例",
        },
        taken={"field_sources": [{}, None]},
        merged_at=unit.clock.now(),
    )
    session.add_all(
        [
            Permit(**place, kind="food_business", number=f"{NUMBER}{target.id}", authority="示例局"),
            Premises(**place, kind="warehouse", name=f"{NUMBER}{target.id}", address="示例路1号"),
            merge,
        ]
    )
    session.flush()
    session.add_all(MergedContact(merge_id=merge.id, side=side) for side in ("gone", "kept"))
    target.contact = f"{target.contact}甲"
    session.flush()


def held_keys(session: Session, target_id: int) -> dict[str, Any]:
    """Keys by kind."""
    target = session.get_one(Target, target_id)
    version = select(RowHistory.id).where(
        RowHistory.table_name == "target", RowHistory.row_id == str(target_id)
    )
    beside = select(Target.id).where(Target.region_id == target.region_id, Target.id != target_id)
    named = f"{NUMBER}{target_id}"
    return {
        "permit": session.scalars(select(Permit.id).where(Permit.number == named)).one(),
        "premises": session.scalars(select(Premises.id).where(Premises.name == named)).one(),
        "merge": session.scalars(select(Merge.id).where(Merge.gone_id == GONE + target_id)).one(),
        "version": session.scalars(version.order_by(RowHistory.id).limit(1)).one(),
        "other_target": session.scalars(beside.order_by(Target.id).limit(1)).first(),
    }
