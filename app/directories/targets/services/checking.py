"""The day of a target's last check, as the list shows it and a rule of a library asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ARRAY, BigInteger, Date, cast, column, func, or_, update

from app.db import Unit
from app.directories.targets.models import Target
from app.security.scoping import unscoped


def note_checked(unit: Unit, target_id: int, day: date) -> bool:
    """The target was checked on this day. Called by the domain that checks, or that takes past visits over.

    An earlier day than the stored one changes nothing, so that results may arrive in any order. It is no edit
    of the entry: `version` and `updated_at` stay, and nobody's form turns stale.

    :returns: whether the day was taken
    """
    with unscoped(unit.session, "the caller has checked the target; a check belongs to whoever made it"):
        taken = unit.session.execute(
            update(Target)
            .where(
                Target.id == target_id, or_(Target.last_checked_on.is_(None), Target.last_checked_on < day)
            )
            .values(last_checked_on=day)
            .execution_options(synchronize_session="fetch")
        )
    return bool(getattr(taken, "rowcount", 0))


def note_all_checked(unit: Unit, days: Mapping[int, date]) -> None:
    """The same for many targets in one statement, by id."""
    if not days:
        return
    told = (
        func.unnest(
            cast(list(days), ARRAY(BigInteger)), cast(list(days.values()), ARRAY(Date)), type_=BigInteger
        )
        .table_valued("id", column("day", Date))
        .render_derived()
    )
    with unscoped(unit.session, "the caller has checked the targets; a check belongs to whoever made it"):
        unit.session.execute(
            update(Target)
            .where(
                Target.id == told.c.id,
                or_(Target.last_checked_on.is_(None), Target.last_checked_on < told.c.day),
            )
            .values(last_checked_on=told.c.day)
            .execution_options(synchronize_session=False)
        )
