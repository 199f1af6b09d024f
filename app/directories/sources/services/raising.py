"""What a file says against a source that has precedence: listed for a person, like what a system pushes (R-6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.rules import PERSONAL
from app.directories.sources.models import SourceConflict
from app.directories.sources.rules import ConflictState
from app.directories.undoing.rules import Conflict
from app.kernel.clock import today

Said = Mapping[int, Mapping[str, Any]]
"""By target: what a source says of fields, as JSON keeps it."""


@dataclass(frozen=True)
class Known:
    """What the same source has said of a field before."""

    id: int
    state: str
    said: Any

    @property
    def is_open(self) -> bool:
        return self.state == ConflictState.OPEN


def has_open(session: Session, source: str) -> bool:
    """Whether anything of this source waits for a decision."""
    waiting = select(SourceConflict.id).where(
        SourceConflict.source == source, SourceConflict.state == ConflictState.OPEN.value
    )
    return session.scalars(waiting.limit(1)).first() is not None


def said_before(session: Session, source: str, target_ids: Iterable[int]) -> dict[tuple[int, str], Known]:
    """What waits, and what a person has kept, the newest of each field. One query."""
    rows = session.scalars(_of(source, target_ids).order_by(SourceConflict.id))
    return {(row.target_id, row.field): Known(row.id, row.state, row.said) for row in rows}


def is_settled(known: Known | None, said: Any) -> bool:
    """Whether a person has kept the other value against just this one."""
    return known is not None and known.state == ConflictState.KEPT and known.said == said


def raise_conflicts(
    unit: Unit,
    source: str,
    regions: Mapping[int, int],
    contradicts: Said,
    agrees: Mapping[int, Sequence[str]],
) -> int:
    """List what a source says against the directory, close what it does not say any more; what waits already, or was
    kept by a person, stays. How many are new.

    :param regions: the region of every target named
    :param agrees: fields of which the source says now what stands there
    """
    before = said_before(unit.session, source, {*contradicts, *agrees})
    over = [
        known.id
        for target_id, fields in agrees.items()
        for name in fields
        if (known := before.get((target_id, name))) is not None and known.state == ConflictState.OPEN
    ]
    fresh = []
    for target_id, fields in contradicts.items():
        for name, said in fields.items():
            known = before.get((target_id, name))
            if known is not None and known.said == said:
                continue
            if known is not None and known.state == ConflictState.OPEN:
                over.append(known.id)
            fresh.append(_row(unit, source, target_id, regions[target_id], name, said))
    if over:
        superseded = update(SourceConflict).where(SourceConflict.id.in_(over))
        unit.session.execute(
            superseded.values(state=ConflictState.SUPERSEDED.value).execution_options(
                synchronize_session=False
            )
        )
    if fresh:
        unit.session.execute(insert(SourceConflict), fresh)
    return len(fresh)


def _row(unit: Unit, source: str, target_id: int, region_id: int, name: str, said: Any) -> dict[str, Any]:
    personal = name in PERSONAL
    return {
        "target_id": target_id,
        "region_id": region_id,
        "field": name,
        "source": source,
        "value": None if personal else said,
        "sealed": said if personal else None,
        "said_on": today(unit.clock),
        "raised_at": unit.clock.now(),
        "state": ConflictState.OPEN.value,
        "reason": "",
        "cause": unit.session.info.get("cause") or "",
    }


def withdraw(unit: Unit, cause: str) -> Sequence[Conflict]:
    """An import that is undone says nothing any more; what a person has decided stays decided."""
    waiting = update(SourceConflict).where(
        SourceConflict.cause == cause, SourceConflict.state == ConflictState.OPEN.value
    )
    unit.session.execute(
        waiting.values(state=ConflictState.SUPERSEDED.value).execution_options(synchronize_session=False)
    )
    return []


def _of(source: str, target_ids: Iterable[int]) -> Select[tuple[SourceConflict]]:
    states = (ConflictState.OPEN.value, ConflictState.KEPT.value)
    return select(SourceConflict).where(
        SourceConflict.source == source,
        SourceConflict.state.in_(states),
        SourceConflict.target_id.in_(sorted(set(target_ids))),
    )
