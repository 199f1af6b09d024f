"""The offices' list of overdue answers of all levels below them (R-23.2)."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import ClassVar

from flask import abort, request
from flask_appbuilder import expose

from app.db import db
from app.security.access import guarded
from app.security.context import current_clock
from app.security.queries import work_calendar
from app.security.rules import RoleName
from app.security.views import Grants, PortalView
from app.tasks import queries
from app.tasks.rules import ResponseState, working_days_left
from app.tasks.views.shared import last_day


class OverdueView(PortalView):
    """Narrowed by the scope: the regional office sees all, a city or county its own and what is below."""

    route_base = "/overdue"
    class_permission_name = "OverdueResponses"
    default_view = "list"
    grants: ClassVar[Grants] = {"can_read": frozenset({RoleName.OFFICE_ADMIN, RoleName.AUDITOR})}

    @expose("/")
    @guarded("read")
    def list(self) -> str:
        session, now = db.session(), current_clock().now()
        open_only = request.args.get("all") != "1"
        rows = queries.overdue_responses(session, now=now, open_only=open_only, after=_after())
        shown = rows[: queries.PAGE]
        calendar = work_calendar(session)
        lines = [
            {
                "part": part,
                "state": ResponseState(part.state),
                "last_day": last_day(part),
                "days": working_days_left(part.due_at, part.responded_at or now, calendar)
                if part.due_at
                else None,
            }
            for part in shown
        ]
        return self.render(
            "tasks/overdue.html",
            lines=lines,
            open_only=open_only,
            total=queries.count_overdue(session, now, open_only),
            next_after=_key(shown[-1]) if len(rows) > len(shown) else None,
        )


def _key(part: queries.Participant) -> str:
    assert part.due_at is not None
    return f"{int(part.due_at.timestamp())}-{part.id}"


def _after() -> tuple[datetime, int] | None:
    given = request.args.get("after")
    if not given:
        return None
    seconds, _, row = given.partition("-")
    if not (given.isascii() and seconds.isdecimal() and row.isdecimal() and len(given) < 32):
        abort(400)
    try:
        return datetime.fromtimestamp(int(seconds), timezone.utc), int(row)
    except (OverflowError, OSError, ValueError):
        abort(400)
