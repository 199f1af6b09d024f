"""Follow-up cases: the list, one case, and its two acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import Unit, db
from app.inspections import queries, services
from app.inspections.rules import FollowUpAct, FollowUpState, may_close_follow_up, may_step_follow_up
from app.inspections.services.follow_ups import HANDLERS
from app.inspections.views.shared import WORDS, actor, after_key, whole
from app.kernel.clock import today
from app.security.access import guarded
from app.security.acts import perform
from app.security.approval import approving_agency
from app.security.context import current_clock
from app.security.names import names_of
from app.security.queries import work_calendar
from app.security.rules import BUSINESS, RoleName
from app.security.views import Grants, PortalView

OPEN = (FollowUpState.OPEN.value, FollowUpState.HANDLED.value)


class FollowUpView(PortalView):
    """`/follow-ups`."""

    route_base = "/follow-ups"
    grants: ClassVar[Grants] = {
        "can_read": frozenset(BUSINESS),
        "can_handle": HANDLERS,
        "can_close": frozenset({RoleName.REVIEWER}),
    }

    @expose("/")
    @guarded("read")
    def index(self) -> str:
        session = db.session()
        show = request.args.get("show", "open")
        task_id = whole(request.args.get("task"))
        states = OPEN if show == "open" else ()
        page = queries.follow_ups(session, states=states, task_id=task_id, after=after_key())
        kept = {"show": show, "task": task_id}
        calendar, day = work_calendar(session), today(current_clock())
        return self.render(
            "inspections/follow_ups.html",
            rows=page.rows,
            left={c.id: calendar.working_days_between(day, c.due_on) for c in page.rows if c.due_on},
            show=show,
            first_url=url_for(".index", **kept) if request.args.get("after") else "",
            next_url=url_for(".index", **kept, after=page.after) if page.after else "",
            **WORDS,
        )

    @expose("/<int:follow_up_id>")
    @guarded("read")
    def show(self, follow_up_id: int) -> str:
        return self._page(follow_up_id)

    @expose("/<int:follow_up_id>/handle", methods=["POST"])
    @guarded("handle")
    def handle(self, follow_up_id: int) -> Response | tuple[str, int]:
        sent = request.form
        return self._act(
            follow_up_id,
            lambda unit: services.handle_follow_up(
                unit,
                follow_up_id,
                sent.get("text", ""),
                sent.get("disposition") or None,
                whole(sent.get("version")),
            ),
            _("Kept. A reviewer closes the case."),
        )

    @expose("/<int:follow_up_id>/close", methods=["POST"])
    @guarded("close")
    def close(self, follow_up_id: int) -> Response | tuple[str, int]:
        version = whole(request.form.get("version"))
        return self._act(
            follow_up_id,
            lambda unit: services.close_follow_up(unit, follow_up_id, version),
            _("The case is closed."),
        )

    def _act(
        self, follow_up_id: int, act: Callable[[Unit], Any], sentence: str
    ) -> Response | tuple[str, int]:
        done = perform(act)
        if done.done:
            flash(sentence, "success")
            return redirect(url_for(".show", follow_up_id=follow_up_id))
        db.session().expire_all()
        return self._page(follow_up_id, done.sentences), 409

    def _page(self, follow_up_id: int, sentences: list[str] | None = None) -> str:
        session, who = db.session(), actor()
        case = queries.get_follow_up(session, follow_up_id)
        calendar, day = work_calendar(session), today(current_clock())
        may_handle = who.agency_id == case.agency_id and bool(who.roles & HANDLERS)
        is_reviewer = RoleName.REVIEWER in who.roles
        closes = is_reviewer and approving_agency(session, case.agency, day).id == who.agency_id
        return self.render(
            "inspections/follow_up.html",
            case=case,
            form=case.form,
            dispositions=queries.dispositions(session),
            names=names_of(session, filter(None, [case.handled_by, case.closed_by])),
            left=calendar.working_days_between(day, case.due_on) if case.due_on else None,
            may_handle=may_handle and bool(may_step_follow_up(case.state, FollowUpAct.HANDLE)),
            may_close=closes
            and bool(may_step_follow_up(case.state, FollowUpAct.CLOSE))
            and bool(may_close_follow_up(case.handled_by, who.code)),
            sentences=sentences or [],
            entered=request.form,
            **WORDS,
        )
