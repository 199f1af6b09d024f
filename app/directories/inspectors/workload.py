"""The column of the list that says what each inspector has done this year."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.inspectors.places import workload_of
from app.directories.listing.columns import Column
from app.directories.listing.listing import add_column
from app.kernel.clock import today
from app.security.context import current_clock


def _said(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Two or three queries for a page of the list, however many rows it has."""
    year = today(current_clock()).year
    return {
        number: _("%(matched)s matched, %(done)s done", matched=load.total, done=load.done + load.past)
        for number, load in workload_of(session, ids, year).items()
    }


def register() -> None:
    add_column("inspectors", Column("workload", _l("Work this year"), None, shown=False, computed=_said))
