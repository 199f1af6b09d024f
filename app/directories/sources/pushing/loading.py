"""What the directory knows of the rows of a batch: a few queries, whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, Text, bindparam, func, select
from sqlalchemy.orm import Session

from app.directories.sources.models import SourceConflict, SourceRow
from app.directories.sources.rules import ConflictState
from app.directories.targets.models import Target, TargetCode
from app.security.scoping import unscoped

STORED = (
    "id", "code", "code_kind", "name", "kind", "industry_code", "region_id", "address", "legal_representative",
    "contact", "phone", "home_address", "status", "registered_on", "tags", "source", "agency_id",
    "field_sources",
)  # fmt: skip


@dataclass
class Kept:
    """What a system said before under one of its ids."""

    target_id: int
    digest: bytes


@dataclass
class Stored:
    """The rows of the directory that a batch is about, by id; `ids`: any code they have or had, to the id."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    reachable: frozenset[int] = frozenset()
    contested: dict[int, dict[str, list[SourceConflict]]] = field(default_factory=dict)


def kept_rows(session: Session, keys: list[str]) -> dict[str, Kept]:
    query = select(SourceRow.key, SourceRow.target_id, SourceRow.digest)
    with unscoped(session, "what this system calls targets that may have moved"):
        rows = session.execute(query.where(SourceRow.key == func.any(_texts(keys)))).all()
    return {row.key: Kept(row.target_id, row.digest) for row in rows}


def contested_ids(session: Session, source: str, ids: Collection[int]) -> set[int]:
    """Targets with a conflict of this source that waits."""
    query = select(SourceConflict.target_id).where(
        SourceConflict.source == source,
        SourceConflict.state == ConflictState.OPEN.value,
        SourceConflict.target_id == func.any(_ids(ids)),
    )
    return set(session.scalars(query))


def load(session: Session, source: str, codes: Collection[str], ids: Collection[int]) -> Stored:
    """Rows that the ids, the codes, former codes and contained organisation codes name, wherever they lie.

    They are locked in the order of their ids, so that nobody changes one between the comparison and the writing.
    """
    found = Stored()
    wanted = set(ids)
    by_code = func.any(_texts(codes))
    with unscoped(session, "a code stands once in the whole directory"):
        if codes:
            former = session.execute(
                select(TargetCode.code, TargetCode.target_id).where(TargetCode.code == by_code)
            )
            found.ids.update((row.code, row.target_id) for row in former)
            wanted.update(found.ids.values())
            wanted.update(session.scalars(select(Target.id).where(Target.code == by_code)))
        columns = [getattr(Target, name) for name in STORED]
        query = select(*columns).where(Target.id == func.any(_ids(wanted))).order_by(Target.id)
        rows = session.execute(query.with_for_update(of=Target)).mappings() if wanted else ()
        found.rows = {row["id"]: dict(row) for row in rows}
    found.ids.update({row["code"]: row["id"] for row in found.rows.values()})
    found.reachable = frozenset(session.scalars(select(Target.id).where(Target.id == func.any(_ids(wanted)))))
    found.contested = _contested(session, source, found.reachable)
    return found


def _contested(
    session: Session, source: str, ids: Collection[int]
) -> dict[int, dict[str, list[SourceConflict]]]:
    """What waits or was kept as it was, by target and field, the newest last."""
    query = select(SourceConflict).where(
        SourceConflict.source == source,
        SourceConflict.state.in_([ConflictState.OPEN.value, ConflictState.KEPT.value]),
        SourceConflict.target_id == func.any(_ids(ids)),
    )
    found: dict[int, dict[str, list[SourceConflict]]] = {}
    for conflict in session.scalars(query.order_by(SourceConflict.id)):
        found.setdefault(conflict.target_id, {}).setdefault(conflict.field, []).append(conflict)
    return found


def key_of(system_id: int, source_id: str) -> str:
    return f"{system_id}:{source_id}"


def _texts(values: Collection[str]) -> BindParameter[list[str]]:
    return bindparam(None, list(values), type_=ARRAY(Text))


def _ids(values: Collection[int] | Mapping[int, Any]) -> BindParameter[list[int]]:
    return bindparam(None, sorted(values), type_=ARRAY(BigInteger))
