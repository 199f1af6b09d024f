"""The journey's third part: forms, review, publication, follow-up, dossier."""

from __future__ import annotations

import time

from sqlalchemy import select

from app.archive.services import build_dossiers, close_task
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.inspections.models import CheckForm, FollowUp, ResultVocabulary
from app.inspections.queries import choices
from app.inspections.rules import FormEntry, FormState, LineAnswer, LineEntry, ResultKind
from app.inspections.services import (
    approve_form,
    approve_visits,
    close_follow_up,
    handle_follow_up,
    submit_form,
)
from app.jobs.execution import run_outbox
from app.jobs.models import Outbox
from app.jobs.queries import OPEN
from app.kernel.clock import today
from app.matching.models import Assignment
from app.matching.rules import AssignmentState
from app.security.models import Account, Agency
from app.web.demo.actors import acting_as, looking
from app.web.demo.planning import PublishedEntry, account

MOST_JOBS = 500
LONGEST_WAIT = 60.0


def checked_task(task_id: int, entry: PublishedEntry) -> None:
    """Every form filled by a matched inspector, approved and published; the problem found is followed up."""
    with acting_as(account(entry.agencies[0], "reviewer")) as unit:
        approve_visits(unit, task_id)
    for number, (form_id, username) in enumerate(_forms(task_id)):
        with acting_as(username) as unit:
            form = unit.session.get(CheckForm, form_id)
            submit_form(unit, form_id, _entry(unit, form, with_problem=number == 0))
    for form_id, _, agency in _agencies(task_id):
        with acting_as(account(agency, "reviewer")) as unit:
            approve_form(unit, form_id)
    run_jobs()
    _follow_up(task_id)


def _entry(unit: Unit, form: CheckForm, with_problem: bool) -> FormEntry:
    rows = choices(unit.session, form.agency.line_code)
    wanted = _result(rows, with_problem)
    day = today(unit.clock)
    return FormEntry(
        result_id=wanted.id,
        problem_text="客房内未公示价目表，已责令改正。" if with_problem else "",
        lines={line["key"]: LineEntry(LineAnswer.OK.value) for line in form.lines},
        started_on=day,
        ended_on=day,
        version=form.version,
        disposition_code=None,
    )


def _result(rows: list[ResultVocabulary], with_problem: bool) -> ResultVocabulary:
    for row in rows:
        if with_problem and row.kind == ResultKind.PROBLEM and row.needs_follow_up:
            return row
        if not with_problem and row.kind == ResultKind.NO_PROBLEM:
            return row
    raise LookupError("the vocabulary of results has no fitting row")


def _forms(task_id: int) -> list[tuple[int, str]]:
    """Each form with the account of an inspector who is assigned to it."""
    with looking("the journey's forms") as unit:
        found = []
        for form in unit.session.scalars(
            select(CheckForm).where(CheckForm.task_id == task_id).order_by(CheckForm.id)
        ):
            username = unit.session.scalars(
                select(Account.username)
                .join(Inspector, Inspector.user_id == Account.id)
                .join(Assignment, Assignment.inspector_id == Inspector.id)
                .where(
                    Assignment.drawn_target_id == form.visit.drawn_target_id,
                    Assignment.agency_id == form.agency_id,
                    Assignment.state == AssignmentState.CONFIRMED.value,
                )
                .order_by(Assignment.role, Assignment.id)
                .limit(1)
            ).one()
            found.append((form.id, username))
        return found


def _agencies(task_id: int) -> list[tuple[int, str, str]]:
    with looking("the journey's forms") as unit:
        rows = unit.session.execute(
            select(CheckForm.id, CheckForm.no, Agency.code)
            .join(Agency, Agency.id == CheckForm.agency_id)
            .where(CheckForm.task_id == task_id, CheckForm.state == FormState.SUBMITTED.value)
            .order_by(CheckForm.id)
        )
        return [(form_id, no, code) for form_id, no, code in rows]


def _follow_up(task_id: int) -> None:
    with looking("the journey's follow-ups") as unit:
        rows = unit.session.execute(
            select(FollowUp.id, Agency.code)
            .join(Agency, Agency.id == FollowUp.agency_id)
            .where(FollowUp.task_id == task_id)
        ).all()
    for follow_up_id, agency in rows:
        with acting_as(account(agency, "clerk")) as unit:
            handle_follow_up(unit, follow_up_id, "复查合格，价目表已公示。")
        with acting_as(account(agency, "reviewer")) as unit:
            close_follow_up(unit, follow_up_id)


def run_jobs() -> int:
    """Carry out what is due in the outbox, beside a worker that may be at it too; gives the number done here."""
    done, end = 0, time.monotonic() + LONGEST_WAIT
    while (due := _due_jobs()) and time.monotonic() < end:
        done_now = sum(run_outbox(outbox_id) == "done" for outbox_id in due)
        done += done_now
        if not done_now:
            time.sleep(0.2)
    return done


def _due_jobs() -> list[int]:
    with looking("the journey's jobs") as unit:
        due = select(Outbox.id).where(Outbox.state.in_(OPEN), Outbox.due_at <= unit.clock.now())
        return list(unit.session.scalars(due.order_by(Outbox.due_at, Outbox.id).limit(MOST_JOBS)))


def archived_task(task_id: int, entry: PublishedEntry) -> None:
    """Close the task and build its dossiers."""
    with acting_as(account(entry.agencies[0], "clerk")) as unit:
        close_task(unit, task_id)
    run_jobs()
    with acting_as(account(entry.agencies[0], "clerk")) as unit:
        build_dossiers(unit, task_id)
    run_jobs()
