"""Recusals go along with an inspector who changes the agency."""

from __future__ import annotations

from sqlalchemy import select, update

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.recusals.models import Recusal, RecusalEvidence, Tie
from app.directories.recusals.services.applying import NO_LONGER, apply_rules
from app.kernel.clock import today


def follow_moving(unit: Unit, inspector: Inspector, former_agency_id: int) -> None:
    """What was declared and the ties go to the new agency; pairs of the former agency's rules end, the new one's begin.

    Called past the scope, after both agencies have agreed.
    """
    day = today(unit.clock)
    made = select(Recusal).where(
        Recusal.inspector_id == inspector.id, Recusal.rule_id.is_not(None), Recusal.withdrawn_on.is_(None)
    )
    for recusal in unit.session.scalars(made):
        recusal.withdrawn_on, recusal.withdrawn_reason = day, NO_LONGER
    unit.session.flush()
    for model in (Recusal, Tie, RecusalEvidence):
        statement = update(model).where(
            model.inspector_id == inspector.id, model.agency_id == former_agency_id
        )
        if model is Recusal:
            statement = statement.where(Recusal.withdrawn_on.is_(None))
        unit.session.execute(
            statement.values(agency_id=inspector.agency_id).execution_options(synchronize_session=False)
        )
    unit.session.expire_all()
    apply_rules(unit, inspector.agency_id, day)
