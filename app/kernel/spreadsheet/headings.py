"""Where the heading stands and what its columns mean: by their words, then by what their cells look like."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.kernel.spreadsheet import limits
from app.kernel.spreadsheet.rows import Column

_NOISE = re.compile(r"[\s*＊:：()（）\[\]【】_/\\、,，.。-]+")
_DIGITS = re.compile(r"\d{5,}")
_LONGEST_HEADING = 40
# So much of a column must look like something to be taken for it, and so little to be doubted.
MOSTLY, HARDLY, ENOUGH = 0.8, 0.2, 3


@dataclass(frozen=True)
class Heading:
    """The heading of one sheet: its first row (as the spreadsheet counts), one or two rows deep, one label per
    column, each of them once.
    """

    row: int
    depth: int
    labels: tuple[str, ...]

    @property
    def last(self) -> int:
        return self.row + self.depth - 1


def bare(heading: str) -> str:
    return _NOISE.sub("", heading).casefold()


def signature(labels: Iterable[str]) -> str:
    """The same for the same headings in whatever order: under it a mapping is remembered."""
    joined = "\n".join(sorted(bare(label) for label in labels if label))
    return hashlib.sha256(joined.encode()).hexdigest()[:40]


def find_heading(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> tuple[Heading, int]:
    """The row, or the two rows, that name the most columns among the first ones, and how many; titles may stand
    above. Where no word is known it is the first row with several texts.
    """
    known = {bare(word) for c in columns for word in (*c.headings, c.name)}
    best = (0, -1, 0)
    for index, row in enumerate(rows[: limits.HEADING_WITHIN]):
        score = len({bare(cell) for cell in row} & known)
        if score > best[0]:
            best = (score, index, 1)
        if index + 1 < len(rows) and _may_be_heading(rows[index + 1]):
            both = len({bare(cell) for cell in _two(row, rows[index + 1])} & known)
            below = len({bare(cell) for cell in rows[index + 1]} & known)
            if both > max(best[0], score, below):
                best = (both, index, 2)
    score, index, depth = best
    if index < 0:
        filled = ((i, sum(1 for c in row if c)) for i, row in enumerate(rows[: limits.HEADING_WITHIN]))
        index = next((i for i, n in filled if n > 1), 0)
        depth = 1
    return heading_at(rows, index + 1, depth), score


def heading_at(rows: Sequence[Sequence[str]], row: int, depth: int = 1) -> Heading:
    """The heading that begins in a row, as a person may choose it. `row` counts from 1."""
    if not 0 < row <= len(rows):
        return Heading(row, 1, ())
    texts = list(rows[row - 1])
    if depth == 2 and row < len(rows):
        texts = [
            lower if not upper or upper == lower else (f"{upper} {lower}" if lower else upper)
            for upper, lower in zip(*_even(texts, rows[row]), strict=True)
        ]
    return Heading(row, depth, tuple(_each_once(texts)))


def _even(upper: Sequence[str], lower: Sequence[str]) -> tuple[list[str], list[str]]:
    width = max(len(upper), len(lower))
    return [*upper, *[""] * (width - len(upper))], [*lower, *[""] * (width - len(lower))]


def _two(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    return [below or above for above, below in zip(*_even(upper, lower), strict=True)]


def _may_be_heading(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    return bool(filled) and all(len(c) <= _LONGEST_HEADING and not _DIGITS.search(c) for c in filled)


def _each_once(texts: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    labels = []
    for text in texts:
        text = " ".join(text.split())
        seen[text] = seen.get(text, 0) + 1
        labels.append(text if not text or seen[text] == 1 else f"{text} ({seen[text]})")
    return labels


def guess(heading: Heading, sample: Sequence[Sequence[str]], columns: Sequence[Column]) -> dict[str, str]:
    """Which label means which column: {column name: label}. Columns come in the order in which they may choose; the
    words of a column stand with the surest first.

    :param sample: rows below the heading
    """
    cells = {
        label: [row[at] for row in sample if at < len(row) and row[at]]
        for at, label in enumerate(heading.labels)
        if label
    }
    found: dict[str, str] = {}
    for column in columns:
        named = [label for label in _named(heading.labels, column) if label not in found.values()]
        if column.looks is not None:
            named = [label for label in named if not _contradicts(cells[label], column.looks)]
            if len(named) > 1:
                named.sort(key=lambda label: -_share(cells[label], column.looks))  # type: ignore[arg-type]
        if named:
            found[column.name] = named[0]
    for column in columns:
        if column.looks is None or column.name in found:
            continue
        free = [label for label in cells if label not in found.values() and len(cells[label]) >= ENOUGH]
        fits = {label: _share(cells[label], column.looks) for label in free}
        best = max(fits, key=lambda label: fits[label], default=None)
        if best is not None and fits[best] >= MOSTLY:
            found[column.name] = best
            continue
        # Nothing else looks like it: the heading is believed, and every cell is told to be wrong.
        named = [label for label in _named(heading.labels, column) if label not in found.values()]
        if named and not column.strict:
            found[column.name] = named[0]
    return found


def _named(labels: Sequence[str], column: Column) -> list[str]:
    """The labels that are words of the column, the surest word first; of a heading in two rows the lower one counts
    where the whole is no word.
    """
    order = {bare(word): at for at, word in reversed(list(enumerate((*column.headings, column.name))))}
    found = []
    for place, label in enumerate(labels):
        if not label:
            continue
        text = re.sub(r" \(\d+\)$", "", label)
        words = [bare(text), bare(text.rpartition(" ")[2])] if " " in text else [bare(text)]
        known = next((order[word] for word in words if word in order), None)
        if known is not None:
            found.append((known, place, label))
    return [label for _, _, label in sorted(found)]


def _contradicts(cells: Sequence[str], looks: re.Pattern[str]) -> bool:
    return len(cells) >= ENOUGH and _share(cells, looks) < HARDLY


def _share(cells: Sequence[str], looks: re.Pattern[str]) -> float:
    return sum(1 for cell in cells if looks.fullmatch(cell)) / len(cells) if cells else 0.0


def places(heading: Heading, mapping: Mapping[str, str]) -> dict[str, int]:
    """Column name -> position, for the labels that this heading has."""
    at = {label: position for position, label in enumerate(heading.labels) if label}
    return {name: at[label] for name, label in mapping.items() if label in at}
