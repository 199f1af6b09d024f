"""The reference tables of this folder as rows."""

import csv
from functools import cache
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent / "reference"


@cache
def reference(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `reference/<name>.csv` in file order, every cell a string. Shared: callers do not change them.

    Raises FileNotFoundError when there is no such table.
    """
    with open(REFERENCE / f"{name}.csv", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, strict=True))


def cell_list(cell: str) -> list[str]:
    """The parts of a cell that holds a list (`a;b;c`); an empty cell is an empty list."""
    return cell.split(";") if cell else []
