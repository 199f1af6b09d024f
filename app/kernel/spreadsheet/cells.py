"""One cell as text: what a spreadsheet kept as a number or a date, signs that nobody sees, full-width figures."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from app.kernel.workbook import is_formula

# From here on a spreadsheet's number has lost figures of a code.
EXACT_UP_TO = 10**15

SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?E[+-]?\d{1,3}", re.ASCII | re.IGNORECASE)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DROPPED = ("Cc", "Cf", "Cs")


def as_text(cell: Any) -> str:
    """The cell as the person sees it, as far as the spreadsheet kept that."""
    if isinstance(cell, str):
        return cell if cell.isalnum() else clean(cell)
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        if cell == int(cell) and abs(cell) < EXACT_UP_TO:
            return str(int(cell))
        return repr(cell).upper()
    if isinstance(cell, int):
        return str(cell) if abs(cell) < EXACT_UP_TO else repr(float(cell)).upper()
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else clean(str(cell))


def clean(text: str) -> str:
    """Without spaces at the ends and without signs that nobody sees; line breaks within stay."""
    text = text.strip()
    if text.startswith("'") and is_formula(text[1:]):
        text = text[1:].strip()  # put there by an export, so that the cell was no formula
    if not text or text.isprintable():
        return text
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in _DROPPED)
    return "".join(" " if c in "\t\xa0" else c for c in kept).strip()


def half_width(text: str) -> str:
    """Full-width letters, figures and signs as their half-width ones."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)
