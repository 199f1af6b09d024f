"""Columns that are looked for, rows that are found, and how a file says that it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Fault, Invalid


@dataclass(frozen=True)
class Column:
    """A column that a file may have; `headings` are the words by which it is known, `looks` what its cells look
    like. `strict`: whatever looks otherwise is another column, its heading may say what it will.
    """

    name: str
    headings: tuple[str, ...]
    mandatory: bool = False
    looks: re.Pattern[str] | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: cells by the column's name, where it stands, and all of its cells as they stand."""

    sheet: str
    row: int
    cells: dict[str, str]
    headings: Mapping[str, str]
    raw: Sequence[str] = ()

    def fault(self, field: str, code: str, **facts: Any) -> Fault:
        value = facts.pop("value", self.cells.get(field, ""))
        heading = self.headings.get(field, field)
        return Fault(field, code, value=value, sheet=self.sheet, row=self.row, column=heading, **facts)


def unreadable(
    code: str, file_name: str, *, sheet: str | None = None, row: int | None = None, **facts: Any
) -> Invalid:
    """The file as a whole cannot be read; the place where it became clear goes with the fault."""
    fault = Fault("file", code, value=file_name, sheet=sheet, row=row, **facts)
    return Invalid(code, [fault], file=file_name, sheet=sheet or "", row=row or "", **facts)
