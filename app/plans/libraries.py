"""What plans tell the libraries: entries that draw from one and are not over."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.libraries.models import Library
from app.directories.libraries.places import Use, library_uses
from app.plans.models import Plan, PlanEntry
from app.plans.rules.life import EntryState
from app.security.scoping import scope_of, unscoped

MOST = 20


def entries_that_use(session: Session, library: Library, day: date) -> list[Use]:
    """Of this year's plans and later ones; what another agency plans is not named."""
    readable = scope_of(session).readable_agency_ids
    query = (
        select(PlanEntry.name, Plan.year, Plan.agency_id, Plan.id)
        .join(Plan, Plan.id == PlanEntry.plan_id)
        .where(
            PlanEntry.rule.contains({"libraries": [str(library.id)]}),
            PlanEntry.state != EntryState.DONE.value,
            Plan.year >= day.year,
        )
        .order_by(Plan.year, PlanEntry.id)
        .limit(MOST)
    )
    with unscoped(session, "whether any plan uses a library"):
        rows = session.execute(query).all()
    return [
        Use(_("plan %(year)s, %(name)s", year=year, name=name), f"/plans/{plan_id}")
        if agency_id in readable
        else Use(_("a plan of another agency"))
        for name, year, agency_id, plan_id in rows
    ]


def register() -> None:
    library_uses.add(entries_that_use)
