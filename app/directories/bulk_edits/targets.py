"""Bulk edits of targets; every row is judged by the validator of forms and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import cast, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.bulk_edits.kinds import BulkField, BulkKind, Row, Wanted, add_bulk_kind
from app.directories.bulk_edits.rules import with_tags
from app.directories.sources.rules import FORM, agency_source
from app.directories.targets import queries
from app.directories.targets.changes import LABELS
from app.directories.targets.entries import FIELDS, changes, check_entry
from app.directories.targets.models import Industry, Target, TargetKind
from app.directories.targets.rules import Source, TargetStatus
from app.directories.targets.services.keeping import may_keep
from app.directories.targets.vocabulary import vocabulary
from app.directories.undoing.places import Undoable, add_undoable
from app.kernel.clock import today
from app.kernel.errors import Fault
from app.security.models import Agency, Region

_T = Target.__table__.c
KEPT = "-"
"""Stands in for a telephone number that is stored: whether there is one is all that the validator asks."""


class TargetJudge:
    def __init__(self, unit: Unit) -> None:
        self._words = vocabulary(unit.session, unit.scope)
        self._regions = dict(unit.session.execute(select(Region.id, Region.code)).all())
        self._columns = {column: name for column, name in FIELDS if name not in ("phone", "home_address")}

    def __call__(self, row: Row, wanted: Wanted) -> tuple[dict[str, Any], list[Fault]]:
        values = {name: _text(row[column]) for column, name in self._columns.items()}
        values["region"] = self._regions[row["region_id"]]
        values["tags"] = "；".join(row["tags"])
        values["code"], values["phone"] = row["code"], KEPT if row["has_phone"] else ""
        for name, value in wanted.items():
            values[name] = "；".join(with_tags(row["tags"], **_parts(value))) if name == "tags" else value
        entry, faults = check_entry(values, self._words)
        if entry is None:
            return {}, faults
        entry.given = frozenset(wanted)
        return changes(row, entry), []


def _parts(value: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {"add": value.get("add", ()), "drop": value.get("drop", ())}


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def more(unit: Unit, owner: int | None, columns: Iterable[str]) -> dict[str, Any]:
    """The time, the next version, and who says so from today on."""
    agency = unit.session.get(Agency, owner) if owner is not None else None
    source = FORM if agency is None else agency_source(agency.code)
    stamp = {column: [source, today(unit.clock).isoformat()] for column in columns}
    return {
        "version": _T.version + 1,
        "updated_at": unit.clock.now(),
        "field_sources": _T.field_sources.op("||")(cast(stamp, JSONB)),
    }


_REFERENCES: dict[str, tuple[Any, str]] = {
    "region_id": (Region, "id"),
    "agency_id": (Agency, "id"),
    "industry_code": (Industry, "code"),
    "kind": (TargetKind, "code"),
}


def words(session: Session, pairs: Iterable[tuple[str, Any]]) -> dict[tuple[str, str], str]:
    """Names behind codes and numbers; lists in one line. At most one query for each kind of reference."""
    found: dict[tuple[str, str], str] = {}
    wanted: dict[str, set[Any]] = {}
    for column, value in pairs:
        if value is None or value == "" or value == []:
            continue
        if column in _REFERENCES:
            wanted.setdefault(column, set()).add(value)
        elif column == "status" and value in set(TargetStatus):
            found[column, str(value)] = _(TargetStatus(value).label)
        elif column == "source" and value in set(Source):
            found[column, str(value)] = _(Source(value).label)
        elif isinstance(value, list):
            found[column, str(value)] = "、".join(map(str, value))
    for column, values in wanted.items():
        model, key = _REFERENCES[column]
        table = model.__table__.c
        rows = session.execute(select(table[key], table.name).where(table[key].in_(values)))
        found |= {(column, str(value)): name for value, name in rows}
    return found


def _kinds(session: Session) -> list[tuple[str, Any]]:
    return list(queries.kind_names(session).items())


def _statuses(session: Session) -> list[tuple[str, Any]]:
    return [(status.value, _(status.label)) for status in TargetStatus]


def _specialties(session: Session) -> list[tuple[str, Any]]:
    return [(name, name) for name in queries.specialty_names(session)]


KIND = add_bulk_kind(
    BulkKind(
        listing="targets",
        model=Target,
        fields=(
            BulkField("status", "status", LABELS["status"], "choice", _statuses),
            BulkField("kind", "kind", LABELS["kind"], "choice", _kinds),
            BulkField(
                "industry",
                "industry_code",
                LABELS["industry_code"],
                "lookup",
                lookup="industries",
                emptied=True,
            ),
            BulkField("region", "region_id", LABELS["region_id"], "lookup", lookup="regions"),
            BulkField("tags", "tags", LABELS["tags"], "tags", _specialties),
            BulkField("contact", "contact", LABELS["contact"], "text", emptied=True),
            BulkField("legal_representative", "legal_representative", LABELS["legal_representative"], "text"),
            BulkField("address", "address", LABELS["address"], "text"),
            BulkField("registered_on", "registered_on", LABELS["registered_on"], "date", emptied=True),
        ),
        columns=(
            _T.id,
            _T.code,
            *(_T[column] for column, name in FIELDS if name not in ("phone", "home_address")),
            _T.agency_id,
            _T.phone_digest.is_not(None).label("has_phone"),
        ),
        number="code",
        judge=TargetJudge,
        keeps=may_keep,
        owner=lambda row: row["agency_id"],
        more=more,
        words=words,
        permission=("can_keep", "TargetView"),
        tags="tags",
    )
)

add_undoable(
    Undoable(
        "target",
        closed={"status": TargetStatus.CLOSED.value},
        derived=frozenset({"risk_class", "risk_score", "last_checked_on"}),
        labels={**LABELS, "field_sources": _l("Sources of the fields")},
        words=words,
        url=lambda target_id: url_for("TargetView.show", target_id=target_id),
    )
)
add_undoable(Undoable("target_code", "code", labels={"code": _l("Former code")}))
