"""Experts who may be asked to assist: on the list, and their institution qualified on the day (R-16.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.directories.inspectors.models import Expert
from app.directories.institutions.models import Institution
from app.directories.institutions.rules import is_qualified
from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.directories.listing.listing import add_column, add_filter
from app.directories.targets.search import like_pattern
from app.kernel.clock import today
from app.kernel.decisions import Decision, refused
from app.security.context import current_clock

MOST = 20
_E, _N = Expert.__table__.c, Institution.__table__.c


def is_offered(expert: Expert, day: date) -> Decision:
    """Whether somebody may be asked to assist on a day, and why not."""
    if not expert.active:
        return refused("INACTIVE", rule="R-16.1")
    return is_qualified(expert.institution_row, day)


def offered(day: date) -> ColumnElement[bool]:
    """`is_offered` as a criterion over the table of experts. Over tables: not narrowed again."""
    qualified = select(_N.id).where(
        _N.active,
        or_(_N.valid_from.is_(None), _N.valid_from <= day),
        or_(_N.valid_until.is_(None), _N.valid_until >= day),
    )
    return and_(_E.active, or_(_E.institution_id.is_(None), _E.institution_id.in_(qualified)))


def experts_offered(session: Session, text: str, day: date, limit: int = MOST) -> Sequence[Expert]:
    """Experts within reach who are offered on the day, by a part of name, number or institution."""
    pattern = f"%{like_pattern(text.strip())}%"
    found = or_(*(column.like(pattern, escape="\\") for column in (_E.name, _E.code, _E.institution)))
    return session.scalars(
        select(Expert).where(offered(day), found).order_by(Expert.name, Expert.id).limit(limit)
    ).all()


def look_up(session: Session, text: str) -> list[dict[str, object]]:
    """Choices of a look-up: whoever is not offered is not among them."""
    rows = experts_offered(session, text, today(current_clock()))
    return [{"id": row.id, "label": row.name, "note": f"{row.code} · {row.institution}"} for row in rows]


def _by_offer(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    day = today(current_clock())
    ways = {"yes": offered(day), "no": ~offered(day)}
    return or_(false(), *(ways[value] for value in values if value in ways))


def _offers(session: Session, ids: Sequence[int]) -> dict[int, str]:
    rows = session.scalars(select(Expert.id).where(Expert.id.in_(ids), offered(today(current_clock()))))
    able = set(rows)
    return {number: _("yes") if number in able else _("no") for number in ids}


def register() -> None:
    add_column("experts", Column("offered", _l("Offered today"), None, computed=_offers))
    add_filter(
        "experts",
        Filter(
            "offered",
            _l("Offered today"),
            "one",
            lambda session: [("yes", _("Yes")), ("no", _("No"))],
            _by_offer,
        ),
    )
