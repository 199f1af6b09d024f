"""The record of a draw as the engine's values: plan, ceremony, files."""

from __future__ import annotations

import zlib
from datetime import datetime, timezone

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.draws import engine
from app.draws.models import Draw, DrawFile
from app.kernel import canonical


def moment(at: datetime) -> str:
    """`2026-11-23T08:00:00Z`, as protocol and log write it."""
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def plan_of(draw: Draw) -> engine.Plan:
    """The frozen plan. :raises Invalid: when the row no longer holds what was hashed"""
    return engine.read_plan(canonical.dumps(draw.plan))


def ceremony_of(draw: Draw) -> engine.Ceremony:
    """What has been committed, closed and revealed, in the order of the witnesses."""
    rows = draw.contributions
    commitments = tuple(
        engine.Commitment(row.witness, bytes.fromhex(row.commitment), moment(row.committed_at))
        for row in rows
        if row.commitment is not None and row.committed_at is not None
    )
    contributions = tuple(
        engine.Contribution(row.witness, row.value, bytes.fromhex(row.nonce or ""), moment(row.received_at))
        for row in rows
        if row.value is not None and row.received_at is not None
    )
    closing = bytes.fromhex(draw.closing) if draw.closing else None
    return engine.Ceremony(plan_of(draw), commitments, contributions, closing)


def current_files(session: Session, draw_id: int) -> dict[str, bytes]:
    """All files of the record by name. A later version is stored as `name;2` and takes the place of the
    first.
    """
    rows = session.execute(
        select(DrawFile.name, DrawFile.content).where(DrawFile.draw_id == draw_id).order_by(DrawFile.id)
    )
    return {name.partition(";")[0]: zlib.decompress(content) for name, content in rows}
