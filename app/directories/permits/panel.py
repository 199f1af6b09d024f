"""Permits on a target's page and in a visit."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.children.queries import MOST_SHOWN, of_target
from app.directories.children.services import KEEPERS
from app.directories.permits.models import Permit
from app.directories.permits.rules import Standing, standing
from app.directories.permits.services import PERMITS
from app.directories.targets import Panel
from app.kernel.clock import today
from app.security.context import current_actor, current_clock


def standing_of(row: Permit, day: date | None = None) -> Standing:
    return standing(row.status, row.valid_from, row.valid_until, day or today(current_clock()))


def _render(session: Session, target: Any) -> str:
    rows = of_target(session, PERMITS, target.id)
    return render_template(
        "permits/panel.html",
        target=target,
        rows=[(row, standing_of(row)) for row in rows[:MOST_SHOWN]],
        more=len(rows) > MOST_SHOWN,
        may_add=bool(current_actor().roles & KEEPERS),
    )


PANEL = Panel(_l("Permits"), _render)
