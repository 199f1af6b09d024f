"""Pages of tasks: list, task page, one page per act, the offices' list of overdue answers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.security.context import Person, current_clock
from app.security.finders import Finder, Found, finders
from app.security.menu import MenuItem, add_menu
from app.tasks import due, libraries
from app.tasks.queries import Filter, find_tasks, overdue_counted, tasks_counted
from app.tasks.views.acts import TaskActs
from app.tasks.views.overdue import OverdueView
from app.tasks.views.pages import TaskPages
from app.tasks.views.responses import ResponsePages


def _open_tasks(who: Person) -> Select[Any]:
    return tasks_counted(Filter(state="open"))


def _overdue(who: Person) -> Select[Any]:
    return overdue_counted(current_clock().now())


def _find(session: Session, text: str, most: int) -> list[Found]:
    return [Found(t.name, t.no, f"/tasks/{t.id}") for t in find_tasks(session, text, most)]


_finder = Finder(_l("Tasks"), _find)


def register(appbuilder: Any) -> None:
    for view in (TaskPages, TaskActs, ResponsePages, OverdueView):
        appbuilder.add_view_no_menu(view)
    add_menu(
        MenuItem(
            "carry_out",
            _l("Tasks"),
            "TaskPages.list",
            "clipboard-list",
            ("can_read", "Tasks"),
            order=10,
            counted=_open_tasks,
        ),
        MenuItem(
            "carry_out",
            _l("Overdue responses"),
            "OverdueView.list",
            "hourglass",
            ("can_read", "OverdueResponses"),
            order=20,
            counted=_overdue,
            alarming=True,
        ),
    )
    finders.add(_finder)
    due.register()
    libraries.register()
