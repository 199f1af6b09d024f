"""`/national/tasks`: what the agency carried out in national systems."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_appbuilder import expose

from app.db import db
from app.directories.listing.pages import list_page
from app.inspections.national import queries
from app.inspections.national.rules import ResultState
from app.inspections.national.views.shared import READERS, may, tabs
from app.inspections.rules import ResultKind
from app.security.access import guarded
from app.security.views import Grants, PortalView


class NationalTaskView(PortalView):
    route_base = "/national/tasks"
    default_view = "list"
    grants: ClassVar[Grants] = {"can_list": READERS, "can_show": READERS}

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(
            self,
            "national_tasks",
            "national/list.html",
            tabs=tabs("NationalTaskView.list"),
            kind="national_tasks",
            may_import=may("can_push", "NationalSyncApi"),
        )

    @expose("/<int:task_id>")
    @guarded("show")
    def show(self, task_id: int) -> str:
        session = db.session()
        task = queries.get_task(session, task_id)
        rows = queries.results_of_task(session, task_id)
        return self.render(
            "national/task.html",
            task=task,
            rows=rows[: queries.SHOWN],
            more=len(rows) > queries.SHOWN,
            states=ResultState,
            kinds=ResultKind,
        )
