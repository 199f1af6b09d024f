"""Tables of item lists. A published list is the only source of items for plans, schemes and forms (N-1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.item_lists.rules import ListState
from app.security.models import Agency, LineOfBusiness
from app.security.scope import Scope
from app.security.scoping import parent_of, scoped


class ItemList(Base):
    """A list of one year: an agency's own (`department`) or an office's joint list."""

    __tablename__ = "item_list"
    __table_args__ = (
        CheckConstraint("kind IN ('department', 'joint')", name="kind_known"),
        state_check("state", ListState),
        CheckConstraint("year BETWEEN 2000 AND 2200", name="year_range"),
        UniqueConstraint("agency_id", "kind", "year", name="uq_item_list_year"),
        CheckConstraint("approved_by IS NULL OR approved_by <> submitted_by", name="approved_by_another"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default=ListState.DRAFT)
    remarks: Mapped[str] = mapped_column(Text, nullable=False, default="")
    submitted_by: Mapped[str | None] = mapped_column(String(40))
    approved_by: Mapped[str | None] = mapped_column(String(40))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class Item(Base):
    """抽查事项 of one agency's line: the six fields of R-8.1 and what the check needs.

    `ratio_cap` in per mille of the library, for general items only (R-9.1).
    """

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("category IN ('key', 'general')", name="category_known"),
        CheckConstraint("ratio_cap IS NULL OR ratio_cap BETWEEN 1 AND 1000", name="ratio_cap_range"),
        CheckConstraint("category = 'general' OR ratio_cap IS NULL", name="key_items_have_no_cap"),
        UniqueConstraint("list_id", "code", name="uq_item_code"),
    )
    id: Mapped[int] = pk()
    list_id: Mapped[int] = mapped_column(ForeignKey("item_list.id"), nullable=False, index=True)
    code: Mapped[str] = mapped_column(String(40), nullable=False)
    line_code: Mapped[str] = mapped_column(ForeignKey("line_of_business.code"), nullable=False, index=True)
    project: Mapped[str] = mapped_column(String(120), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    target_scope: Mapped[str] = mapped_column(String(300), nullable=False)
    target_kinds: Mapped[list[str]] = mapped_column(ARRAY(String(40)), nullable=False, default=list)
    category: Mapped[str] = mapped_column(String(10), nullable=False)
    methods: Mapped[list[str]] = mapped_column(ARRAY(String(10)), nullable=False)
    subject: Mapped[str] = mapped_column(String(200), nullable=False)
    basis: Mapped[str] = mapped_column(Text, nullable=False)
    specialty: Mapped[str | None] = mapped_column(ForeignKey("specialty.name"))
    ratio_cap: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    item_list: Mapped[ItemList] = relationship()
    line: Mapped[LineOfBusiness] = relationship()
    form_lines: Mapped[list[FormLine]] = relationship(
        back_populates="item", cascade="all, delete-orphan", order_by="FormLine.no"
    )
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class FormLine(Base):
    """One line of the check form of an item."""

    __tablename__ = "form_line"
    __table_args__ = (UniqueConstraint("item_id", "no", name="uq_form_line_no"),)
    id: Mapped[int] = pk()
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), nullable=False)
    no: Mapped[int] = mapped_column(Integer, nullable=False)
    text: Mapped[str] = mapped_column(String(300), nullable=False)
    help: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    item: Mapped[Item] = relationship(back_populates="form_lines")


class JointItem(Base):
    """A joint item: one field, an initiating line, and the component items of every line (R-2.1, R-8.2).

    `industries`: GB/T 4754 codes or their beginnings, the scope that a plan entry starts from.
    """

    __tablename__ = "joint_item"
    __table_args__ = (
        CheckConstraint("category IN ('key', 'general')", name="category_known"),
        CheckConstraint("ratio_cap IS NULL OR ratio_cap BETWEEN 1 AND 1000", name="ratio_cap_range"),
        UniqueConstraint("list_id", "code", name="uq_joint_item_code"),
    )
    id: Mapped[int] = pk()
    list_id: Mapped[int] = mapped_column(ForeignKey("item_list.id"), nullable=False, index=True)
    code: Mapped[str] = mapped_column(String(40), nullable=False)
    domain: Mapped[str] = mapped_column(String(120), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    target_scope: Mapped[str] = mapped_column(String(300), nullable=False)
    target_kinds: Mapped[list[str]] = mapped_column(ARRAY(String(40)), nullable=False, default=list)
    industries: Mapped[list[str]] = mapped_column(
        ARRAY(String(4)), nullable=False, default=list, server_default="{}"
    )
    lead_line: Mapped[str] = mapped_column(ForeignKey("line_of_business.code"), nullable=False)
    levels: Mapped[list[str]] = mapped_column(ARRAY(String(10)), nullable=False)
    category: Mapped[str] = mapped_column(String(10), nullable=False)
    method: Mapped[str] = mapped_column(String(10), nullable=False)
    ratio_cap: Mapped[int | None] = mapped_column(Integer)
    basis: Mapped[str] = mapped_column(Text, nullable=False, default="")
    source: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    item_list: Mapped[ItemList] = relationship()
    parts: Mapped[list[JointItemPart]] = relationship(
        back_populates="joint_item", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class JointItemPart(Base):
    """The item that one line checks within a joint item."""

    __tablename__ = "joint_item_part"
    joint_item_id: Mapped[int] = mapped_column(
        ForeignKey("joint_item.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)
    line_code: Mapped[str] = mapped_column(ForeignKey("line_of_business.code"), nullable=False)
    joint_item: Mapped[JointItem] = relationship(back_populates="parts")
    item: Mapped[Item] = relationship()


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.state == ListState.PUBLISHED.value, model.agency_id.in_(scope.readable_agency_ids))


def _write(row: ItemList, scope: Scope) -> bool:
    return row.agency_id in scope.readable_agency_ids


def _read_part(model: Any, scope: Scope) -> ColumnElement[bool]:
    lists = ItemList.__table__
    seen = select(lists.c.id).where(
        or_(lists.c.state == ListState.PUBLISHED.value, lists.c.agency_id.in_(scope.readable_agency_ids))
    )
    return model.list_id.in_(seen)


def _write_part(row: Item | JointItem, scope: Scope) -> bool:
    return row.item_list is not None and row.item_list.agency_id in scope.agency_ids


def _check(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.readable_agency_ids)


def _check_part(model: Any, scope: Scope) -> ColumnElement[bool]:
    lists = ItemList.__table__
    return model.list_id.in_(select(lists.c.id).where(lists.c.agency_id.in_(scope.agency_ids)))


def _read_line(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    item = Item.__table__.c
    return model.item_id.in_(select(item.id).where(_read_part(item, scope)))


def _check_line(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    item = Item.__table__.c
    return model.item_id.in_(select(item.id).where(_check_part(item, scope)))


def _write_line(row: FormLine, scope: Scope) -> bool:
    item = parent_of(row, "item")
    return item is not None and _write_part(item, scope)


def _read_component(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    joint = JointItem.__table__.c
    return model.joint_item_id.in_(select(joint.id).where(_read_part(joint, scope)))


def _check_component(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    joint = JointItem.__table__.c
    return model.joint_item_id.in_(select(joint.id).where(_check_part(joint, scope)))


def _write_component(row: JointItemPart, scope: Scope) -> bool:
    joint = parent_of(row, "joint_item")
    return joint is not None and _write_part(joint, scope)


scoped(ItemList, read=_read, write=_write, check=_check)
scoped(Item, read=_read_part, write=_write_part, check=_check_part)
scoped(JointItem, read=_read_part, write=_write_part, check=_check_part)
scoped(FormLine, read=_read_line, write=_write_line, check=_check_line)
scoped(JointItemPart, read=_read_component, write=_write_component, check=_check_component)
