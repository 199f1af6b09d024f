"""One page for every request to see personal data: what, of which record, and why."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.kernel.errors import DomainError, Invalid
from app.security.access import guarded
from app.security.context import current_actor, request_unit
from app.security.explain import explain, explain_fault
from app.security.fields import choices
from app.security.protection import services
from app.security.protection.forms import ShowForm
from app.security.protection.rules import ASKERS, SHOWN_FOR, Sight
from app.security.protection.showing import my_sight, remember
from app.security.protection.subjects import Subject, subject_named
from app.security.views import PortalView


class PersonalDataView(PortalView):
    """`/personal/target/12`: GET asks, POST notes the reason and leads back to the record."""

    route_base = "/personal"
    grants = {"can_ask": ASKERS}

    @expose("/<string:subject>/<int:record_id>", methods=["GET", "POST"])
    @guarded("ask")
    def ask(self, subject: str, record_id: int) -> Any:
        known = subject_named(subject)
        if not current_app.appbuilder.sm.has_access(*known.reads):
            abort(404)
        found = known.load(db.session(), current_actor(), record_id)
        offered = _offered(known, found)
        if not offered:
            abort(404)
        form = ShowForm()
        form.fields.choices = choices(offered)
        extra: list[str] = []
        if request.method == "GET":
            wanted = request.args.getlist("field")
            form.fields.data = [field for field, _label in offered if field in wanted or len(offered) == 1]
        elif form.validate():
            try:
                picked = list(form.fields.data or [])
                with request_unit() as unit:
                    services.show_personal(unit, subject, record_id, picked, form.reason.data or "")
                remember(f"{subject}:{record_id}", [field for field in known.fields if field in picked])
                flash(_("Shown for %(n)s minutes; the log keeps it.", n=SHOWN_FOR.seconds // 60), "success")
                return redirect(known.url(record_id))
            except Invalid as error:
                form.fields.errors = [*form.fields.errors, *map(explain_fault, error.faults)]
            except DomainError as error:
                form.reason.errors = [*form.reason.errors, explain(error)]
        return self.render(
            "protection/ask.html",
            form=form,
            extra=extra,
            record_name=str(found),
            back_url=known.url(record_id),
        ), 200 if request.method == "GET" else 422


def _offered(subject: Subject, found: Any) -> list[tuple[str, Any]]:
    """The fields of the record that lie under a mask for this person and are not empty."""
    return [
        (field, label)
        for field, (kind, label) in subject.fields.items()
        if my_sight(kind) is Sight.MASKED and getattr(found, field)
    ]


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(PersonalDataView)
