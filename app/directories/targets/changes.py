"""The history of a target as lines that a person can read; personal data stays covered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from app.directories.targets.wording import Piece, side_by_side
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
    "last_checked_on": _l("Last check"),
}
CAUSES = {
    "bulk": _l("Edited with others"),
    "import": _l("By an import"),
    "merge": _l("By a merger"),
    "sync": _l("By another system"),
    "undo": _l("Taken back"),
}
NOTHING = "—"


@dataclass(frozen=True)
class Part:
    """One field of a change: both sides as words, and in pieces of which the changed ones are marked."""

    name: str
    label: str
    before: str
    after: str
    left: Sequence[Piece]
    right: Sequence[Piece]


@dataclass(frozen=True)
class ChangeLine:
    """`id` of the row of the history, `cause` why many rows changed at once, empty for one alone."""

    id: int
    at: datetime
    by: str
    op: str
    cause: str
    parts: list[Part]


def change_lines(
    session: Session, rows: Sequence[RowHistory], left_out: Collection[str] = ()
) -> list[ChangeLine]:
    """One line per change: when, who, and label, before, after of every field. At most five queries.

    :param left_out: fields that whoever looks does not see
    """
    names = people(session, {row.actor for row in rows})
    sides = [side for row in rows if row.op == "UPDATE" for side in (row.before, row.after) if side]
    words = words_of(session, sides)
    return [
        ChangeLine(
            row.id,
            row.at,
            names.get(row.actor, _("System")),
            row.op,
            str(CAUSES.get((row.cause or "").partition(":")[0], "")),
            _parts(row, left_out, words) if row.op == "UPDATE" else [],
        )
        for row in rows
    ]


def _parts(row: RowHistory, left_out: Collection[str], words: Words) -> list[Part]:
    before, after = row.before or {}, row.after or {}
    names = [name for name in LABELS if name in after and name not in left_out]
    return [part(name, before.get(name), after.get(name), words) for name in names]


Words = Mapping[tuple[str, Any], str]


def part(name: str, before: Any, after: Any, words: Words) -> Part:
    """:param words: as `words_of` gives them"""
    old, new = show(name, before, words), show(name, after, words)
    plain = name in PERSONAL or NOTHING in (old, new)
    left, right = ([Piece(old, True)], [Piece(new, True)]) if plain else side_by_side(old, new)
    return Part(name, str(LABELS[name]), old, new, left, right)


def people(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Names behind the codes of actors, as far as they are people."""
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


def words_of(session: Session, sides: Sequence[Mapping[str, Any]]) -> dict[tuple[str, Any], str]:
    """Names behind the references that occur in rows; one query for each column that occurs."""
    found: dict[tuple[str, Any], str] = {}
    for name, (model, key) in _REFERENCES.items():
        values = {side.get(name) for side in sides}
        values.discard(None)
        if values:
            column = getattr(model, key)
            found |= {
                (name, getattr(o, key)): str(o)
                for o in session.scalars(select(model).where(column.in_(values)))
            }
    return found


def show(name: str, value: Any, words: Words) -> str:
    if value in (None, "", []):
        return NOTHING
    if name in PERSONAL:
        return _("covered")
    if name == "status":
        return _(TargetStatus(value).label)
    if name == "source":
        return _(Source(value).label)
    if isinstance(value, list):
        return "、".join(map(str, value))
    return words.get((name, value), str(value))
