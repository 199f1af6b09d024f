"""Cells of plain kinds as values, each with its fault. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.directories.targets.entries import read_date
from app.kernel.errors import Fault
from app.kernel.spreadsheet.cells import half_width


class Cells:
    """Reads one row's cells and collects what is wrong with them."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.faults: list[Fault] = []

    def text(self, name: str, most: int, *, needed: bool = False) -> str:
        found = " ".join(self._cells.get(name, "").split())
        if needed and not found:
            self.faults.append(Fault(name, "required", value=""))
        if len(found) > most:
            self.faults.append(Fault(name, "too_long", value=found, most=most, found=len(found)))
        return found

    def day(self, name: str, *, needed: bool = False) -> str | None:
        """As ISO 8601; None for an empty cell."""
        text = self._cells.get(name, "").strip()
        if not text:
            if needed:
                self.faults.append(Fault(name, "required", value=""))
            return None
        day = read_date(text)
        if day is None:
            self.faults.append(Fault(name, "target_date_unreadable", value=text))
            return None
        return day.isoformat()

    def number(self, name: str, least: int, most: int, default: int | None = None) -> int:
        text = half_width(self._cells.get(name, "")).strip().removesuffix(".0")
        if not text and default is not None:
            return default
        if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
            self.faults.append(Fault(name, "number_out_of_range", value=text, least=least, most=most))
            return least
        return int(text)

    def word(self, name: str, words: Mapping[str, str], default: str | None = None) -> str:
        """The code of a word; the words are taken as they are written in official papers."""
        text = self._cells.get(name, "").strip()
        if not text and default is not None:
            return default
        if text not in words:
            self.faults.append(Fault(name, "not_a_choice", value=text))
            return ""
        return words[text]
