"""Papers: the notice, the approval form, the visit sheets. Printed in parts; no page is without end."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any, ClassVar

import segno
from flask import abort, current_app, request, url_for
from flask_appbuilder import expose
from markupsafe import Markup

from app.db import db
from app.inspections import queries, services
from app.inspections.models import Visit
from app.inspections.rules import may_start
from app.inspections.views.shared import WORDS, actor, after_key, is_readable, watermark
from app.security.access import guarded
from app.security.rules import RoleName
from app.security.views import Grants, PortalView
from app.tasks.queries import active_agencies, get_task, items_of

PRINTED_AT_ONCE = 30


class PaperView(PortalView):
    route_base = "/visits/papers"
    grants: ClassVar[Grants] = {
        "can_print": frozenset({RoleName.CLERK, RoleName.REVIEWER, RoleName.AGENCY_ADMIN, RoleName.INSPECTOR})
    }

    @expose("/notice/<int:visit_id>")
    @guarded("print")
    def notice(self, visit_id: int) -> str:
        """行政检查通知书 of one visit."""
        visit = queries.get_visit(db.session(), actor(), visit_id)
        back = url_for("VisitView.show", visit_id=visit_id)
        return self._paper("inspections/notices.html", visit.task_id, [visit], back)

    @expose("/notices/<int:task_id>")
    @guarded("print")
    def notices(self, task_id: int) -> str:
        """行政检查通知书 of all visits of a task, one page each."""
        return self._of_task("inspections/notices.html", task_id, ".notices")

    @expose("/sheet/<int:visit_id>")
    @guarded("print")
    def sheet(self, visit_id: int) -> str:
        """检查记录表 of the own agency for one visit, filled in as far as it is."""
        visit = queries.get_visit(db.session(), actor(), visit_id)
        back = url_for("VisitView.show", visit_id=visit_id)
        return self._paper("inspections/sheets.html", visit.task_id, [visit], back)

    @expose("/sheets/<int:task_id>")
    @guarded("print")
    def sheets(self, task_id: int) -> str:
        """检查记录表 of all visits of a task."""
        return self._of_task("inspections/sheets.html", task_id, ".sheets")

    @expose("/approval/<int:task_id>")
    @guarded("print")
    def approval(self, task_id: int) -> str:
        """行政检查审批表 of a task."""
        return self._of_task("inspections/approval_paper.html", task_id, ".approval", needs_approval=False)

    def _of_task(self, template: str, task_id: int, endpoint: str, needs_approval: bool = True) -> str:
        if not queries.watches_agency(actor()):
            abort(404)
        page = queries.visits_of_task(db.session(), task_id, after=after_key(), limit=PRINTED_AT_ONCE)
        following = url_for(endpoint, task_id=task_id, after=page.after) if page.after else ""
        return self._paper(template, task_id, page.rows, f"/tasks/{task_id}", following, needs_approval)

    def _paper(
        self,
        template: str,
        task_id: int,
        visits: Sequence[Visit],
        back_url: str,
        next_url: str = "",
        needs_approval: bool = True,
    ) -> str:
        session = db.session()
        task = get_task(session, task_id)
        if needs_approval:
            for visit in visits:
                may_start(visit.approved_at).require()
        agencies = active_agencies(task)
        return self.render(
            template,
            task=task,
            visits=visits,
            agencies=agencies,
            items={agency.id: items_of(task, agency.id) for agency in agencies},
            groups=queries.groups_of(session, [v.drawn_target_id for v in visits]),
            case_of=case_of,
            blank=request.args.get("blank") == "1",
            results=queries.choices(session, _line(agencies)),
            own_agency=actor().agency_id,
            is_readable=is_readable,
            back=back_url,
            next_url=next_url,
            watermark=watermark(),
            **WORDS,
        )


def _line(agencies: Sequence[Any]) -> str:
    own = next((a for a in agencies if a.id == actor().agency_id), agencies[0])
    return str(own.line_code)


def case_of(visit: Visit) -> dict[str, Any]:
    """The token of a visit's notice, the address that asks for it, and that address as an SVG.

    The address does not hold the token: it would stand in the logs of servers.
    """
    token = services.notice_token(visit.no)
    base = f"{current_app.extensions['settings'].base_url}/public"
    url = f"{base}/own-case"
    drawing = segno.make(url, error="m").svg_inline(scale=3, border=1, svgclass=None, lineclass=None)
    return {
        "token": " ".join(wrap(token, 4)),
        "url": url,
        "recusal_url": f"{base}/recusal/",
        "qr": Markup(drawing),
    }
