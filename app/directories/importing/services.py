"""The acts on one file: handed over, understood, checked, taken over, undone. Big files go on behind the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, delete, func, or_, select

from app.db import Unit
from app.directories.importing import checking
from app.directories.importing.bulk import without_time_limit
from app.directories.importing.checking import kind_of, options_of
from app.directories.importing.engine import Progress
from app.directories.importing.kinds import import_kinds
from app.directories.importing.looking import (
    keep_look,
    kept_look,
    look_at,
    mandatory,
    remember,
    sheets_of,
)
from app.directories.importing.models import ImportBatch, ImportKey, ImportRun
from app.directories.importing.writing import write_run
from app.directories.rules import ImportMode
from app.directories.undoing.rules import UNDONE_WITHIN
from app.jobs.services import enqueue
from app.kernel.errors import DomainError, Fault, Invalid, NotFound, Refused
from app.kernel.spreadsheet import open_book
from app.security.explain import explain

# Roughly five thousand rows: up to here the page waits, beyond it a job works.
SMALL_FILE = 400 * 1024
LONGEST_FILE_NAME = 200
JOB = "directories.import"
KEPT_FOR = UNDONE_WITHIN
MOST_FORGOTTEN = 500


@dataclass(frozen=True)
class Choice:
    """How a person wants the file to be read. `mapping`: column -> label, for every sheet that has the label; `twice`:
    columns for which a second label was chosen; `fixed`: column -> value for all rows that say nothing of it.
    """

    sheets: list[str]
    mapping: Mapping[str, str]
    key: str
    mode: ImportMode
    twice: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


def receive(
    unit: Unit, kind: str, content: bytes, file_name: str, *, mode: ImportMode, agency_id: int | None
) -> ImportRun:
    """Keep a file, and check it where its columns are clear: nothing is changed yet.

    :raises Invalid: the file as a whole cannot be read
    :raises Refused: the actor may not import here
    """
    known = import_kinds.get(kind)
    if known is None:
        raise Refused("import_kind_unknown")
    known.permission(unit, agency_id)
    run = ImportRun(
        kind=kind,
        file_name=file_name[-LONGEST_FILE_NAME:],
        content=content,
        mode=mode.value,
        settings={"key": known.key_choices[0][0]},
        agency_id=agency_id,
        user_id=unit.actor.user_id,
        created_at=unit.clock.now(),
    )
    unit.session.add(run)
    unit.session.flush()
    if is_small(unit, run):
        if checking.look(unit, run):
            check(unit, run.id)
    else:
        _later(unit, run, "look")
    return run


def is_small(unit: Unit, run: ImportRun) -> bool:
    return (size_of(unit, run) or 0) <= SMALL_FILE


def size_of(unit: Unit, run: ImportRun) -> int | None:
    """Bytes of the file as it lies there, None when it is gone; the file itself is not fetched."""
    size = func.octet_length(ImportRun.content, type_=Integer)
    return unit.session.scalar(select(size).where(ImportRun.id == run.id))


def look_again(unit: Unit, run_id: int, headings: Mapping[str, tuple[int, int]]) -> ImportRun:
    """Read the file with other rows as its headings; the columns are guessed anew."""
    run = _unchanged(unit, run_id)
    book = open_book(run.content or b"", run.file_name)
    keep_look(unit, run, look_at(unit, kind_of(run), book, headings))
    run.state, run.report = "choosing", {}
    checking.forget(unit, run)
    unit.session.flush()
    return run


def choose(unit: Unit, run_id: int, choice: Choice) -> ImportRun:
    """Say what the columns mean and what happens with known rows, remember it, and check the file.

    :raises Invalid: no sheet, a column that is needed and not named, one that is named twice
    """
    run = _unchanged(unit, run_id)
    kind = kind_of(run)
    look = kept_look(unit.session, run.id)
    chosen = [one for one in look if one["name"] in choice.sheets and any(one["labels"])]
    faults = [] if chosen else [Fault("sheets", "import_sheet_unknown")]
    faults += [
        Fault(c.name, "import_column_needed")
        for c in mandatory(kind, choice.key)
        if not choice.mapping.get(c.name) and not choice.fixed.get(c.name)
    ]
    faults += [Fault(name, "import_column_twice", value=label) for name, label in choice.twice.items()]
    if choice.key not in dict(kind.key_choices) or choice.mode not in kind.modes:
        faults.append(Fault("key", "not_a_choice", value=choice.key))
    if faults:
        raise Invalid(faults=faults)
    for one in chosen:
        one["mapping"] = {name: label for name, label in choice.mapping.items() if label in one["labels"]}
        one["fixed"] = dict(choice.fixed)
        remember(unit, kind, one["labels"], one["mapping"], one["fixed"])
    keep_look(unit, run, look)
    run.mode = choice.mode.value
    run.settings = {**run.settings, "key": choice.key, "sheets": sheets_of(chosen)}
    return check_again(unit, run_id)


def check_again(unit: Unit, run_id: int) -> ImportRun:
    """Compare the file with the directory as it is now."""
    run = _unchanged(unit, run_id)
    if not run.settings.get("sheets"):
        raise Refused("import_not_checked")
    if is_small(unit, run):
        return check(unit, run_id)
    checking.begin(unit, run)
    _later(unit, run, "check")
    return run


def check(unit: Unit, run_id: int, progress: Progress | None = None) -> ImportRun:
    """The whole dry run at once: figures and faults into the report."""
    run = locked(unit, run_id)
    without_time_limit(unit.session)
    checking.begin(unit, run)
    while not checking.step(unit, run, progress):
        pass
    return run


def go_on(unit: Unit, run_id: int, attempt: int, progress: Progress | None = None) -> None:
    """One step of the check of a big file, and the order for the next one in the same transaction."""
    run = locked(unit, run_id)
    if run.state != "waiting" or run.attempt != attempt:
        return
    if not checking.step(unit, run, progress):
        _later(unit, run, "check")


def look_first(unit: Unit, run_id: int, progress: Progress | None = None) -> None:
    """A big file that has just come in: understand it and begin the check."""
    run = locked(unit, run_id)
    if run.state == "waiting" and run.attempt == 0 and checking.look(unit, run):
        checking.begin(unit, run)
        go_on(unit, run_id, run.attempt, progress)


def _later(unit: Unit, run: ImportRun, step: str, **more: Any) -> None:
    key = f"import:{run.id}:{run.attempt}:{step}:{run.done}"
    args = {"run": run.id, "step": step, "attempt": run.attempt, **more}
    run.job_id = enqueue(unit, JOB, key, args)
    unit.session.flush()


def take_over(unit: Unit, run_id: int, *, skip_bad: bool) -> ImportRun:
    """Write what was checked; the same file twice is taken over once.

    :raises Refused: not checked yet, or there are bad rows and nobody asked to leave them out
    """
    run = locked(unit, run_id)
    if run.state in ("committed", "committing"):
        return run
    if run.state != "checked":
        raise Refused("import_not_checked")
    if run.report.get("bad") and not skip_bad:
        raise Refused("import_has_bad_rows", bad=run.report["bad"])
    if not is_small(unit, run):
        run.state = "committing"
        _later(unit, run, "commit", skip_bad=skip_bad)
        return run
    return write(unit, run_id, skip_bad=skip_bad)


def write(unit: Unit, run_id: int, *, skip_bad: bool, progress: Progress | None = None) -> ImportRun:
    """Import for good, in this one transaction.

    :raises Refused: somebody has changed one of the rows since the check
    """
    run = locked(unit, run_id)
    if run.state == "committed":
        return run
    without_time_limit(unit.session)
    if run.report.get("bad") and not skip_bad:
        raise Refused("import_has_bad_rows", bad=run.report["bad"])
    write_run(unit, run, kind_of(run), options_of(run), progress)
    return locked(unit, run_id)


def fail(unit: Unit, run_id: int, error: DomainError) -> ImportRun:
    """Keep the sentence of why the file could not be worked on. A file that was checked can be checked again."""
    run = locked(unit, run_id)
    faults = error.faults if isinstance(error, Invalid) else []
    if run.state == "committing":
        run.state = "checked"
        run.report = {**run.report, "refused": explain(error)}
    else:
        run.state = "failed"
        run.report = {"error": explain(error), "codes": [fault.code for fault in faults]}
    unit.session.flush()
    return run


def forget_old(unit: Unit) -> int:
    """Files and what they would have done, older than an undo reaches back; the figures stay. How many it were."""
    before = unit.clock.now() - KEPT_FOR
    with_batches = select(ImportBatch.run_id).distinct()
    query = select(ImportRun).where(
        ImportRun.created_at < before, or_(ImportRun.content.is_not(None), ImportRun.id.in_(with_batches))
    )
    runs = unit.session.scalars(query.limit(MOST_FORGOTTEN)).all()
    for run in runs:
        run.content = None
        if run.state in ("choosing", "waiting", "checked"):
            run.state = "failed"
            run.report = {"error": explain(Refused("import_content_gone")), "codes": ["import_content_gone"]}
        for model in (ImportBatch, ImportKey):
            unit.session.execute(delete(model).where(model.run_id == run.id))
    unit.session.flush()
    return len(runs)


def _unchanged(unit: Unit, run_id: int) -> ImportRun:
    """A file that was not taken over and on which nobody works right now."""
    run = locked(unit, run_id)
    if run.state not in ("choosing", "checked", "failed"):
        raise Refused("import_not_checked")
    if size_of(unit, run) is None:
        raise Refused("import_content_gone")
    return run


def locked(unit: Unit, run_id: int) -> ImportRun:
    """:raises NotFound: not there, or somebody else's"""
    statement = select(ImportRun).where(ImportRun.id == run_id)
    statement = statement.with_for_update(of=ImportRun).execution_options(populate_existing=True)
    run = unit.session.scalars(statement).first()
    if run is None:
        raise NotFound("not_in_scope", kind="import")
    return run
