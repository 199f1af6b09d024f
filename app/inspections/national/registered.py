"""What results of national systems say in lower domains: the target's page, counts of a year, who was where."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories import targets
from app.directories.inspectors.places import past_loads
from app.directories.past.places import outside_visits
from app.directories.recusals.places import meetings
from app.directories.targets.models import Target
from app.inspections.national import due, importing, listing, queries
from app.inspections.national.rules import ResultState
from app.inspections.rules import ResultKind


def target_panel(session: Session, target: Target) -> str | None:
    rows = queries.results_of_target(session, target.id)
    if not rows:
        return None
    leads = bool(current_app.appbuilder.sm.has_access("can_show", "NationalResultView"))
    return render_template(
        "national/target_panel.html", rows=rows, states=ResultState, kinds=ResultKind, leads=leads
    )


_panel = targets.Panel(_l("Results of national systems"), target_panel)


def register() -> None:
    targets.panels.add(_panel, 62)
    past_loads.add(queries.load_of)
    outside_visits.add(queries.visits_of)
    meetings.add(queries.meetings_of)
    listing.register()
    importing.register()
    due.register()
