"""The list of a year that rows of a file go into: found, made, or refused because it is no draft any more."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import String, cast, select

from app.db import Unit
from app.db.history import RowHistory
from app.item_lists.models import Item, ItemList, JointItem
from app.item_lists.queries import own_list
from app.item_lists.rules import EDITABLE, ListKind
from app.item_lists.services.lists import FIRST_YEAR, LAST_YEAR, create_list
from app.kernel.errors import Fault, Refused
from app.kernel.spreadsheet import Column, SheetRow, half_width
from app.security.models import Agency

YEAR = Column("year", ("年度", "年份", "计划年度", "清单年度", "year"))
LIST_NAME = Column("list_name", ("清单名称", "list name"))
_YEAR = re.compile(r"(20\d\d|21\d\d|2200)\s*年?度?")


def year_of(row: SheetRow, this_year: int) -> tuple[int, list[Fault]]:
    """The year that a row is about; without one the current year."""
    text = half_width(row.cells.get("year", "")).strip().removesuffix(".0")
    if not text:
        return this_year, []
    match = _YEAR.fullmatch(text)
    if match is None:
        return this_year, [row.fault("year", "items_year_word", first=FIRST_YEAR, last=LAST_YEAR)]
    return int(match.group(1)), []


class Drafts:
    """The lists of one agency and kind, by year, each looked up once."""

    def __init__(self, unit: Unit, agency: Agency, kind: ListKind) -> None:
        self._unit, self._kind, self.agency = unit, kind, agency
        self._found: dict[int, ItemList | None] = {}

    def of(self, year: int) -> ItemList | None:
        if year not in self._found:
            self._found[year] = own_list(self._unit.session, self.agency.id, self._kind.value, year)
        return self._found[year]

    def is_closed(self, year: int) -> bool:
        """Whether the list of the year has been submitted or published."""
        found = self.of(year)
        return found is not None and found.state not in EDITABLE

    def made(self, year: int, name: str) -> ItemList:
        """The list of the year, a new draft where there is none. :raises Refused: it is no draft"""
        found = self.of(year)
        if found is None:
            usual = "部门联合抽查事项清单" if self._kind is ListKind.JOINT else "随机抽查事项清单"
            name = name or f"{year}年度{self.agency.name}{usual}"
            found = create_list(self._unit, kind=self._kind.value, year=year, name=name[:120])
            self._found[year] = found
        if found.state not in EDITABLE:
            raise Refused("list_not_draft")
        return found


def refuse_gone_on(unit: Unit, cause: str) -> None:
    """An import is undone only as long as its lists are drafts. :raises Refused: one was submitted"""
    states: set[Any] = set()
    for model in (Item, JointItem):
        rows = select(RowHistory.row_id).where(
            RowHistory.cause == cause, RowHistory.table_name == model.__tablename__
        )
        query = select(ItemList.state).join(model, model.list_id == ItemList.id)
        states |= set(unit.session.scalars(query.where(cast(model.id, String).in_(rows)).distinct()))
    if states - EDITABLE:
        raise Refused("list_not_draft")
