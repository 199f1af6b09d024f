"""Category libraries that are in use elsewhere, by the lines of business that keep them: points to start from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby

from seeds.reader import cell_list, reference


@dataclass(frozen=True)
class StartingPoint:
    """A name, and what of its rule the vocabularies can say; the rest is added by hand."""

    no: int
    name: str
    rule: dict[str, list[str]]


@dataclass(frozen=True)
class Group:
    category: str
    points: tuple[StartingPoint, ...]


@cache
def starting_points() -> tuple[Group, ...]:
    """All of `seeds/reference/category_libraries.csv`, in its order."""
    return tuple(
        Group(category, tuple(_point(row) for row in rows))
        for category, rows in groupby(reference("category_libraries"), key=lambda row: row["category"])
    )


def _point(row: dict[str, str]) -> StartingPoint:
    parts = {"industries": cell_list(row["industries"]), "permits": cell_list(row["permits"])}
    rule = {name: values for name, values in parts.items() if values}
    return StartingPoint(int(row["no"]), row["name"], {**rule, "status": ["active"]})
