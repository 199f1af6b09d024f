"""A first look at a file: its sheets, where their headings stand, what the columns seem to mean."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.db import Unit
from app.directories.importing.kinds import ImportKind
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
"""Per sheet: name, hidden, merged (cells), row, depth, labels, mapping, examples (rows below the heading)."""


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
        mapping = remembered(unit, kind, layout.heading.labels) or layout.mapping
        found.append(_told(layout, mapping))
    return found


def _told(layout: Layout, mapping: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": layout.sheet,
        "hidden": layout.hidden,
        "merged": layout.merged,
        "row": layout.heading.row,
        "depth": layout.heading.depth,
        "labels": list(layout.heading.labels),
        "mapping": dict(mapping),
        "examples": layout.sample[:EXAMPLES],
    }


def remembered(unit: Unit, kind: ImportKind, labels: Sequence[str]) -> dict[str, str] | None:
    """How these headings were understood the last time at the actor's agency, in the spelling of this file."""
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
    return {name: spelled[bare(label)] for name, label in kept.items() if bare(label) in spelled}


def remember(unit: Unit, kind: ImportKind, labels: Sequence[str], mapping: Mapping[str, str]) -> None:
    if unit.actor.agency_id is None:
        return
    marks = {"agency_id": unit.actor.agency_id, "kind": kind.key, "signature": signature(labels)}
    known = unit.session.scalars(select(ImportMapping).filter_by(**marks)).first()
    if known is None:
        known = ImportMapping(**marks, mapping={}, updated_at=unit.clock.now())
        unit.session.add(known)
    known.mapping, known.updated_at = dict(mapping), unit.clock.now()
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
    return [{name: one[name] for name in ("name", "row", "depth", "labels", "mapping")} for one in look]


def rows_of(run: ImportRun) -> Iterator[SheetRow]:
    """The rows of the chosen sheets, as the run's settings understand them.

    :raises Invalid: the file cannot be read, or brings more rows than are taken at once
    """
    book = open_book(run.content or b"", run.file_name)
    count = 0
    for chosen in run.settings["sheets"]:
        sheet = book.sheet(chosen["name"])
        if sheet is None:
            raise unreadable("import_sheet_damaged", run.file_name, sheet=chosen["name"])
        heading = Heading(chosen["row"], chosen["depth"], tuple(chosen["labels"]))
        for row in sheet_rows(sheet, heading, chosen["mapping"], run.file_name, count):
            count += 1
            yield row
    if count == 0:
        raise unreadable("import_empty", run.file_name)
