"""The parts that all dossiers of a task share, from scheme and plan entry to matching and notices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.archive.contents.facts import TaskFacts, at, on
from app.archive.packing import Piece, write_csv
from app.archive.paper import Paper
from app.audit.names import event_name
from app.draws.models import Draw
from app.draws.queries import bundle, get_draw
from app.draws.rules import DrawState
from app.matching.rules import AssignmentState
from app.regulation.vocabulary import CheckMethod, ItemCategory
from app.tasks.queries import active_agencies, items_of
from app.tasks.rules import ResponseState


def common_pieces(session: Session, facts: TaskFacts) -> Iterator[Piece]:
    """In the order of the task's life."""
    yield Piece("common/01-scheme.docx", _("Inspection scheme"), _scheme(facts))
    yield Piece("common/02-plan-entry.json", _("Entry of the yearly plan"), _plan_entry(facts))
    yield Piece("common/03-task-record.docx", _("Record of the task"), _record(facts))
    yield Piece("common/03-events.csv", _("Events of the task (data)"), _events(facts))
    yield Piece("common/04-responses.csv", _("Responses of the participants"), _responses(facts))
    for draw in facts.draws:
        folder = f"common/05-draw-{draw.draw_no}"
        yield Piece(
            f"{folder}/record.docx", _("Record of the draw %(no)s", no=draw.draw_no), _draw(facts, draw)
        )
        if draw.plan is not None:
            content = bundle(session, get_draw(session, draw.id))
            yield Piece(f"{folder}/bundle.zip", _("Full bundle of the draw %(no)s", no=draw.draw_no), content)
    yield Piece("common/06-drawn-targets.csv", _("Drawn targets"), _drawn(facts))
    yield Piece("common/07-matching.csv", _("Matched inspectors"), _matching(facts))
    if facts.visits:
        yield Piece("common/08-notices.docx", _("Notices of inspection (copies)"), _notices(facts))


def paper_of(facts: TaskFacts, title: str, number: str = "") -> Paper:
    paper = Paper(title, facts.task.initiator.name, facts.made_at)
    paper.title(title, number)
    return paper


def _scheme(facts: TaskFacts) -> bytes:
    task = facts.task
    paper = paper_of(facts, _("Inspection scheme: %(name)s", name=task.name), task.no)
    paper.heading(_("1. Content"))
    paper.text(task.content)
    paper.heading(_("2. Time"))
    paper.text(_("From %(first)s to %(last)s.", first=task.period_from, last=task.period_to))
    paper.heading(_("3. Method"))
    paper.text(_(CheckMethod(task.method).label))
    announced = _("The notice is sent ahead. Reason: %(reason)s", reason=task.announced_reason)
    paper.text(announced if task.announced else _("The notice is handed over at the door."))
    paper.heading(_("4. Agencies and items"))
    rows = [
        (agency.name, item.code, item.name, _(ItemCategory(item.category).label))
        for agency in active_agencies(task)
        for item in items_of(task, agency.id)
    ]
    paper.table((_("Agency"), _("Item number"), _("Item"), _("Category")), rows)
    paper.signature(task.initiator.name, on(task.created_at.date()))
    return paper.content()


def _plan_entry(facts: TaskFacts) -> bytes:
    entry = facts.task.entry
    found: dict[str, Any] = {
        "plan": entry.plan.no,
        "plan_name": entry.plan.name,
        "no": entry.no,
        "name": entry.name,
        "category": entry.category,
        "method": entry.method,
        "months": [entry.month_from, entry.month_to],
        "planned_number": entry.planned_number,
        "task_no": facts.task.no,
        "rule": facts.task.rule,
        "selection": facts.task.selection,
    }
    return (json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _record(facts: TaskFacts) -> bytes:
    paper = paper_of(facts, _("Record of the task: %(name)s", name=facts.task.name), facts.task.no)
    rows = [
        (at(event.at), event_name(event.tag), facts.names.get(event.actor, event.actor), event.subject)
        for event in facts.events
    ]
    paper.table((_("Time"), _("What"), _("Who"), _("Subject")), rows)
    return paper.content()


def _events(facts: TaskFacts) -> bytes:
    rows = [
        {
            "id": event.id,
            "at": at(event.at),
            "tag": event.tag,
            "subject": event.subject,
            "actor": event.actor,
            "data": json.dumps(event.data, ensure_ascii=False, sort_keys=True),
        }
        for event in facts.events
    ]
    return write_csv(("id", "at", "tag", "subject", "actor", "data"), rows)


def _responses(facts: TaskFacts) -> bytes:
    rows = [
        {
            "agency": part.agency.name,
            "state": _(ResponseState(part.state).label),
            "due": at(part.due_at),
            "responded": at(part.responded_at),
            "late": _("Yes") if part.late else _("No"),
            "reason": part.reason,
            "overdue_reason": part.overdue_reason,
            "release_reason": part.release_reason,
        }
        for part in facts.task.participants
    ]
    columns = ("agency", "state", "due", "responded", "late", "reason", "overdue_reason", "release_reason")
    return write_csv(columns, rows)


def _draw(facts: TaskFacts, draw: Draw) -> bytes:
    paper = paper_of(facts, _("Record of the draw %(no)s", no=draw.draw_no), facts.task.name)
    paper.heading(_("1. Course"))
    steps = [
        (_("State"), _(DrawState(draw.state).label)),
        (_("List frozen"), at(draw.frozen_at)),
        (_("Commitment"), draw.plan_hash or ""),
        (_("Closing value"), draw.closing or ""),
        (_("Drawn"), at(draw.drawn_at)),
        (_("Seed"), draw.seed or ""),
        (_("Opened"), at(draw.opened_at)),
    ]
    if draw.state == DrawState.VOID:
        steps.append((_("Why void"), f"{draw.void_reason} {draw.void_who}".strip()))
    paper.table((_("Step"), _("Value")), [step for step in steps if step[1]])
    paper.heading(_("2. Random numbers"))
    witnesses = [(row.witness, at(row.committed_at), at(row.received_at)) for row in draw.contributions]
    paper.table((_("Witness"), _("Committed"), _("Revealed")), witnesses)
    paper.heading(_("3. Drawn targets"))
    rows = [
        (str(row.rank), row.code, row.target.name, row.replace_reason)
        for row in facts.drawn
        if row.draw_id == draw.id
    ]
    paper.table((_("Order drawn"), _("Code"), _("Name"), _("Replaced because")), rows)
    return paper.content()


def _drawn(facts: TaskFacts) -> bytes:
    numbers = {draw.id: draw.draw_no for draw in facts.draws}
    rows = [
        {
            "draw_no": numbers.get(row.draw_id, ""),
            "batch": row.batch,
            "rank": row.rank,
            "code": row.code,
            "name": row.target.name,
            "region": row.region_code,
            "replaced": _("Yes") if row.replaced_by_id else _("No"),
            "reason": row.replace_reason,
        }
        for row in facts.drawn
    ]
    return write_csv(("draw_no", "batch", "rank", "code", "name", "region", "replaced", "reason"), rows)


def _matching(facts: TaskFacts) -> bytes:
    targets = {row.id: row for row in facts.drawn}
    rows = [
        {
            "code": targets[row.drawn_target_id].code,
            "name": targets[row.drawn_target_id].target.name,
            "agency": row.agency.name,
            "inspector": row.inspector.name,
            "certificate": row.inspector.certificate_no,
            "role": _("Leader") if row.role == "lead" else _("Member"),
            "state": _(AssignmentState(row.state).label),
            "reason": row.reason,
        }
        for row in facts.assignments
        if row.drawn_target_id in targets
    ]
    return write_csv(("code", "name", "agency", "inspector", "certificate", "role", "state", "reason"), rows)


def _notices(facts: TaskFacts) -> bytes:
    """One page per visit, as it was handed over; without its token, which only the target holds."""
    task = facts.task
    paper = Paper(_("Notices of inspection (copies)"), task.initiator.name, facts.made_at)
    for number, visit in enumerate(facts.visits):
        if number:
            paper.new_page()
        paper.title(_("Notice of inspection"), visit.no)
        paper.text(_("To %(name)s (%(code)s):", name=visit.target.name, code=visit.target.code))
        paper.text(
            _(
                "You were drawn at random. A joint group inspects you from %(first)s to %(last)s: %(task)s.",
                first=task.period_from,
                last=task.period_to,
                task=task.name,
            )
        )
        group = [
            (row.agency.name, row.inspector.name, row.inspector.certificate_no or "")
            for row in facts.assignments
            if row.drawn_target_id == visit.drawn_target_id and row.state == AssignmentState.CONFIRMED
        ]
        paper.table((_("Agency"), _("Inspector"), _("Certificate")), group)
        paper.signature(task.initiator.name, on(visit.approved_at.date()) if visit.approved_at else "")
    return paper.content()
