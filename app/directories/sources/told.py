"""A target as interfaces tell it: the same columns everywhere, no personal data, the class for whoever sees it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from app.directories.targets.models import Target, TargetCode

PLAIN = (
    "id", "code", "code_kind", "name", "kind", "industry_code", "address", "legal_representative", "status",
    "risk_class", "tags", "source",
)  # fmt: skip
LISTED = frozenset({*PLAIN, "region_id", "registered_on", "agency_id", "last_checked_on"})
"""Columns whose change is told."""


def tell(session: Session, ids: Sequence[int], unseen: Collection[str] = ()) -> dict[int, dict[str, Any]]:
    """The targets within reach, by id. Two queries.

    :param unseen: columns that are not there for whoever asks
    """
    if not ids:
        return {}
    # Sealed values are not told: opening them for thousands of rows would cost more than all the rest.
    sealed = (defer(Target.phone), defer(Target.home_address))
    query = select(Target).where(Target.id.in_(ids))
    query = query.options(joinedload(Target.region), joinedload(Target.agency), *sealed)
    targets = list(session.scalars(query.execution_options(populate_existing=True)))
    former = _former(session, [target.id for target in targets])
    return {target.id: _told(target, former.get(target.id, []), unseen) for target in targets}


def _former(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(TargetCode.target_id, TargetCode.code).where(TargetCode.target_id.in_(ids))
    for target_id, code in session.execute(query.order_by(TargetCode.replaced_at)):
        found.setdefault(target_id, []).append(code)
    return found


def _told(target: Target, former: list[str], unseen: Collection[str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(target, name) for name in PLAIN if name not in unseen}
    return {
        **row,
        "former_codes": former,
        "region": {"code": target.region.code, "name": target.region.name},
        "agency": target.agency.code if target.agency is not None else None,
        "registered_on": target.registered_on.isoformat() if target.registered_on else None,
        "last_checked_on": target.last_checked_on.isoformat() if target.last_checked_on else None,
        "field_sources": {
            name: entry for name, entry in (target.field_sources or {}).items() if name not in unseen
        },
        "updated_at": target.updated_at.isoformat(timespec="seconds"),
    }
