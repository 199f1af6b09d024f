"""The words and codes that an entry may use, as the database knows them now."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.targets.entries import Vocabulary
from app.directories.targets.models import Industry, Specialty, TargetKind
from app.security.models import Region
from app.security.scope import Scope


def vocabulary(session: Session, scope: Scope, within: Collection[int] | None = None) -> Vocabulary:
    """Four queries. `within` narrows the reachable regions further (those of an agency)."""
    kinds = session.execute(select(TargetKind.code, TargetKind.name, TargetKind.uscc_prefixes)).all()
    regions = session.execute(select(Region.id, Region.code, Region.name)).all()
    industries = session.execute(select(Industry.code, Industry.name)).all()
    reachable = None if scope.everything else scope.region_ids
    if within is not None:
        reachable = frozenset(within) if reachable is None else reachable & frozenset(within)
    # A division and its only class may share a name: the class wins.
    by_name = {name: code for code, name in sorted(industries, key=lambda row: len(row[0]))}
    return Vocabulary(
        kinds={word: k.code for k in kinds for word in (k.code, k.name)},
        prefixes={prefix: k.code for k in kinds for prefix in k.uscc_prefixes},
        industries={**by_name, **{code: code for code, _ in industries}},
        regions={word: r.id for r in regions for word in (r.name, r.code)},
        reachable=reachable,
        tags=frozenset(session.scalars(select(Specialty.name))),
    )
