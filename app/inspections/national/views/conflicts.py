"""`/national/contradictions`: rows that are not taken over by themselves; a person of the agency decides each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from app.db import db
from app.directories.importing.packing import plain
from app.directories.listing.pages import list_page
from app.inspections.national import queries, services
from app.inspections.national.labels import LABELS
from app.inspections.national.listing import SUBJECTS
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.rules import Against, Choose, ConflictState, Subject, choices_of
from app.inspections.national.services.deciding import DECIDERS
from app.inspections.national.showing import texts_of
from app.inspections.national.views.shared import READERS, may, tabs
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_actor
from app.security.views import Grants, PortalView

WORDS: Mapping[Choose, Any] = {
    Choose.TAKE: _l("Take over what the system says; it waits for review again"),
    Choose.KEEP: _l("Keep what stands"),
    Choose.ADD: _l("Both are right: take it in beside what stands"),
}


class DecisionForm(FlaskForm):
    decision = RadioField(_l("Decision"), [InputRequired()])
    reason = StringField(
        _l("Reason"),
        [InputRequired(), Length(max=300)],
        description=_l("Kept with the decision and in the log."),
    )

    def offer(self, session: Session, conflict: NationalConflict) -> None:
        offered = choices_of(conflict.against, _known(session, conflict))
        self.decision.choices = [(choice.value, WORDS[choice]) for choice in offered]


class NationalConflictView(PortalView):
    route_base = "/national/contradictions"
    default_view = "list"
    grants: ClassVar[Grants] = {"can_list": READERS, "can_decide": DECIDERS}

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(
            self,
            "national_conflicts",
            "national/list.html",
            tabs=tabs("NationalConflictView.list"),
            kind="",
            may_import=False,
        )

    @expose("/<int:conflict_id>")
    @guarded("list")
    def show(self, conflict_id: int) -> Any:
        return self._page(queries.get_conflict(db.session(), conflict_id), DecisionForm(formdata=None), [])

    @expose("/<int:conflict_id>/decide", methods=["POST"])
    @guarded("decide")
    def decide(self, conflict_id: int) -> Any:
        session = db.session()
        conflict = queries.get_conflict(session, conflict_id)
        form, extra = DecisionForm(), []
        form.offer(session, conflict)
        if form.validate():
            choice, reason = Choose(form.decision.data), form.reason.data or ""
            act = perform(lambda unit: services.decide(unit, conflict_id, choice, reason), form)
            if act.done:
                flash(_("Decided; the reason is kept."), "success")
                return redirect(url_for(".list", state=ConflictState.OPEN.value))
            extra = act.sentences
        return self._page(queries.get_conflict(session, conflict_id), form, extra), 422

    def _page(self, conflict: NationalConflict, form: DecisionForm, extra: Any) -> str:
        session = db.session()
        form.offer(session, conflict)
        return self.render(
            "national/conflict.html",
            conflict=conflict,
            state=ConflictState(conflict.state),
            against=Against(conflict.against),
            subject=SUBJECTS[Subject(conflict.subject)],
            lines=_lines(session, conflict),
            form=form,
            extra=extra,
            mine=may("can_decide", "NationalConflictView")
            and conflict.state == ConflictState.OPEN
            and conflict.agency_id == current_actor().agency_id,
        )


def _known(session: Session, conflict: NationalConflict) -> bool:
    """Whether the system's own row stands."""
    model: Any = NationalTask if conflict.subject == Subject.TASK else NationalResult
    row = exists().where(model.system_id == conflict.system_id, model.source_id == conflict.source_id)
    return bool(session.scalar(select(row)))


def _lines(session: Session, conflict: NationalConflict) -> list[tuple[Any, str, str]]:
    """Label, what stands, what the system says."""
    held = conflict.task if conflict.subject == Subject.TASK else conflict.result
    stands = {name: plain(getattr(held, name)) for name in conflict.said} if held is not None else {}
    form = conflict.form
    if held is None and form is not None:
        stands = {
            "target_id": form.visit.target_id,
            "checked_on": plain(form.visit_ended_on or form.visit_started_on),
            "result_id": form.result_id,
            "problem_text": form.problem_text,
            "disposition_code": form.disposition_code,
            "disposition_text": form.disposition_text,
        }
    before, said = texts_of(session, [stands, conflict.said])
    return [
        (LABELS[name], before.get(name, ""), said[name])
        for name in conflict.said
        if before.get(name) or said[name]
    ]
