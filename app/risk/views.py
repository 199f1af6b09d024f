"""What this domain says on the page of a target: its credit-risk class, and when it became another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.history import RowHistory
from app.directories import targets
from app.directories.targets.models import Target
from app.kernel.clock import SHANGHAI
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see

SHOWN = 12
NOT_CLASSIFIED = "N"


@dataclass(frozen=True)
class Step:
    """From `at` on the class was `after`; `score` where one was given with it."""

    at: datetime
    before: str
    after: str
    score: int | None


def class_history(session: Session, target_id: int, limit: int = SHOWN) -> list[Step]:
    """Changes of the class, newest first; the caller has got the target within its scope. One query."""
    rows = session.scalars(
        select(RowHistory)
        .where(
            RowHistory.table_name == "target",
            RowHistory.row_id == str(target_id),
            RowHistory.op == "UPDATE",
            RowHistory.after.has_key("risk_class"),
        )
        .order_by(RowHistory.id.desc())
        .limit(limit)
    )
    return [
        Step(
            row.at,
            (row.before or {}).get("risk_class") or NOT_CLASSIFIED,
            (row.after or {}).get("risk_class") or NOT_CLASSIFIED,
            (row.after or {}).get("risk_score"),
        )
        for row in rows
    ]


def _steps(session: Session, target: Target) -> list[Step]:
    """The history of one page, read once."""
    kept: dict[int, list[Step]] = g.setdefault("class_histories", {})
    if target.id not in kept:
        kept[target.id] = class_history(session, target.id)
    return kept[target.id]


def _render(session: Session, target: Target) -> str | None:
    if not i_see(Kind.RISK_CLASS):
        return None
    steps = _steps(session, target)
    if target.risk_class == NOT_CLASSIFIED and not steps:
        return None
    return render_template("risk/panel.html", target=target, steps=steps)


def class_note(session: Session, target: Target) -> dict[str, targets.Note]:
    """Beside the class: since when it stands, and what it was before."""
    if not i_see(Kind.RISK_CLASS):
        return {}
    steps = _steps(session, target)
    if not steps:
        return {}
    step = steps[0]
    said = _("before: %(letter)s", letter=step.before)
    return {"risk_class": targets.Note(said, step.at.astimezone(SHANGHAI).date())}


PANEL = targets.Panel(_l("Credit risk"), _render)


def register(appbuilder: Any) -> None:
    targets.panels.add(PANEL, 50)
    targets.notes.add(class_note, 50)
