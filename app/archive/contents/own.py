"""The parts that belong to one agency: its forms, results, follow-ups and publications."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from app.archive.contents.facts import TaskFacts, at, on
from app.archive.packing import Piece, write_csv
from app.archive.paper import Paper
from app.inspections.models import CheckForm
from app.inspections.rules import FollowUpState, FormState, LineAnswer
from app.publicity.rules import PublicationState
from app.security.models import Agency


def own_pieces(facts: TaskFacts, agency: Agency) -> Iterator[Piece]:
    forms = [form for form in facts.forms if form.agency_id == agency.id]
    if forms:
        yield Piece("own/11-check-forms.docx", _("Check forms"), _papers(facts, agency, forms))
        yield Piece("own/11-check-forms.json", _("Check forms (data)"), _data(forms))
    yield Piece("own/12-results.csv", _("Results"), _results(facts, forms))
    cases = [case for case in facts.follow_ups if case.agency_id == agency.id]
    if cases:
        yield Piece("own/13-follow-ups.docx", _("Follow-up of problems"), _follow_ups(facts, agency, cases))
    yield Piece("own/14-publications.csv", _("Publications"), _publications(facts, agency))


def _papers(facts: TaskFacts, agency: Agency, forms: list[CheckForm]) -> bytes:
    paper = Paper(_("Check forms"), agency.name, facts.made_at)
    for number, form in enumerate(forms):
        if number:
            paper.new_page()
        paper.title(_("Check form"), form.no)
        target = form.visit.target
        head = [
            (_("Target"), f"{target.name}（{target.code}）"),
            (_("Inspected by"), agency.name),
            (_("Task"), f"{facts.task.name}（{facts.task.no}）"),
            (_("Inspected from, to"), f"{on(form.visit_started_on)} – {on(form.visit_ended_on)}"),
            (_("Accompanied by"), form.accompanied_by),
        ]
        paper.table((_("What"), _("Value")), head)
        lines = [(line["item"], line["text"], _answer(line["answer"]), line["remark"]) for line in form.lines]
        paper.table((_("Item"), _("Content"), _("Found"), _("Remark")), lines)
        paper.heading(_("Result"))
        paper.text(form.result.text if form.result else "—")
        if form.problem_text:
            paper.text(form.problem_text)
        if form.disposition:
            paper.text(f"{form.disposition.text} {form.disposition_text}".strip())
        if form.state == FormState.EXEMPT:
            paper.text(_("Not published. Basis: %(basis)s", basis=form.exempt_basis))
        signed = [
            (_("Submitted"), facts.names.get(form.submitted_by or "", ""), at(form.submitted_at)),
            (_("Approved"), facts.names.get(form.approved_by or "", ""), at(form.approved_at)),
        ]
        paper.table((_("Step"), _("Who"), _("Time")), signed)
    return paper.content()


def _answer(code: str) -> str:
    return _(LineAnswer(code).label) if code else "—"


def _data(forms: list[CheckForm]) -> bytes:
    rows: list[dict[str, Any]] = [
        {
            "no": form.no,
            "state": str(form.state),
            "target": form.visit.target.code,
            "started_on": on(form.visit_started_on),
            "ended_on": on(form.visit_ended_on),
            "result": form.result.code if form.result else None,
            "problem": form.problem_text,
            "disposition": form.disposition_code,
            "lines": form.lines,
        }
        for form in forms
    ]
    return (json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _results(facts: TaskFacts, forms: list[CheckForm]) -> bytes:
    rows = [
        {
            "no": form.no,
            "code": form.visit.target.code,
            "name": form.visit.target.name,
            "ended_on": on(form.visit_ended_on),
            "result": form.result.text if form.result else "",
            "disposition": form.disposition.text if form.disposition else "",
            "state": _(FormState(form.state).label),
            "due": at(form.publish_due_at),
            "published": at(form.published_at),
            "exempt_basis": form.exempt_basis,
        }
        for form in forms
    ]
    columns = (
        "no",
        "code",
        "name",
        "ended_on",
        "result",
        "disposition",
        "state",
        "due",
        "published",
        "exempt_basis",
    )
    return write_csv(columns, rows)


def _follow_ups(facts: TaskFacts, agency: Agency, cases: list[Any]) -> bytes:
    paper = Paper(_("Follow-up of problems"), agency.name, facts.made_at)
    for number, case in enumerate(cases):
        if number:
            paper.new_page()
        paper.title(_("Follow-up of a problem"), case.no)
        rows = [
            (_("Target"), f"{case.target.name}（{case.target.code}）"),
            (_("Check form"), case.form.no),
            (_("Problem"), case.problem),
            (_("Disposition"), case.disposition.text if case.disposition else ""),
            (_("Due"), on(case.due_on)),
            (_("State"), _(FollowUpState(case.state).label)),
            (_("Handled"), f"{at(case.handled_at)} {case.handled_text}".strip()),
            (_("Closed"), at(case.closed_at)),
        ]
        paper.table((_("What"), _("Value")), rows)
    return paper.content()


def _publications(facts: TaskFacts, agency: Agency) -> bytes:
    rows = [
        {
            "key": row.subject_key,
            "channel": row.channel,
            "state": _(PublicationState(row.state).label),
            "due": at(row.due_at),
            "delivered": at(row.delivered_at),
            "withdraw_reason": row.withdraw_reason,
        }
        for row in facts.publications
        if row.agency_id == agency.id
    ]
    return write_csv(("key", "channel", "state", "due", "delivered", "withdraw_reason"), rows)
