"""What draws tell the libraries: the list that the last one froze, and that it froze it (R-12.1, R-13.1)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql import cast, literal

from app.db import Unit
from app.directories.libraries.log import note
from app.directories.libraries.models import Library
from app.directories.libraries.places import FrozenList, frozen_lists
from app.directories.outside.queries import items_outside
from app.draws.models import Draw, DrawFile
from app.draws.places import Expectation, after_event, freeze_checks
from app.kernel.decisions import Refusal, refused
from app.regulation import implements
from app.security.scoping import unscoped
from app.tasks.models import Task

FRAME = "frame.tsv"
_LINE = re.compile(rb"([^\t\n]+)\t([^\t\n]+)\t[^\n]*\n")


def last_list(session: Session, library: Library) -> FrozenList | None:
    """The list of the last draw from the library, or by exactly its rule, that whoever asks may see."""
    named = Task.rule.contains({"libraries": [str(library.id)]})
    same = and_(
        Task.rule == cast(literal(library.rule, JSONB), JSONB), Task.initiator_id == library.agency_id
    )
    draw = session.scalars(
        select(Draw)
        .join(Task, Task.id == Draw.task_id)
        .where(or_(named, same), Draw.frozen_at.is_not(None), Draw.state != "void")
        .order_by(Draw.frozen_at.desc(), Draw.id.desc())
        .limit(1)
    ).first()
    if draw is None or draw.frozen_at is None:
        return None
    draw_id, classes = draw.id, {s["code"]: s["risk_class"] for s in draw.strata}
    return FrozenList(
        draw.draw_no, f"/draws/{draw.draw_no}/", draw.frozen_at, lambda: _rows(session, draw_id, classes)
    )


def _rows(session: Session, draw_id: int, classes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Code and class of every row, by the bytes of the codes, as the file has them."""
    content = session.scalars(
        select(DrawFile.content).where(DrawFile.draw_id == draw_id, DrawFile.name == FRAME)
    ).one()
    text = zlib.decompress(content)
    start = text.index(b"\n", text.index(b"\n") + 1) + 1
    for line in _LINE.finditer(text, start):
        stratum = line[2].decode()
        yield line[1].decode(), classes.get(stratum, stratum)


def log_freeze(unit: Unit, draw: Draw, tag: str) -> None:
    """All who keep a library read that a draw froze it."""
    named = [int(value) for value in (draw.task.rule or {}).get("libraries", [])]
    if tag != "frozen" or not named:
        return
    with unscoped(unit.session, "the freeze is noted in the libraries that the plan names"):
        for library in unit.session.scalars(select(Library).where(Library.id.in_(named))).all():
            note(unit, library, "frozen", {"draw": draw.draw_no})


@implements("R-3.3")
def items_within(session: Session, expectation: Expectation) -> list[Refusal]:
    """One refusal per item of the task that lies outside random selection."""
    found = items_outside(session, [part.item_id for part in expectation.task.items])
    return [refused("draw_item_outside", rule="R-3.3", item=words) for words in sorted(set(found.values()))]


def register() -> None:
    frozen_lists.add(last_list)
    after_event.add(log_freeze)
    freeze_checks.add(items_within)
