"""What the workbench shows of draws: numbers to commit and reveal, draws to run, voids to confirm."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.draws import queries
from app.draws.models import Draw
from app.kernel.clock import Clock
from app.notifications.due import MOST_LINES, DueLine, due_lines
from app.security.rules import RoleName


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """At most three queries."""
    if not actor.roles & {RoleName.CLERK, RoleName.AUDITOR}:
        return []
    found = [
        DueLine(
            title=_("Commit your number: %(name)s", name=row.draw.task.name)
            if row.commitment is None
            else _("Reveal your number: %(name)s", name=row.draw.task.name),
            detail=_("draw %(no)s", no=row.draw.draw_no),
            url=f"/draws/{row.draw.draw_no}/contribute",
            action=_("Commit") if row.commitment is None else _("Reveal"),
            due_at=row.draw.until if row.commitment is None else None,
            rule="R-24.1",
        )
        for row in queries.owed(session, actor.user_id, actor.agency_id, MOST_LINES)
    ]
    if RoleName.AUDITOR in actor.roles:
        found += [_void_line(draw) for draw in queries.void_asked(session, MOST_LINES)]
    if RoleName.CLERK in actor.roles and actor.agency_id is not None:
        found += [
            DueLine(
                title=_("Run the draw: %(name)s", name=draw.task.name),
                detail=_("draw %(no)s: all numbers are there", no=draw.draw_no),
                url=f"/draws/{draw.draw_no}/draw",
                action=_("Draw"),
                rule="R-24.1",
            )
            for draw in queries.to_run(session, actor.agency_id, MOST_LINES)
        ]
    return found


def _void_line(draw: Draw) -> DueLine:
    return DueLine(
        title=_("Confirm that the draw is void: %(name)s", name=draw.task.name),
        detail=draw.void_reason,
        url=f"/draws/{draw.draw_no}/void",
        action=_("Confirm"),
        rule="R-24.1",
    )


def register() -> None:
    due_lines.add(lines)
