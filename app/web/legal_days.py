"""The dates that the regulation itself sets, for the calendar of the workbench."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import pgettext

FARTHEST = 366


@dataclass(frozen=True)
class LegalDay:
    """`mark` is the one sign in the calendar, `rule` what stands behind it; both in the reader's language."""

    day: date
    mark: str
    text: str
    rule: str


def legal_days(first: date, days: int) -> list[LegalDay]:
    """Dates set by the regulation from `first` on, for so many days."""
    reported = (pgettext("statutory date", "R"), _("Agencies report their plans of the year"), "R-18.1")
    published = (pgettext("statutory date", "P"), _("Plans of the year are published"), "R-18.1")
    marked = (pgettext("statutory date", "M"), _("Credit-risk classes are marked for the month"), "R-11.2")
    yearly = {(1, 31): reported, (3, 31): published}
    found = []
    for day in (first + timedelta(days=offset) for offset in range(days)):
        if (day.month, day.day) in yearly:
            found.append(LegalDay(day, *yearly[day.month, day.day]))
        if day.day == monthrange(day.year, day.month)[1]:
            found.append(LegalDay(day, *marked))
    return found


def next_legal_day(first: date) -> LegalDay:
    """The next yearly date from `first` on, for the line below the calendar."""
    return next(legal for legal in legal_days(first, FARTHEST) if legal.rule == "R-18.1")
