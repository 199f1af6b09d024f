"""Earlier versions of a target, out of its history. Personal data are not in it: they stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.history import RowHistory
from app.directories.targets.changes import Part, part, words_of
from app.directories.targets.models import Target
from app.kernel.errors import NotFound
from app.security.models import Region

FIELDS = (
    "name",
    "kind",
    "industry_code",
    "region_id",
    "address",
    "legal_representative",
    "contact",
    "status",
    "registered_on",
    "tags",
)
"""What can be restored; a code that was replaced cannot (R-11.5)."""
MOST_STEPS = 5000
"""Changes between now and a version; further back the version is not put together any more."""
ENTRY_NAMES = {"industry_code": "industry", "region_id": "region"}
"""Columns whose field in `entries.COLUMNS` is called otherwise."""


@dataclass(frozen=True)
class Version:
    """A target as it was after the change `history_id`, plain values by column."""

    history_id: int
    at: datetime
    columns: Mapping[str, Any]


def version_at(session: Session, target: Target, history_id: int) -> Version:
    """The version after a change, put together backwards from what stands now. Two queries.

    :raises NotFound: no change of this target has that id, or too much happened since
    """
    row = session.scalars(
        select(RowHistory).where(
            RowHistory.id == history_id,
            RowHistory.table_name == "target",
            RowHistory.row_id == str(target.id),
        )
    ).first()
    if row is None:
        raise NotFound("not_in_scope", kind="version")
    later = session.execute(
        select(RowHistory.before)
        .where(
            RowHistory.table_name == "target",
            RowHistory.row_id == str(target.id),
            RowHistory.id > history_id,
            RowHistory.op == "UPDATE",
        )
        .order_by(RowHistory.id.desc())
        .limit(MOST_STEPS + 1)
    ).all()
    if len(later) > MOST_STEPS:
        raise NotFound("not_in_scope", kind="version")
    columns = current_columns(target)
    for (before,) in later:
        columns |= {name: value for name, value in (before or {}).items() if name in columns}
    return Version(row.id, row.at, columns)


def current_columns(target: Target) -> dict[str, Any]:
    """What stands now, as the history would write it."""
    found = {name: getattr(target, name) for name in ("code", *FIELDS)}
    day = found["registered_on"]
    return {**found, "registered_on": day.isoformat() if day else None, "tags": list(found["tags"] or [])}


def differences(session: Session, target: Target, version: Version) -> list[Part]:
    """What restoring would change, `before` is what stands now. At most four queries."""
    now = current_columns(target)
    names = [name for name in ("code", *FIELDS) if (now[name] or None) != (version.columns[name] or None)]
    words = words_of(session, [{name: side[name] for name in names} for side in (now, version.columns)])
    return [part(name, now[name], version.columns[name], words) for name in names]


def restored_texts(
    session: Session, target: Target, version: Version, names: Sequence[str]
) -> dict[str, str]:
    """The entry, by the names of `entries.COLUMNS`, with these fields as they were."""
    texts, columns = texts_of(target), version.columns
    for name in names:
        value = columns[name]
        if name == "region_id":
            value = session.scalar(select(Region.code).where(Region.id == value)) or str(value)
        elif name == "tags":
            value = ";".join(value or [])
        texts[ENTRY_NAMES.get(name, name)] = str(value or "")
    return texts


def texts_of(target: Target) -> dict[str, str]:
    """The target as a form would hand it in, personal data included."""
    plain = ("code", "name", "kind", "address", "legal_representative", "contact", "phone", "home_address")
    day = target.registered_on
    return {
        **{name: getattr(target, name) or "" for name in plain},
        "industry": target.industry_code or "",
        "region": target.region.code,
        "status": target.status,
        "registered_on": day.isoformat() if day else "",
        "tags": ";".join(target.tags or []),
    }
