"""The check form on a phone. It works without scripts; a refused entry comes back as it was entered."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import Unit, db
from app.directories.inspectors.offering import experts_offered
from app.inspections import queries, services
from app.inspections.models import CheckForm
from app.inspections.rules import (
    FormEntry,
    FormState,
    form_faults,
    form_warnings,
    may_start,
    read_entry,
    what_is_missing,
)
from app.inspections.services.filling import choice, entry_of
from app.inspections.views.shared import WORDS, actor, as_text, held_by
from app.kernel.clock import today
from app.kernel.errors import DomainError, Fault, Invalid, NotFound, Stale
from app.security.access import guarded
from app.security.context import current_clock, request_unit
from app.security.explain import explain, explain_fault
from app.security.rules import RoleName
from app.security.views import Grants, PortalView

SUGGESTED = 50
"""Experts whose names are offered while somebody types."""


class FormView(PortalView):
    """`/visits/forms/<id>`: one agency, one target."""

    route_base = "/visits/forms"
    grants: ClassVar[Grants] = {"can_fill": frozenset({RoleName.INSPECTOR})}

    @expose("/<int:form_id>", methods=["GET", "POST"])
    @guarded("fill")
    def fill(self, form_id: int) -> Response | str | tuple[str, int]:
        form = queries.get_form(db.session(), actor(), form_id)
        if not FormState(form.state).is_open_for_entry and request.method == "GET":
            return redirect(url_for("VisitView.show", visit_id=form.visit_id))
        if request.method == "GET":
            return self._page(form, entry_of(form))
        entry, faults = read_entry(request.form, [line["key"] for line in form.lines])
        is_submission = request.form.get("act") == "submit"
        try:
            with request_unit() as unit:
                _store(unit, form_id, entry, faults, is_submission)
        except NotFound:
            raise
        except DomainError as error:
            db.session().expire_all()
            form = queries.get_form(db.session(), actor(), form_id)
            return self._page(form, entry, error), error.status
        if is_submission:
            flash(_("The check form has been submitted for review."), "success")
            return redirect(url_for("VisitView.index"))
        for warning in form_warnings(entry, form.task.period_from, form.task.period_to):
            flash(explain_fault(warning), "warning")
        flash(_("Saved."), "success")
        return redirect(url_for(".fill", form_id=form_id))

    def _page(self, form: CheckForm, entry: FormEntry, error: DomainError | None = None) -> str:
        session = db.session()
        results = queries.choices(session, form.agency.line_code)
        dispositions = queries.dispositions(session)
        result = next((r for r in results if r.id == entry.result_id), None)
        disposition = next((d for d in dispositions if d.code == entry.disposition_code), None)
        keys = [line["key"] for line in form.lines]
        missing = form_faults(entry, keys, choice(result), choice(disposition), today(current_clock()))
        group = queries.joint_group(session, form.visit.drawn_target_id)
        return self.render(
            "inspections/form.html",
            form=form,
            visit=form.visit,
            entry=entry,
            results=results,
            dispositions=dispositions,
            group=[m for m in group if m.agency_id == form.agency_id],
            today=today(current_clock()),
            approved=bool(may_start(form.visit.approved_at)),
            missing=[field_name(name, keys) for name in what_is_missing(missing)],
            answered=sum(bool(line.answer) for line in entry.lines.values()),
            faults=_sentences(error),
            sentence="" if error is None or isinstance(error, Invalid) else explain(error),
            changes=_changes(error, keys, {r.id: r.text for r in results}),
            field_name=lambda name: field_name(name, keys),
            conflict_url=conflict_url(form),
            held=held_by(session, form.visit.target_id),
            experts=experts_offered(session, "", today(current_clock()), SUGGESTED),
            **WORDS,
        )


def _store(unit: Unit, form_id: int, entry: FormEntry, faults: list[Fault], is_submission: bool) -> None:
    if faults:
        raise Invalid("invalid", faults)
    (services.submit_form if is_submission else services.save_form)(unit, form_id, entry)


def _sentences(error: DomainError | None) -> dict[str, str]:
    """By field: what is wrong with it."""
    if not isinstance(error, Invalid):
        return {}
    found: dict[str, str] = {}
    for fault in error.faults:
        found.setdefault(fault.field, explain_fault(fault))
    return found


def _changes(error: DomainError | None, keys: list[str], results: dict[int, str]) -> list[dict[str, Any]]:
    if not isinstance(error, Stale):
        return []

    def shown(field: str, value: Any) -> str:
        return results.get(value, "") if field == "result_id" else as_text(value)

    return [
        {
            "field": field_name(c["field"], keys),
            "theirs": shown(c["field"], c["theirs"]),
            "yours": shown(c["field"], c["yours"]),
        }
        for c in error.facts.get("changes", [])
    ]


def conflict_url(form: CheckForm) -> str:
    """Where the person declares a conflict of interest about this target (R-25.2)."""
    assignment = queries.own_assignment(db.session(), actor().user_id, form.visit.drawn_target_id)
    return f"/matching/recuse/{assignment}" if assignment else ""


def field_name(name: str, keys: list[str]) -> str:
    """A field of the form as the page calls it."""
    kind, _dash, key = name.partition("-")
    if key in keys:
        return _("item %(n)s", n=keys.index(key) + 1)
    return {
        "result": _("result"),
        "result_id": _("result"),
        "problem_text": _("description of the problem"),
        "disposition": _("what follows"),
        "disposition_code": _("what follows"),
        "disposition_text": _("what follows, in words"),
        "accompanied_by": _("accompanying persons"),
        "started_on": _("first day of the visit"),
        "ended_on": _("last day of the visit"),
    }.get(kind, kind)
