"""The history of a target as lines that a person can read; personal data stays covered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.history import RowHistory
from app.directories.rules import PERSONAL
from app.directories.targets.models import Industry, TargetKind
from app.directories.targets.rules import Source, TargetStatus
from app.security.models import Account, Agency, Region

LABELS = {
    "code": _l("Code"),
    "name": _l("Name"),
    "kind": _l("Kind of target"),
    "industry_code": _l("Industry"),
    "region_id": _l("Region"),
    "address": _l("Address"),
    "legal_representative": _l("Legal representative"),
    "contact": _l("Contact person"),
    "phone": _l("Telephone"),
    "home_address": _l("Home address of the operator"),
    "status": _l("Status"),
    "registered_on": _l("Registered on"),
    "risk_class": _l("Credit risk"),
    "risk_score": _l("Score"),
    "tags": _l("Specialties needed"),
    "source": _l("Source"),
    "agency_id": _l("Agency"),
}


@dataclass(frozen=True)
class ChangeLine:
    at: datetime
    by: str
    op: str
    parts: list[tuple[str, str, str]]


def change_lines(
    session: Session, rows: list[RowHistory], left_out: Collection[str] = ()
) -> list[ChangeLine]:
    """One line per change: when, who, and label, before, after of every field. At most five queries.

    :param left_out: fields that whoever looks does not see
    """
    names = _people(session, {row.actor for row in rows})
    words = _words(session, rows)
    return [
        ChangeLine(
            row.at,
            names.get(row.actor, _("System")),
            row.op,
            [
                (
                    str(label),
                    _show(name, (row.before or {}).get(name), words),
                    _show(name, (row.after or {}).get(name), words),
                )
                for name, label in LABELS.items()
                if row.op == "UPDATE" and name in (row.after or {}) and name not in left_out
            ],
        )
        for row in rows
    ]


def _people(session: Session, codes: set[str]) -> dict[str, str]:
    ids = [int(code[1:]) for code in codes if code.startswith("u") and code[1:].isdecimal()]
    if not ids:
        return {}
    accounts = session.scalars(select(Account).where(Account.id.in_(ids)))
    return {f"u{account.id}": account.get_full_name() for account in accounts}


_REFERENCES = {
    "region_id": (Region, "id"),
    "agency_id": (Agency, "id"),
    "industry_code": (Industry, "code"),
    "kind": (TargetKind, "code"),
}


def _words(session: Session, rows: list[RowHistory]) -> dict[tuple[str, Any], str]:
    """Names behind the references that occur."""
    found: dict[tuple[str, Any], str] = {}
    for name, (model, key) in _REFERENCES.items():
        values = {
            side.get(name) for row in rows if row.op == "UPDATE" for side in (row.before, row.after) if side
        }
        values.discard(None)
        if values:
            column = getattr(model, key)
            found |= {
                (name, getattr(o, key)): str(o)
                for o in session.scalars(select(model).where(column.in_(values)))
            }
    return found


def _show(name: str, value: Any, words: dict[tuple[str, Any], str]) -> str:
    if value in (None, "", []):
        return "—"
    if name in PERSONAL:
        return _("covered")
    if name == "status":
        return _(TargetStatus(value).label)
    if name == "source":
        return _(Source(value).label)
    if isinstance(value, list):
        return "、".join(map(str, value))
    return words.get((name, value), str(value))
