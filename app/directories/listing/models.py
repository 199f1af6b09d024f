"""Tables of saved views, and of what each person chose for a list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ColumnElement, ForeignKey, Index, Integer, String, and_, or_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, pk
from app.security.models import Account, Agency
from app.security.scope import Scope
from app.security.scoping import scoped


class SavedView(Base):
    """A state of a list under a name. `state`: see `ListState.to_json`; shared ones are the whole agency's."""

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("NOT shared OR agency_id IS NOT NULL", name="shared_with_an_agency"),
        Index("ix_saved_view_owner", "owner_id", "listing"),
        Index("ix_saved_view_agency", "agency_id", "listing", postgresql_where="shared"),
    )
    id: Mapped[int] = pk()
    listing: Mapped[str] = mapped_column(String(30), nullable=False)
    name: Mapped[str] = mapped_column(String(40), nullable=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    shared: Mapped[bool] = mapped_column(nullable=False, default=False)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    owner: Mapped[Account] = relationship()
    agency: Mapped[Agency | None] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class ListChoice(Base):
    """What one person chose for one view of a list (`view_id` None: for the list without a view).

    `columns` empty: as the view or the list has them. `opens`: the list opens with this view.
    """

    __tablename__ = "list_choice"
    __table_args__ = (
        Index(
            "uq_list_choice",
            "user_id",
            "listing",
            "view_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("uq_list_choice_opens", "user_id", "listing", unique=True, postgresql_where="opens"),
    )
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    listing: Mapped[str] = mapped_column(String(30), nullable=False)
    view_id: Mapped[int | None] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"), index=True)
    columns: Mapped[list[str]] = mapped_column(
        ARRAY(String(40)), nullable=False, default=list, server_default="{}"
    )
    opens: Mapped[bool] = mapped_column(nullable=False, default=False)


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(
        model.owner_id == scope.person_id,
        and_(model.shared, model.agency_id.in_(scope.agency_ids)),
    )


def _write(row: SavedView, scope: Scope) -> bool:
    return row.owner_id == scope.user_id or (row.shared and row.agency_id in scope.agency_ids)


def _own(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


scoped(SavedView, read=_read, write=_write)
scoped(ListChoice, read=_own, write=lambda row, scope: row.user_id == scope.user_id)
