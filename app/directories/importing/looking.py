"""A first look at a file: its sheets, where their headings stand, what the columns seem to mean."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.db import Unit
from app.directories.importing.kinds import ImportKind, import_kinds
from app.directories.importing.models import ImportBatch, ImportMapping, ImportRun
from app.kernel.errors import Invalid
from app.kernel.spreadsheet import (
    Book,
    Column,
    Heading,
    Layout,
    SheetRow,
    bare,
    layout_of,
    open_book,
    sheet_rows,
    signature,
    unreadable,
)

# Where the look is kept among the batches: it holds examples from the file, so it is sealed like them.
LOOK = -1
EXAMPLES = 3
Look = list[dict[str, Any]]
"""Per sheet: name, hidden, merged (cells), row, depth, labels, mapping, fixed (values for rows that say nothing
of a column), examples (rows below the heading).
"""
# How a remembered mapping tells the value of a column that the sheets lack from the label of one that they have.
FIXED = "="


def mandatory(kind: ImportKind, key: str) -> list[Column]:
    """The columns that a file must have: not the code where rows are known by something else."""
    usual = kind.key_choices[0][0]
    return [c for c in kind.columns if c.mandatory and (key == usual or c.name != usual)]


def look_at(
    unit: Unit, kind: ImportKind, book: Book, headings: Mapping[str, tuple[int, int]] | None = None
) -> Look:
    """What every sheet holds; `headings`: row and depth by sheet, where a person has named them."""
    found = []
    for sheet in book.sheets:
        row, depth = (headings or {}).get(sheet.name, (None, 1))
        layout = layout_of(sheet, kind.columns, row, depth)
        mapping, fixed = remembered(unit, kind, layout.heading.labels) or (layout.mapping, {})
        found.append(_told(layout, mapping, fixed))
    return found


def _told(layout: Layout, mapping: Mapping[str, str], fixed: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": layout.sheet,
        "hidden": layout.hidden,
        "merged": layout.merged,
        "row": layout.heading.row,
        "depth": layout.heading.depth,
        "labels": list(layout.heading.labels),
        "mapping": dict(mapping),
        "fixed": dict(fixed),
        "examples": layout.sample[:EXAMPLES],
    }


def remembered(
    unit: Unit, kind: ImportKind, labels: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]] | None:
    """How these headings were understood the last time at the actor's agency, in the spelling of this file, and the
    values that were given for columns which they lack. Bad rows that come back corrected have two headings more.
    """
    labels = _own(labels)
    if unit.actor.agency_id is None or not any(labels):
        return None
    query = select(ImportMapping.mapping).where(
        ImportMapping.agency_id == unit.actor.agency_id,
        ImportMapping.kind == kind.key,
        ImportMapping.signature == signature(labels),
    )
    kept = unit.session.scalars(query).first()
    if kept is None:
        return None
    spelled = {bare(label): label for label in labels if label}
    mapping = {
        name: spelled[bare(label)]
        for name, label in kept.items()
        if not name.startswith(FIXED) and bare(label) in spelled
    }
    return mapping, {name[1:]: value for name, value in kept.items() if name.startswith(FIXED)}


def _own(labels: Iterable[str]) -> list[str]:
    """The labels without those that the portal puts before bad rows."""
    ours = {bare(_("What is wrong")), bare(_("Row of the file"))}
    return [label for label in labels if bare(label) not in ours]


def remember(
    unit: Unit, kind: ImportKind, labels: Sequence[str], mapping: Mapping[str, str], fixed: Mapping[str, str]
) -> None:
    labels = _own(labels)
    if unit.actor.agency_id is None:
        return
    marks = {"agency_id": unit.actor.agency_id, "kind": kind.key, "signature": signature(labels)}
    known = unit.session.scalars(select(ImportMapping).filter_by(**marks)).first()
    if known is None:
        known = ImportMapping(**marks, mapping={}, updated_at=unit.clock.now())
        unit.session.add(known)
    known.mapping = {**mapping, **{f"{FIXED}{name}": value for name, value in fixed.items()}}
    known.updated_at = unit.clock.now()
    unit.session.flush()


def fitting(kind: ImportKind, look: Look, key: str) -> Look:
    """The visible sheets of which everything needed is known."""
    needed = {c.name for c in mandatory(kind, key)}
    return [one for one in look if not one["hidden"] and any(one["labels"]) and needed <= set(one["mapping"])]


def why_not(kind: ImportKind, look: Look, file_name: str, key: str) -> Invalid:
    """Why no sheet can be taken as it is: empty, hidden, or without the columns that are needed."""
    filled = [one for one in look if any(one["labels"])]
    if not filled:
        return unreadable("import_empty", file_name)
    needed = mandatory(kind, key)
    hidden = [o for o in filled if o["hidden"] and {c.name for c in needed} <= set(o["mapping"])]
    if hidden:
        return unreadable("import_only_hidden", file_name, sheet=hidden[0]["name"])
    first = next((one for one in filled if not one["hidden"]), filled[0])
    lacking = [c.headings[0] for c in needed if c.name not in first["mapping"]]
    return unreadable(
        "import_columns_missing", file_name, sheet=first["name"], row=first["row"], columns="、".join(lacking)
    )


def keep_look(unit: Unit, run: ImportRun, look: Look) -> None:
    content = zlib.compress(json.dumps(look, ensure_ascii=False).encode(), 1)
    kept = _kept(unit.session, run.id)
    if kept is None:
        unit.session.add(ImportBatch(run_id=run.id, position=LOOK, new=0, changed=0, bad=0, content=content))
    else:
        kept.content = content
    unit.session.flush()


def kept_look(session: Session, run_id: int) -> Look:
    kept = _kept(session, run_id)
    found: Look = json.loads(zlib.decompress(kept.content)) if kept is not None else []
    return found


def _kept(session: Session, run_id: int) -> ImportBatch | None:
    return session.scalars(
        select(ImportBatch)
        .where(ImportBatch.run_id == run_id, ImportBatch.position == LOOK)
        .options(undefer(ImportBatch.content))
    ).first()


def sheets_of(look: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the run keeps of the sheets that are read."""
    kept = ("name", "row", "depth", "labels", "mapping", "fixed")
    return [{name: one[name] for name in kept if name in one} for one in look]


def _with(row: SheetRow, fixed: Mapping[str, str], words: Mapping[str, str]) -> SheetRow:
    """The row with the values that a person gave for what it says nothing of: its sheet lacks the column, or the cell
    is empty.
    """
    lacking = {name: value for name, value in fixed.items() if not row.cells.get(name)}
    if not lacking:
        return row
    named = {**{name: words[name] for name in lacking if name in words}, **row.headings}
    return SheetRow(row.sheet, row.row, {**row.cells, **lacking}, named, row.raw)


def count_rows(run: ImportRun) -> int:
    """The rows of the chosen sheets.

    :raises Invalid: more than are taken at once, which a person is told before the long check
    """
    return sum(1 for _ in rows_of(run))


def rows_of(run: ImportRun) -> Iterator[SheetRow]:
    """The rows of the chosen sheets, as the run's settings understand them.

    :raises Invalid: the file cannot be read, or brings more rows than are taken at once
    """
    book = open_book(run.content or b"", run.file_name)
    kind = import_kinds.get(run.kind)
    words = {c.name: c.headings[0] for c in kind.columns} if kind is not None else {}
    count = 0
    for chosen in run.settings["sheets"]:
        sheet = book.sheet(chosen["name"])
        if sheet is None:
            raise unreadable("import_sheet_damaged", run.file_name, sheet=chosen["name"])
        heading = Heading(chosen["row"], chosen["depth"], tuple(chosen["labels"]))
        fixed = chosen.get("fixed") or {}
        for row in sheet_rows(sheet, heading, chosen["mapping"], run.file_name, count):
            count += 1
            yield _with(row, fixed, words) if fixed else row
    if count == 0:
        raise unreadable("import_empty", run.file_name)
