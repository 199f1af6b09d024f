"""Formulas in what is handed out: CSV, workbooks, and both within archives."""

from __future__ import annotations

import csv
import io
import re
import zipfile

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HARMLESS = re.compile(r"[+-]?[\d.,]+%?|-+")
_FORMULA = re.compile(r"<f[ >/]")


def in_csv(content: bytes) -> list[str]:
    """Cells that a spreadsheet program would compute."""
    text = content.decode("utf-8-sig", "replace")
    cells = (cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row)
    return [f"formula in CSV: {cell[:80]!r}" for cell in cells if _computes(cell)]


def _computes(cell: str) -> bool:
    return cell.lstrip().startswith(BEGINNINGS) and not HARMLESS.fullmatch(cell)


def in_archive(content: bytes) -> list[str]:
    """Formulas in sheets, tables within, and members that lie outside."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for info in packed.infolist():
            if info.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", info.filename):
                found.append(f"member outside: {info.filename!r}")
            if re.fullmatch(r"xl/worksheets/[^/]*\.xml", info.filename):
                if _FORMULA.search(packed.read(info).decode("utf-8", "replace")):
                    found.append(f"formula in {info.filename}")
            elif info.filename.endswith(".csv"):
                found += in_csv(packed.read(info))
            elif info.filename.endswith((".xlsx", ".docx", ".zip")):
                found += in_archive(packed.read(info))
    return found


def in_file(content: bytes, mimetype: str) -> list[str]:
    if content[:2] == b"PK":
        return in_archive(content)
    return in_csv(content) if mimetype == "text/csv" else []
