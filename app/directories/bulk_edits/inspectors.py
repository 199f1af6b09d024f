"""Bulk edits of inspectors; every row is judged by the validator of forms and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.bulk_edits.kinds import BulkField, BulkKind, Row, Wanted, add_bulk_kind
from app.directories.bulk_edits.rules import with_tags
from app.directories.inspectors.entries import FIELDS, changes, check_entry
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.queries import vocabulary
from app.directories.inspectors.services.keeping import may_keep
from app.directories.targets.queries import specialty_names
from app.directories.undoing.places import Undoable, add_undoable
from app.kernel.errors import Fault
from app.security.models import Agency

_I = Inspector.__table__.c
_YES, _NO = "yes", "no"
KEPT = "-"
"""Stands in for a telephone number that is stored: whether there is one is all that the validator asks."""
_COLUMNS = tuple(name for name in FIELDS if name != "phone")


class InspectorJudge:
    def __init__(self, unit: Unit) -> None:
        self._words = vocabulary(unit.session, unit.scope)
        self._agencies = dict(unit.session.execute(select(Agency.id, Agency.code)).all())

    def __call__(self, row: Row, wanted: Wanted) -> tuple[dict[str, Any], list[Fault]]:
        values = {name: _text(row[name]) for name in _COLUMNS}
        values["certificate_no"], values["phone"] = row["certificate_no"], KEPT if row["has_phone"] else ""
        values["agency"] = self._agencies.get(row["agency_id"], "")
        for name, value in wanted.items():
            if name == "specialties":
                values[name] = "；".join(with_tags(row[name], value.get("add", ()), value.get("drop", ())))
            elif name != "active":
                values[name] = value
        entry, faults = check_entry(values, self._words)
        active = wanted.get("active")
        if active is not None and active not in (_YES, _NO):
            faults.append(Fault("active", "yes_or_no_unreadable", value=active))
        if entry is None or faults:
            return {}, faults
        entry.given = frozenset(wanted)
        found = changes(row, entry)
        if active is not None and row["active"] is not (active == _YES):
            found["active"] = active == _YES
        return found, []


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "；".join(value)
    return "" if value is None else str(value)


def more(unit: Unit, owner: int | None, columns: Iterable[str]) -> Mapping[str, Any]:
    return {"version": _I.version + 1}


def words(session: Session, pairs: Iterable[tuple[str, Any]]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for column, value in pairs:
        if isinstance(value, bool):
            found[column, str(value)] = _("yes") if value else _("no")
        elif isinstance(value, list):
            found[column, str(value)] = "、".join(map(str, value))
    return found


def keeps(unit: Unit, owner: int | None) -> None:
    may_keep(unit, owner or 0)


def _flags(session: Session) -> list[tuple[str, Any]]:
    return [(_YES, _("yes")), (_NO, _("no"))]


def _specialties(session: Session) -> list[tuple[str, Any]]:
    return [(name, name) for name in specialty_names(session)]


LABELS = {
    "name": _l("Name"),
    "unit": _l("Section"),
    "position": _l("Position"),
    "certified": _l("Holds the certificate"),
    "certificate_from": _l("Certificate valid from"),
    "certificate_until": _l("Certificate valid until"),
    "leader": _l("May lead a group"),
    "load": _l("Visits this year"),
    "regions": _l("Regions"),
    "specialties": _l("Specialties"),
    "active": _l("On duty"),
}

KIND = add_bulk_kind(
    BulkKind(
        listing="inspectors",
        model=Inspector,
        fields=(
            BulkField("specialties", "specialties", LABELS["specialties"], "tags", _specialties),
            BulkField("active", "active", LABELS["active"], "flag", _flags),
            BulkField("unit", "unit", LABELS["unit"], "text", emptied=True),
            BulkField("position", "position", LABELS["position"], "text", emptied=True),
            BulkField("leader", "leader", LABELS["leader"], "flag", _flags),
        ),
        columns=(
            _I.id,
            _I.certificate_no,
            *(_I[name] for name in _COLUMNS),
            _I.agency_id,
            _I.active,
            _I.phone_digest.is_not(None).label("has_phone"),
        ),
        number="certificate_no",
        judge=InspectorJudge,
        keeps=keeps,
        owner=lambda row: row["agency_id"],
        more=more,
        words=words,
        permission=("can_keep", "InspectorView"),
        tags="specialties",
    )
)

add_undoable(
    Undoable(
        "inspector",
        closed={"active": False},
        labels=LABELS,
        words=words,
        url=lambda inspector_id: url_for("InspectorView.show", inspector_id=inspector_id),
    )
)
