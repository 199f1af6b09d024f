"""Tables of what comes from national systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.sources.models import SourceSystem
from app.directories.targets.models import Target
from app.inspections.models import CheckForm, Disposition, ResultVocabulary
from app.inspections.national.rules import Against, ConflictState, ResultState, Subject, number_of
from app.security.models import Agency
from app.security.scoping import by_agency, own_agency, scoped


class NationalTask(Base):
    """A task that the agency carried out in a national system; `source_id` is what the system calls it.

    `random`: its targets were drawn by lot; then `drawn_on` is the day of the draw, where the system tells it.
    """

    __tablename__ = "national_task"
    __table_args__ = (
        UniqueConstraint("system_id", "source_id", name="uq_national_task_source"),
        CheckConstraint(
            "period_from IS NULL OR period_to IS NULL OR period_from <= period_to", name="period_in_order"
        ),
        CheckConstraint("drawn_on IS NULL OR random", name="drawn_if_random"),
        Index("ix_national_task_agency", "agency_id", "id"),
    )
    id: Mapped[int] = pk()
    system_id: Mapped[int] = mapped_column(ForeignKey("source_system.id"), nullable=False)
    source_id: Mapped[str] = mapped_column(String(100), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    items: Mapped[list[str]] = mapped_column(ARRAY(String(200)), nullable=False)
    random: Mapped[bool] = mapped_column(nullable=False)
    period_from: Mapped[date | None] = mapped_column(Date)
    period_to: Mapped[date | None] = mapped_column(Date)
    drawn_on: Mapped[date | None] = mapped_column(Date)
    received_by: Mapped[str] = mapped_column(String(40), nullable=False)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    system: Mapped[SourceSystem] = relationship()
    agency: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class NationalResult(Base):
    """The result of one inspection of such a task. `inspector_ids`: inspectors of the agency."""

    __tablename__ = "national_result"
    __table_args__ = (
        state_check("state", ResultState),
        UniqueConstraint("system_id", "source_id", name="uq_national_result_source"),
        CheckConstraint("corrected_on IS NULL OR corrected_on >= checked_on", name="corrected_after"),
        CheckConstraint("state NOT IN ('approved', 'published') OR approved_by IS NOT NULL", name="approved_by_somebody"),
        CheckConstraint("approved_by IS NULL OR approved_by <> received_by", name="approved_by_another"),
        CheckConstraint("state <> 'returned' OR remark <> ''", name="returned_has_remark"),
        Index("ix_national_result_agency", "agency_id", "checked_on", "id"),
        Index("ix_national_result_target", "target_id", "checked_on"),
        Index("ix_national_result_task", "task_id", "state"),
        Index("ix_national_result_waiting", "agency_id", "publish_due_at", postgresql_where=text("state = 'received'")),
        Index("ix_national_result_inspectors", "inspector_ids", postgresql_using="gin"),
    )  # fmt: skip
    id: Mapped[int] = pk()
    system_id: Mapped[int] = mapped_column(ForeignKey("source_system.id"), nullable=False)
    source_id: Mapped[str] = mapped_column(String(100), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("national_task.id"), nullable=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False)
    inspector_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), nullable=False, default=list, server_default="{}"
    )
    checked_on: Mapped[date] = mapped_column(Date, nullable=False)
    result_id: Mapped[int] = mapped_column(ForeignKey("result_vocabulary.id"), nullable=False)
    problem_text: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    disposition_code: Mapped[str | None] = mapped_column(ForeignKey("disposition.code"))
    disposition_text: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    corrected_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(
        String(10), nullable=False, default=ResultState.RECEIVED.value, server_default="received"
    )
    received_by: Mapped[str] = mapped_column(String(40), nullable=False)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    remark: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    publish_due_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    system: Mapped[SourceSystem] = relationship()
    agency: Mapped[Agency] = relationship()
    task: Mapped[NationalTask] = relationship()
    target: Mapped[Target] = relationship()
    result: Mapped[ResultVocabulary] = relationship()
    disposition: Mapped[Disposition | None] = relationship()
    __mapper_args__ = {"version_id_col": version}

    @property
    def no(self) -> str:
        return number_of(self.id)


class NationalConflict(Base):
    """A row that is not taken over by itself: a person of the agency decides.

    `said`: values by the columns of the row, days as ISO 8601; of a row that stands only those that differ. `task_id`,
    `result_id`, `form_id`: what stands against it.
    """

    __tablename__ = "national_conflict"
    __table_args__ = (
        state_check("subject", Subject),
        state_check("against", Against),
        state_check("state", ConflictState),
        CheckConstraint("(state IN ('taken', 'kept', 'added')) = (decided_at IS NOT NULL)", name="decision_has_its_moment"),
        Index("ix_national_conflict_row", "system_id", "subject", "source_id"),
        Index(
            "uq_national_conflict_open", "system_id", "subject", "source_id", unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_national_conflict_agency", "agency_id", "id"),
    )  # fmt: skip
    id: Mapped[int] = pk()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    system_id: Mapped[int] = mapped_column(ForeignKey("source_system.id"), nullable=False)
    source_id: Mapped[str] = mapped_column(String(100), nullable=False)
    subject: Mapped[str] = mapped_column(String(10), nullable=False)
    against: Mapped[str] = mapped_column(String(14), nullable=False)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("national_task.id"), index=True)
    result_id: Mapped[int | None] = mapped_column(ForeignKey("national_result.id"), index=True)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("check_form.id"))
    said: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    label: Mapped[str] = mapped_column(String(200), nullable=False, default="", server_default="")
    state: Mapped[str] = mapped_column(
        String(10), nullable=False, default=ConflictState.OPEN.value, server_default="open"
    )
    received_by: Mapped[str] = mapped_column(String(40), nullable=False)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    reason: Mapped[str] = mapped_column(String(300), nullable=False, default="", server_default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    system: Mapped[SourceSystem] = relationship()
    agency: Mapped[Agency] = relationship()
    task: Mapped[NationalTask | None] = relationship()
    result: Mapped[NationalResult | None] = relationship()
    form: Mapped[CheckForm | None] = relationship()


_read, _write = by_agency()
for _model in (NationalTask, NationalResult, NationalConflict):
    scoped(_model, read=_read, write=_write, check=own_agency())
