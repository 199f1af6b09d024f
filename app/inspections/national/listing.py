"""The lists of tasks, results and questions of national systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.directories.children.listing import MOST_TARGETS
from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.listing import Listing, Preset, add_listing
from app.directories.sources.models import SourceSystem
from app.directories.targets.models import Target
from app.directories.targets.search import like_pattern
from app.directories.targets.search import search as search_targets
from app.inspections.models import ResultVocabulary
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.rules import Against, ConflictState, ResultState, Subject
from app.inspections.rules import ResultKind
from app.security.models import Agency
from app.security.scoping import criterion, scope_of, scoped_select

_N, _R, _C = NationalTask.__table__.c, NationalResult.__table__.c, NationalConflict.__table__.c
_S, _A, _T = SourceSystem.__table__.c, Agency.__table__.c, Target.__table__.c
_V = ResultVocabulary.__table__.c
SUBJECTS = {Subject.TASK: _l("Task"), Subject.RESULT: _l("Result")}


def _around(own: Any, session: Session, statement: Select[Any]) -> Select[Any]:
    return statement.join(SourceSystem.__table__, _S.id == own.system_id).join(
        Agency.__table__, _A.id == own.agency_id
    )


def _result_joins(session: Session, statement: Select[Any]) -> Select[Any]:
    seen = criterion(Target, scope_of(session))
    return (
        _around(_R, session, statement)
        .join(NationalTask.__table__, _N.id == _R.task_id)
        .join(ResultVocabulary.__table__, _V.id == _R.result_id)
        .outerjoin(Target.__table__, and_(_T.id == _R.target_id, seen))
    )


def _number(session: Session, ids: Sequence[int]) -> Mapping[int, Any]:
    """Results of each task of a page."""
    query = scoped_select(session, NationalResult, _R.task_id, func.count()).where(_R.task_id.in_(ids))
    return dict(session.execute(query.group_by(_R.task_id)).all())


def _yes_no(value: Any) -> str:
    return "" if value is None else _("Yes") if value else _("No")


def _states(kind: Any) -> Any:
    return lambda session: [(one.value, _(one.label)) for one in kind]


def _system_filter(own: Any) -> Filter:
    def offered(session: Session) -> list[tuple[str, Any]]:
        query = select(SourceSystem.code, SourceSystem.name).where(SourceSystem.agency_id.is_not(None))
        return [(code, name) for code, name in session.execute(query.order_by(SourceSystem.code).limit(200))]

    def chosen(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
        return own.system_id.in_(select(_S.id).where(_S.code.in_(values)))

    return Filter("system", _l("Source system"), "choices", offered, chosen)


def _agency_filter(own: Any) -> Filter:
    def offered(session: Session) -> list[tuple[str, Any]]:
        ids = scope_of(session).readable_agency_ids
        query = select(Agency.code, Agency.name).where(Agency.id.in_(ids)).order_by(Agency.code).limit(200)
        return [(code, name) for code, name in session.execute(query)]

    def chosen(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
        return own.agency_id.in_(select(_A.id).where(_A.code.in_(values)))

    return Filter("agency", _l("Agency"), "choices", offered, chosen)


def _status(kind: Any) -> dict[str, Any]:
    return {
        "value": lambda value: _(kind(value).label) if value else "",
        "colour": lambda value: kind(value).colour,
    }


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.like(f"{like_pattern(text)}%", escape="\\")
    return found


def _search_tasks(session: Session, text: str) -> ColumnElement[bool] | None:
    wanted = text.strip()
    if not wanted:
        return None
    return or_(_N.name.like(f"%{like_pattern(wanted)}%", escape="\\"), _begins(_N.source_id, wanted))


def _search_results(session: Session, text: str) -> ColumnElement[bool] | None:
    wanted = text.strip()
    if not wanted:
        return None
    found = [_begins(_R.source_id, wanted)]
    meant = search_targets(session, wanted)
    if meant is not None:
        targets = scoped_select(session, Target, _T.id).where(meant).limit(MOST_TARGETS)
        found.append(_R.target_id.in_(targets))
    return or_(*found)


def _search_conflicts(session: Session, text: str) -> ColumnElement[bool] | None:
    wanted = text.strip()
    return or_(_begins(_C.source_id, wanted), _begins(_C.label, wanted)) if wanted else None


def _task_filter(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    ids = [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 18]
    return _R.task_id.in_(ids)


def _task_words(session: Session, values: tuple[str, ...]) -> list[str]:
    ids = [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 18]
    return list(session.scalars(select(NationalTask.name).where(NationalTask.id.in_(ids))))


def _since(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    days = []
    for value in values:
        try:
            days.append(date.fromisoformat(value))
        except ValueError:
            continue
    return _R.checked_on >= min(days) if days else _R.id.is_(None)


_SYSTEM = Column("system", _l("Source system"), _S.name)
_AGENCY = Column("agency", _l("Agency"), _A.name, shown=False)
TASKS = Listing(
    key="national_tasks",
    model=NationalTask,
    title=_l("Tasks of national systems"),
    joins=lambda session, statement: _around(_N, session, statement),
    columns=(
        Column("name", _l("Name of the task"), _N.name, kind="name", fixed=True),
        Column("source_id", _l("What the system calls it"), _N.source_id, kind="code"),
        _SYSTEM,
        Column("random", _l("Drawn by lot"), _N.random, value=_yes_no),
        Column("items", _l("Items"), _N["items"], kind="list", shown=False),
        Column("period_from", _l("From"), _N.period_from, kind="date"),
        Column("period_to", _l("Until"), _N.period_to, kind="date"),
        Column("drawn_on", _l("Drawn on"), _N.drawn_on, kind="date", shown=False),
        Column("results", _l("Results"), None, kind="number", computed=_number),
        _AGENCY,
        Column("received_at", _l("Received"), _N.received_at, kind="moment", sortable=True),
    ),
    filters=(
        _system_filter(_N),
        Filter(
            "random",
            _l("Drawn by lot"),
            "one",
            lambda session: [("yes", _("Yes")), ("no", _("No"))],
            lambda session, values: _N.random.in_([value == "yes" for value in values]),
        ),
        _agency_filter(_N),
    ),
    search=_search_tasks,
    order="-received_at",
    permission=("can_list", "NationalTaskView"),
    endpoint="NationalTaskView.list",
    record=("NationalTaskView.show", "task_id"),
    search_label=_l("Name of the task, or what the system calls it"),
    unit=_l("tasks"),
)
RESULTS = Listing(
    key="national_results",
    model=NationalResult,
    title=_l("Results of national systems"),
    joins=_result_joins,
    columns=(
        Column("target", _l("Target"), _T.name, kind="name", fixed=True),
        Column("target_code", _l("Code"), _T.code, kind="code"),
        Column(
            "task",
            _l("Task"),
            _N.name,
            refers=_R.task_id,
            link=lambda number: url_for("NationalTaskView.show", task_id=number),
        ),
        Column("checked_on", _l("Inspected on"), _R.checked_on, kind="date", sortable=True),
        Column("result", _l("Result of the check"), _V.text),
        Column("state", _l("State"), _R.state, kind="status", **_status(ResultState)),
        Column("publish_due_at", _l("To be public by"), _R.publish_due_at, kind="moment", sortable=True),
        _SYSTEM,
        Column("source_id", _l("What the system calls it"), _R.source_id, kind="code", shown=False),
        Column("corrected_on", _l("Corrected on"), _R.corrected_on, kind="date", shown=False),
        _AGENCY,
        Column("received_at", _l("Received"), _R.received_at, kind="moment", shown=False),
    ),
    filters=(
        Filter(
            "state",
            _l("State"),
            "choices",
            _states(ResultState),
            lambda session, values: _R.state.in_(values),
        ),
        Filter(
            "kind",
            _l("Kind of result"),
            "choices",
            _states(ResultKind),
            lambda session, values: _R.result_id.in_(select(_V.id).where(_V.kind.in_(values))),
        ),
        Filter("since", _l("Inspected since"), "date", None, _since),
        Filter("task", _l("Number of the task"), "text", None, _task_filter, _task_words),
        _system_filter(_R),
        _agency_filter(_R),
    ),
    search=_search_results,
    order="-checked_on",
    permission=("can_list", "NationalResultView"),
    endpoint="NationalResultView.list",
    record=("NationalResultView.show", "result_id"),
    search_label=_l("Name or code of the target, or what the system calls the result"),
    unit=_l("results"),
    presets=(
        Preset(_l("Waits for review"), {"state": (ResultState.RECEIVED.value,)}),
        Preset(_l("Sent back"), {"state": (ResultState.RETURNED.value,)}),
    ),
)
CONFLICTS = Listing(
    key="national_conflicts",
    model=NationalConflict,
    title=_l("Contradictions of national systems"),
    joins=lambda session, statement: _around(_C, session, statement),
    columns=(
        Column("source_id", _l("What the system calls it"), _C.source_id, kind="name", fixed=True),
        Column("label", _l("Name or target"), _C.label),
        Column(
            "subject",
            _l("What it is about"),
            _C.subject,
            value=lambda value: SUBJECTS[Subject(value)] if value else "",
        ),
        Column(
            "against",
            _l("What stands against it"),
            _C.against,
            value=lambda value: _(Against(value).label) if value else "",
        ),
        _SYSTEM,
        Column("state", _l("State"), _C.state, kind="status", **_status(ConflictState)),
        Column("raised_at", _l("Listed on"), _C.raised_at, kind="moment", sortable=True),
        _AGENCY,
    ),
    filters=(
        Filter(
            "state",
            _l("State"),
            "choices",
            _states(ConflictState),
            lambda session, values: _C.state.in_(values),
        ),
        Filter(
            "against",
            _l("What stands against it"),
            "choices",
            _states(Against),
            lambda session, values: _C.against.in_(values),
        ),
        _system_filter(_C),
        _agency_filter(_C),
    ),
    search=_search_conflicts,
    order="-raised_at",
    permission=("can_list", "NationalConflictView"),
    endpoint="NationalConflictView.list",
    record=("NationalConflictView.show", "conflict_id"),
    search_label=_l("What the system calls it, name or code"),
    unit=_l("contradictions"),
    presets=(Preset(_l("To be decided"), {"state": (ConflictState.OPEN.value,)}),),
)


def register() -> None:
    for listing in (TASKS, RESULTS, CONFLICTS):
        add_listing(listing)
