"""The kinds of permits that come with the product, and the permits of the demo. Idempotent, in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import Base, Unit
from app.directories.permits.models import Permit, PermitKind
from app.directories.targets.models import Target
from app.security.models import Region
from app.security.seeding import upsert
from seeds.demo.permits import demo_permits
from seeds.demo.targets import demo_targets
from seeds.reader import reference

BATCH = 2000


def load_reference_rows(unit: Unit) -> None:
    load_kinds(unit.session, PermitKind, reference("permit_kinds"))


def load_kinds(session: Session, model: type[Any], rows: Iterable[Mapping[str, str]]) -> None:
    """A vocabulary with code, name, name_en in the order of its rows."""
    found = [{**row, "position": position} for position, row in enumerate(rows)]
    upsert(session, model, "code", found)


def load_demo_rows(unit: Unit, day: date, user_ids: Mapping[str, int]) -> None:
    cities = {row["code"][:4]: row["name"] for row in reference("regions") if row["level"] == "city"}
    insert_children(unit.session, Permit, demo_permits(demo_targets(day), cities, day))


def insert_children(session: Session, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows that name their target by its code and its region; known ones stay as they are."""
    table, target = model.__table__, Target.__table__.c
    regions = dict(session.execute(select(Region.code, Region.id)).all())
    for batch in _batches(rows):
        codes = [row["target_code"] for row in batch]
        ids = dict(session.execute(select(target.code, target.id).where(target.code.in_(codes))).all())
        values = [
            {
                **{name: value for name, value in row.items() if name in table.c},
                "target_id": ids[row["target_code"]],
                "region_id": regions[row["region_code"]],
            }
            for row in batch
        ]
        session.execute(insert(table).on_conflict_do_nothing(), values)


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
