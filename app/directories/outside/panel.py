"""On a target's page: whether it lies outside random selection, and who asked, approved or ended it."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.outside.queries import marks_of_target
from app.directories.outside.rules import standing_of
from app.directories.targets import Panel, panels
from app.kernel.clock import today
from app.security.context import current_clock


def _render(session: Session, target: Any) -> str | None:
    """Shown where there is a mark, or where one could be asked for."""
    has_access = current_app.appbuilder.sm.has_access
    may_ask = has_access("can_ask", "OutsideView")
    found = marks_of_target(session, target.id) if has_access("can_list", "OutsideView") else []
    if not found and not may_ask:
        return None
    day = today(current_clock())
    rows = [(mark, standing_of(mark.state, mark.valid_from, mark.valid_until, day)) for mark in found]
    return render_template("outside/_panel.html", rows=rows, target=target, may_ask=may_ask)


PANEL = Panel(_l("Outside random selection"), _render)


def register() -> None:
    panels.add(PANEL, 35)
