"""Tables of recusals."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, pk
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.security.scope import Scope
from app.security.scoping import own_agency, scoped


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
    inspector: Mapped[Inspector] = relationship()
    target: Mapped[Target] = relationship()


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    mine = select(Inspector.__table__.c.id).where(Inspector.__table__.c.user_id == scope.person_id)
    return model.agency_id.in_(scope.readable_agency_ids) | model.inspector_id.in_(mine)


def _write(row: Recusal, scope: Scope) -> bool:
    return row.agency_id in scope.agency_ids


scoped(Recusal, read=_read, write=_write, check=own_agency())
