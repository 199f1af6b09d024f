"""The public record of a draw: what the public edition of the protocol allows at its state (section 6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.directories.targets.models import Target
from app.draws.models import Contribution, DrawnTarget
from app.draws.queries import get_draw, void_count
from app.draws.rules import DrawState
from app.kernel.errors import Refused
from app.publicity.snapshots.shape import Snapshot, moment
from app.tasks.queries import active_agencies, get_task

MOST_ROWS = 20_000


def snapshot_draw(session: Session, draw_id: int) -> Snapshot:
    """:raises Refused: before the freeze"""
    draw = get_draw(session, draw_id)
    if draw.plan is None:
        raise Refused("subject_not_published")
    task = get_task(session, draw.task_id)
    opened = draw.state == DrawState.OPENED
    shown = opened or draw.mode == "open"
    plan = draw.plan
    payload: dict[str, Any] = {
        "task_no": task.no,
        "task_name": task.name,
        "initiator": task.initiator.name,
        "participants": [agency.name for agency in active_agencies(task)[1:]],
        "state": str(draw.state),
        "mode": draw.mode,
        "hash": plan["hash"],
        "plan_hash": draw.plan_hash or "",
        "targets": plan["frame"]["rows"],
        "eligible": plan["frame"]["eligible"],
        "frozen_at": moment(draw.frozen_at),
        "until": moment(draw.until),
        "witnesses": [_witness(row) for row in draw.contributions],
        "closing": draw.closing or "",
        "seed": (draw.seed or "") if shown else "",
        "drawn_at": moment(draw.drawn_at),
        "drawn": sum(result["rows"] for result in draw.results),
        "results": [
            {name: result[name] for name in ("batch", "rows", "digest", "root", "drawn_digest")}
            for result in draw.results
        ],
        "replaced": _replaced(session, draw_id) if opened else 0,
        "opened_at": moment(draw.opened_at),
        "open_after": str(plan.get("open_after") or ""),
        "void_reason": draw.void_reason if draw.state == DrawState.VOID else "",
        "void_who": draw.void_who if draw.state == DrawState.VOID else "",
        "void_draws": void_count(session, draw.task_id),
        "rows": _rows(session, draw_id) if shown else [],
    }
    year = (draw.frozen_at or task.created_at).year
    return Snapshot(task.name, task.initiator.name, task.region.code, year, payload)


def _witness(row: Contribution) -> dict[str, str]:
    """The code of the plan and the agency behind it; no person's name, not the value itself."""
    return {
        "code": row.witness,
        "agency": row.agency.name if row.agency else "",
        "committed_at": moment(row.committed_at),
        "revealed_at": moment(row.received_at),
    }


def _replaced(session: Session, draw_id: int) -> int:
    table = DrawnTarget.__table__
    query = select(func.count()).where(table.c.draw_id == draw_id, table.c.replaced_by_id.is_not(None))
    return int(session.scalar(query) or 0)


def _rows(session: Session, draw_id: int) -> list[dict[str, Any]]:
    """The list as it was drawn, before replacements, as in `drawn-<b>.tsv`; without internal codes."""
    came_in = select(DrawnTarget.replaced_by_id).where(
        DrawnTarget.draw_id == draw_id, DrawnTarget.replaced_by_id.is_not(None)
    )
    query = (
        select(DrawnTarget)
        .where(DrawnTarget.draw_id == draw_id, DrawnTarget.id.not_in(came_in))
        .options(joinedload(DrawnTarget.target).load_only(Target.code, Target.code_kind, Target.name))
        .order_by(DrawnTarget.batch, DrawnTarget.code)
        .limit(MOST_ROWS)
    )
    return [
        {
            "batch": row.batch,
            "code": "" if row.target.code_kind == "internal" else row.code,
            "name": row.target.name,
        }
        for row in session.scalars(query)
    ]
