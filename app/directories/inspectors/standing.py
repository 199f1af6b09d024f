"""Whether an inspector may check on site on a day, as SQL: `rules.eligibility` for a list of many thousands."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, literal, or_

from app.directories.inspectors.models import Inspector, Leave

ELIGIBLE = "ELIGIBLE"
STANDINGS = (ELIGIBLE, "INACTIVE", "UNCERTIFIED", "EXPIRED", "ABSENT")
"""The words of `rules.eligibility`, and the one for somebody against whom nothing stands."""

_I = Inspector.__table__.c
_L = Leave.__table__.c


def standing(day: date) -> ColumnElement[str]:
    """The first reason why not, over the table of inspectors; `ELIGIBLE` when nothing stands against it."""
    return case(
        (~_I.active, literal("INACTIVE")),
        (~_I.certified, literal("UNCERTIFIED")),
        (~_covered(day), literal("EXPIRED")),
        (_on_leave(day), literal("ABSENT")),
        else_=literal(ELIGIBLE),
    )


def stands(word: str, day: date) -> ColumnElement[bool]:
    """Inspectors with this standing; written out, so that an index can answer the commoner parts.

    :raises KeyError: for a word that is no standing
    """
    on_duty = and_(_I.active, _I.certified)
    return {
        ELIGIBLE: and_(on_duty, _covered(day), ~_on_leave(day)),
        "INACTIVE": ~_I.active,
        "UNCERTIFIED": and_(_I.active, ~_I.certified),
        "EXPIRED": and_(on_duty, ~_covered(day)),
        "ABSENT": and_(on_duty, _covered(day), _on_leave(day)),
    }[word]


def _covered(day: date) -> ColumnElement[bool]:
    begun = or_(_I.certificate_from.is_(None), _I.certificate_from <= day)
    return and_(_I.certificate_until.is_not(None), _I.certificate_until >= day, begun)


def _on_leave(day: date) -> ColumnElement[bool]:
    return exists().where(_L.inspector_id == _I.id, _L.first_day <= day, _L.last_day >= day)
