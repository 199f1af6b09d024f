"""Close a task, and build its dossiers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.archive.contents import TaskFacts, common_pieces, own_pieces, read_facts
from app.archive.models import Dossier, DossierFile
from app.archive.packing import CONTENTS, Piece, contents_csv, fixed_zip
from app.archive.paper import Paper
from app.archive.queries import latest_dossier, open_follow_ups
from app.archive.rules import dossier_no, may_build, may_close, says_the_same
from app.audit.services import record
from app.db import Unit
from app.inspections.queries import settlement
from app.jobs.services import enqueue
from app.kernel.errors import NotFound
from app.security.models import Agency
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped
from app.tasks.models import Task
from app.tasks.queries import active_agencies
from app.tasks.rules import TaskState
from app.tasks.services import note_archived, note_closed

CLERKS = frozenset({RoleName.CLERK})
JOB = "archive.build"
REASON = "dossiers of a closed task"
Progress = Callable[[int, int | None], None]


def close_task(unit: Unit, task_id: int) -> Task:
    """Every form is published or exempted: the task is closed, and its dossiers are built by a job (R-26.1).

    A second call changes nothing. Open follow-ups do not hold it.

    :raises NotFound: when it is not within reach
    :raises Refused: unless a clerk of the initiator acts and nothing is open
    """
    task = _task(unit, task_id)
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, task.initiator_id).require()
    if task.state in {TaskState.CLOSED, TaskState.ARCHIVED}:
        return task
    with unscoped(unit.session, "the forms of all agencies of a task, counted for its closing"):
        found = settlement(unit.session, task_id)
        open_cases = open_follow_ups(unit.session, task_id)
    may_close(found, open_cases).require()
    task = note_closed(unit, task_id)
    start_building(unit, task_id)
    return task


def start_building(unit: Unit, task_id: int) -> int:
    """Queue the building of the dossiers; gives the job, whose progress the page shows."""
    task = _task(unit, task_id)
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, task.initiator_id).require()
    may_build(task.state).require()
    key = f"archive:{task_id}:{unit.clock.now().isoformat()}"
    return enqueue(unit, JOB, key, {"task": task_id})


def rebuild_later(unit: Unit, task_id: int) -> int | None:
    """A follow-up has ended: where the task is closed already, its dossiers get a new edition (R-29.1)."""
    state = unit.session.scalar(select(Task.__table__.c.state).where(Task.__table__.c.id == task_id))
    if not may_build(state or ""):
        return None
    key = f"archive:{task_id}:{unit.clock.now().isoformat()}:follow-up"
    return enqueue(unit, JOB, key, {"task": task_id}, reason=REASON)


def build_dossiers(unit: Unit, task_id: int, progress: Progress | None = None) -> list[Dossier]:
    """One dossier per agency of the task, the initiator's first; then the task is archived.

    Built again it gives the same editions, unless something has been added since: then a new one.

    :raises Refused: before the closing, or unless a clerk of the initiator or the system acts
    """
    task = _task(unit, task_id)
    if not unit.scope.everything:
        may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, task.initiator_id).require()
    may_build(task.state).require()
    with unscoped(unit.session, "the dossiers of all agencies of a task, built by its initiator"):
        unit.session.execute(select(Task.id).where(Task.id == task_id).with_for_update())
        with force_locale("zh_CN"):
            found = list(_build_all(unit, task_id, progress))
        unit.session.flush()
    note_archived(unit, task_id)
    return found


def _build_all(unit: Unit, task_id: int, progress: Progress | None) -> list[Dossier]:
    facts = read_facts(unit.session, task_id)
    common = list(common_pieces(unit.session, facts))
    agencies = active_agencies(facts.task)
    built = []
    for number, agency in enumerate(agencies, 1):
        built.append(_build_one(unit, facts, agency, common))
        if progress is not None:
            progress(number, len(agencies))
    return built


def _build_one(unit: Unit, facts: TaskFacts, agency: Agency, common: list[Piece]) -> Dossier:
    pieces = [*common, *own_pieces(facts, agency)]
    last = latest_dossier(unit.session, facts.task.id, agency.id)
    edition = last.edition + 1 if last else 1
    number = dossier_no(facts.task.no, agency.code, edition)
    contents = [piece.line(position) for position, piece in enumerate(pieces, 1)]
    if last is not None and says_the_same(last.contents, contents):
        return last
    cover = Piece("00-contents.docx", _("List of contents"), _cover(facts, agency, number, contents))
    lines = [cover.line(0), *contents]
    files = [(CONTENTS, contents_csv(lines)), *((piece.path, piece.content) for piece in (cover, *pieces))]
    content = fixed_zip(files)
    made = Dossier(
        no=number,
        task_id=facts.task.id,
        agency_id=agency.id,
        edition=edition,
        contents=lines,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        built_at=unit.clock.now(),
    )
    unit.session.add(made)
    unit.session.flush()
    unit.session.add(DossierFile(dossier_id=made.id, dossier=made, content=content))
    data = {"no": made.no, "files": len(lines), "sha256": made.sha256}
    record(unit, "dossier.built", f"dossier:{made.id}", data, agency.id)
    return made


def _cover(facts: TaskFacts, agency: Agency, number: str, contents: list[dict[str, object]]) -> bytes:
    paper = Paper(_("List of contents"), agency.name, facts.made_at)
    paper.title(facts.task.name, number)
    paper.heading(_("List of contents"))
    rows = [(str(line["no"]), str(line["title"]), str(line["path"]), str(line["bytes"])) for line in contents]
    paper.table((_("No."), _("Title"), _("File"), _("Bytes")), rows)
    paper.text(_("The digests (SHA-256) of all files stand in contents.csv."))
    return paper.content()


def note_download(unit: Unit, dossier_id: int) -> tuple[Dossier, bytes]:
    """The file, and an event that says who took it.

    :raises NotFound: when it is not within reach
    """
    dossier = unit.session.get(Dossier, dossier_id)
    file = unit.session.get(DossierFile, dossier_id)
    if dossier is None or file is None:
        raise NotFound("not_in_scope", kind="dossier")
    record(unit, "dossier.downloaded", f"dossier:{dossier.id}", {"no": dossier.no}, dossier.agency_id)
    return dossier, file.content


def _task(unit: Unit, task_id: int) -> Task:
    task = unit.session.get(Task, task_id)
    if task is None:
        raise NotFound("not_in_scope", kind="task")
    return task
