"""Lists of the console: outbox rows without their payload."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash
from flask_admin.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.jobs.models import Outbox, OutboxState
from app.jobs.queries import OPEN
from app.jobs.services import try_again
from app.kernel.clock import SHANGHAI
from app.kernel.errors import DomainError
from app.ops.access import ConsoleList
from app.security.context import current_clock, request_unit
from app.security.explain import explain
from app.security.requests import primary_key


def _state(view: Any, context: Any, row: Outbox, name: str) -> Markup:
    state = OutboxState(row.state)
    kind = f" is-{state.colour}" if state.colour not in ("none", "mute") else ""
    return Markup('<span class="eh-status{}">{}</span>').format(Markup(kind), _(state.label))


def _age(view: Any, context: Any, row: Outbox, name: str) -> str:
    end = row.done_at or current_clock().now()
    seconds = max(0, int((end - row.created_at).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"


def _time(view: Any, context: Any, row: Any, name: str) -> str:
    at: datetime | None = getattr(row, name)
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at else ""


class OutboxList(ConsoleList):
    """Every row ever written, the newest first. Never the arguments."""

    column_list = ("id", "kind", "key", "state", "age", "attempts", "due_at", "error")
    column_labels = {
        "id": _l("Number"),
        "kind": _l("Kind"),
        "key": _l("Key"),
        "state": _l("State"),
        "age": _l("Age"),
        "attempts": _l("Attempts"),
        "due_at": _l("Due at"),
        "error": _l("Last error"),
    }
    column_formatters = {"state": _state, "age": _age, "due_at": _time}
    column_sortable_list = ()
    column_default_sort = ("id", True)

    def get_empty_list_message(self) -> str:
        return _("No jobs here.")


class OpenList(OutboxList):
    column_default_sort = ("due_at", False)

    def get_query(self) -> Any:
        return super().get_query().filter(Outbox.state.in_(OPEN))


class FailedList(OutboxList):
    """What needs a person."""

    def get_query(self) -> Any:
        return super().get_query().filter(Outbox.state == OutboxState.FAILED)

    @action("again", _l("Try again"), _l("Give these jobs all their attempts anew?"))
    def again(self, ids: list[str]) -> None:
        repeated = 0
        for pk in ids[: self.page_size]:
            try:
                with request_unit() as unit:
                    try_again(unit, primary_key(pk))
                repeated += 1
            except DomainError as fault:
                flash(explain(fault), "danger")
        if repeated:
            flash(_("Jobs started again: %(n)s.", n=repeated), "success")
