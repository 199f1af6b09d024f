"""Tables of visits, check forms and follow-up cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.targets.models import Target
from app.draws.models import DrawnTarget
from app.inspections.rules import FollowUpState, FormState, ResultKind
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import by_agency, own_agency, scoped
from app.tasks.models import Task, in_visible_task, own_task_ids


class ResultVocabulary(Base):
    """One choice of result. Headings are not `selectable`; `line_code` names who alone uses the row.

    `kind` is an `app.inspections.rules.ResultKind`.
    """

    __tablename__ = "result_vocabulary"
    __table_args__ = (
        state_check("kind", ResultKind),
        UniqueConstraint("scheme", "code", name="uq_result_code"),
    )
    id: Mapped[int] = pk()
    scheme: Mapped[str] = mapped_column(String(40), nullable=False)
    code: Mapped[str] = mapped_column(String(20), nullable=False)
    text: Mapped[str] = mapped_column(String(200), nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    is_problem: Mapped[bool] = mapped_column(nullable=False)
    needs_follow_up: Mapped[bool] = mapped_column(nullable=False, default=False)
    selectable: Mapped[bool] = mapped_column(nullable=False, default=True, server_default="true")
    parent_code: Mapped[str | None] = mapped_column(String(20))
    line_code: Mapped[str | None] = mapped_column(ForeignKey("line_of_business.code"))
    position: Mapped[int] = mapped_column(Integer, nullable=False, default=0)

    def __str__(self) -> str:
        return self.text


class Disposition(Base):
    """后续处置 vocabulary. `kind`: none, hand_over, correct, transfer, notify, other."""

    __tablename__ = "disposition"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    text: Mapped[str] = mapped_column(String(200), nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    is_problem: Mapped[bool] = mapped_column(nullable=False, default=False)
    needs_follow_up: Mapped[bool] = mapped_column(nullable=False, default=False)
    needs_text: Mapped[bool] = mapped_column(nullable=False, default=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False, default=0)

    def __str__(self) -> str:
        return self.text


class Visit(Base):
    """一次入户: one joint group, one target, one form per agency (R-26.1).

    The notice's token itself is not stored, only its SHA-256 (`token_digest`).
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("drawn_target_id", name="uq_visit_drawn_target"),
        CheckConstraint("departed_at IS NULL OR arrived_at <= departed_at", name="times_in_order"),
    )
    id: Mapped[int] = pk()
    no: Mapped[str] = mapped_column(String(60), unique=True, nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False, index=True)
    drawn_target_id: Mapped[int] = mapped_column(ForeignKey("drawn_target.id"), nullable=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False, index=True)
    planned_on: Mapped[date | None] = mapped_column(Date)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    task: Mapped[Task] = relationship()
    target: Mapped[Target] = relationship()
    drawn_target: Mapped[DrawnTarget] = relationship()
    forms: Mapped[list[CheckForm]] = relationship(back_populates="visit", order_by="CheckForm.id")


class CheckForm(Base):
    """检查记录表: one agency, one target.

    `lines`: a list of {key, item_id, item, line_id, text, help, answer, remark}.
    """

    __tablename__ = "check_form"
    __table_args__ = (
        state_check("state", FormState),
        UniqueConstraint("visit_id", "agency_id", name="uq_check_form_visit_agency"),
        CheckConstraint(
            "state NOT IN ('submitted', 'approved', 'published', 'exempt') OR result_id IS NOT NULL",
            name="submitted_has_result",
        ),
        CheckConstraint("visit_ended_on IS NULL OR visit_started_on <= visit_ended_on", name="days_in_order"),
        CheckConstraint(
            "state <> 'exempt' OR (exempt_basis <> '' AND exempt_by IS NOT NULL)", name="exempt_has_basis"
        ),
        CheckConstraint("approved_by IS NULL OR approved_by <> submitted_by", name="approved_by_another"),
        CheckConstraint(
            "exempt_asked_by IS NULL OR exempt_by IS NULL OR exempt_by <> exempt_asked_by",
            name="exempt_by_another",
        ),
    )
    id: Mapped[int] = pk()
    no: Mapped[str] = mapped_column(String(60), unique=True, nullable=False)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default=FormState.NOT_STARTED)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    result_id: Mapped[int | None] = mapped_column(ForeignKey("result_vocabulary.id"))
    problem_text: Mapped[str] = mapped_column(Text, nullable=False, default="")
    disposition_code: Mapped[str | None] = mapped_column(ForeignKey("disposition.code"))
    disposition_text: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    accompanied_by: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    visit_started_on: Mapped[date | None] = mapped_column(Date)
    visit_ended_on: Mapped[date | None] = mapped_column(Date)
    saved_by: Mapped[str | None] = mapped_column(String(40))
    submitted_by: Mapped[str | None] = mapped_column(String(40))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_remark: Mapped[str] = mapped_column(Text, nullable=False, default="")
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    publish_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    publish_due_provisional: Mapped[bool] = mapped_column(nullable=False, default=False)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exempt_basis: Mapped[str] = mapped_column(Text, nullable=False, default="")
    exempt_asked_by: Mapped[str | None] = mapped_column(String(40))
    exempt_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exempt_by: Mapped[str | None] = mapped_column(String(40))
    exempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False, default=1, server_default="1")
    visit: Mapped[Visit] = relationship(back_populates="forms")
    agency: Mapped[Agency] = relationship()
    result: Mapped[ResultVocabulary | None] = relationship()
    disposition: Mapped[Disposition | None] = relationship()
    task: Mapped[Task] = relationship()
    __mapper_args__ = {"version_id_col": version}


class FollowUp(Base):
    """后续处置 of a problem (R-28.1)."""

    __tablename__ = "follow_up"
    __table_args__ = (
        state_check("state", FollowUpState),
        CheckConstraint("state = 'open' OR handled_text <> ''", name="handled_has_text"),
        CheckConstraint("closed_by IS NULL OR closed_by <> handled_by", name="closed_by_another"),
    )
    id: Mapped[int] = pk()
    no: Mapped[str] = mapped_column(String(60), unique=True, nullable=False)
    form_id: Mapped[int] = mapped_column(ForeignKey("check_form.id"), unique=True, nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False, index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=FollowUpState.OPEN)
    problem: Mapped[str] = mapped_column(Text, nullable=False)
    disposition_code: Mapped[str | None] = mapped_column(ForeignKey("disposition.code"))
    due_on: Mapped[date | None] = mapped_column(Date)
    handled_text: Mapped[str] = mapped_column(Text, nullable=False, default="")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handled_by: Mapped[str | None] = mapped_column(String(40))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(nullable=False, default=1, server_default="1")
    form: Mapped[CheckForm] = relationship()
    target: Mapped[Target] = relationship()
    agency: Mapped[Agency] = relationship()
    disposition: Mapped[Disposition | None] = relationship()
    __mapper_args__ = {"version_id_col": version}


def _write_visit(row: Visit, scope: Scope) -> bool:
    return row.task.initiator_id in scope.agency_ids or any(
        p.agency_id in scope.agency_ids for p in row.task.participants
    )


def _write_form(row: CheckForm, scope: Scope) -> bool:
    """The agency itself; the initiator only while the visit is being set up."""
    if row.agency_id in scope.agency_ids:
        return True
    return row.state == FormState.NOT_STARTED and row.task.initiator_id in scope.agency_ids


def _read_follow_up(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.readable_agency_ids)


def _check_visit(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.task_id.in_(own_task_ids(scope, taking_part=True))


def _check_form(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    begun = and_(model.state == FormState.NOT_STARTED.value, model.task_id.in_(own_task_ids(scope)))
    return or_(model.agency_id.in_(scope.agency_ids), begun)


_own = by_agency()
scoped(Visit, read=in_visible_task, write=_write_visit, check=_check_visit)
scoped(CheckForm, read=in_visible_task, write=_write_form, check=_check_form)
scoped(FollowUp, read=_own[0], write=_own[1], check=own_agency())
