"""Tables of recusals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.inspectors.models import Inspector
from app.directories.recusals.rules import RequestState, RuleKind, TieKind
from app.directories.targets.models import Target
from app.security.models import Agency
from app.security.protection import Encrypted, EncryptedBytes
from app.security.scope import Scope
from app.security.scoping import by_agency, own_agency, scoped


class Recusal(Base):
    """A pair that must not meet, in a period (open end: `until` None), unless withdrawn with a reason."""

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("reason IN ('DECLARED', 'EMPLOYER', 'RELATIVE', 'ROTATION')", name="reason_known"),
        CheckConstraint("declared_by IN ('inspector', 'agency', 'target', 'rule')", name="declared_by_known"),
        CheckConstraint("until IS NULL OR since <= until", name="period_in_order"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason = '')", name="withdrawal_has_reason"),
        Index(
            "uq_recusal_pair",
            "inspector_id",
            "target_id",
            "reason",
            "since",
            unique=True,
            postgresql_where="withdrawn_on IS NULL",
        ),
    )
    id: Mapped[int] = pk()
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"), nullable=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    reason: Mapped[str] = mapped_column(String(10), nullable=False)
    declared_by: Mapped[str] = mapped_column(String(10), nullable=False)
    since: Mapped[date] = mapped_column(Date, nullable=False)
    until: Mapped[date | None] = mapped_column(Date)
    evidence: Mapped[str] = mapped_column(String(500), nullable=False, default="")
    withdrawn_on: Mapped[date | None] = mapped_column(Date)
    withdrawn_reason: Mapped[str] = mapped_column(String(300), nullable=False, default="", server_default="")
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("recusal_rule.id"), index=True)
    inspector: Mapped[Inspector] = relationship()
    target: Mapped[Target] = relationship()
    evidences: Mapped[list[RecusalEvidence]] = relationship(order_by="RecusalEvidence.id", viewonly=True)


class RecusalRule(Base):
    """A rule that makes pairs. `years`: a former employer counts so long; `months`, `visits`: rotation, nobody
    again within so many months or among the last so many visits of a target.
    """

    __tablename__ = "recusal_rule"
    __table_args__ = (
        state_check("kind", RuleKind),
        UniqueConstraint("agency_id", "kind", name="uq_recusal_rule_kind"),
        CheckConstraint("years BETWEEN 0 AND 50 AND months BETWEEN 0 AND 120", name="span_range"),
        CheckConstraint("visits BETWEEN 0 AND 100", name="visits_range"),
    )
    id: Mapped[int] = pk()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    active: Mapped[bool] = mapped_column(nullable=False, default=False)
    years: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    months: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    visits: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}


class Tie(Base):
    """What binds an inspector to a target: worked there (`until` the last day), or a relative works there."""

    __tablename__ = "inspector_tie"
    __table_args__ = (
        state_check("kind", TieKind),
        UniqueConstraint("inspector_id", "target_id", "kind", name="uq_inspector_tie"),
        Index("ix_inspector_tie_agency", "agency_id", "id"),
    )
    id: Mapped[int] = pk()
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id", ondelete="CASCADE"), nullable=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    until: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    inspector: Mapped[Inspector] = relationship()
    target: Mapped[Target] = relationship()


class RecusalRequest(Base):
    """A target says that somebody on its notice has a conflict of interest; the agency answers with a reason.

    `visit_no` names the visit whose notice was shown. The telephone number of whoever wrote lies sealed.
    """

    __tablename__ = "recusal_request"
    __table_args__ = (
        state_check("state", RequestState),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided_has_time"),
        CheckConstraint("state <> 'rejected' OR answer <> ''", name="rejection_has_reason"),
        Index(
            "uq_recusal_request_waiting",
            "visit_no",
            "inspector_id",
            unique=True,
            postgresql_where="state = 'waiting'",
        ),
    )
    id: Mapped[int] = pk()
    visit_no: Mapped[str] = mapped_column(String(60), nullable=False)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"), nullable=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    statement: Mapped[str] = mapped_column(Text, nullable=False)
    declarant: Mapped[str] = mapped_column(String(80), nullable=False)
    phone: Mapped[str] = mapped_column(Encrypted("recusal_request.phone"), nullable=False, default="")
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=RequestState.WAITING)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    recusal_id: Mapped[int | None] = mapped_column(ForeignKey("recusal.id"))
    inspector: Mapped[Inspector] = relationship()
    target: Mapped[Target] = relationship()
    agency: Mapped[Agency] = relationship()
    evidences: Mapped[list[RecusalEvidence]] = relationship(order_by="RecusalEvidence.id", viewonly=True)


class RecusalEvidence(Base):
    """A file handed in with a declaration. It may name families and employers: it lies sealed."""

    __tablename__ = "recusal_evidence"
    __table_args__ = (CheckConstraint("num_nonnulls(recusal_id, request_id) >= 1", name="belongs_to_one"),)
    id: Mapped[int] = pk()
    recusal_id: Mapped[int | None] = mapped_column(ForeignKey("recusal.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("recusal_request.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"), nullable=False)
    file_name: Mapped[str] = mapped_column(String(200), nullable=False)
    size: Mapped[int] = mapped_column(Integer, nullable=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    content: Mapped[bytes] = mapped_column(
        EncryptedBytes("recusal_evidence.content"), deferred=True, nullable=False
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    mine = select(Inspector.__table__.c.id).where(Inspector.__table__.c.user_id == scope.person_id)
    return model.agency_id.in_(scope.readable_agency_ids) | model.inspector_id.in_(mine)


def _write(row: Any, scope: Scope) -> bool:
    return row.agency_id in scope.agency_ids


scoped(Recusal, read=_read, write=_write, check=own_agency())


def _read_tie(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    """Only the own agency and the person: a family is nobody else's business."""
    mine = select(Inspector.__table__.c.id).where(Inspector.__table__.c.user_id == scope.person_id)
    return model.agency_id.in_(scope.agency_ids) | model.inspector_id.in_(mine)


_own = by_agency()
scoped(RecusalRule, read=_own[0], write=_own[1], check=own_agency())
scoped(Tie, read=_read_tie, write=_write, check=own_agency())
scoped(RecusalRequest, read=_own[0], write=_own[1], check=own_agency())
scoped(RecusalEvidence, read=_read_tie, write=_write, check=own_agency())
