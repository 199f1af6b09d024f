"""Whom the marks tell, and what waits on the workbench."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor, Unit
from app.directories.outside.models import OutsideMark
from app.directories.outside.rules import MarkState
from app.kernel.clock import Clock, today
from app.notifications.due import DueLine
from app.notifications.services import notify, register_template
from app.security.approval import approving_agency
from app.security.models import Account, Agency
from app.security.queries import people
from app.security.rules import RoleName

MOST = 30

register_template(
    "outside.asked",
    subject=_l("To approve: outside random selection, %(matter)s"),
    body=_l("%(agency)s asks to take it out of random selection. Please approve or return it."),
)
register_template(
    "outside.decided",
    subject=_l("Decided: outside random selection, %(matter)s"),
    body=_l("The request has been decided. %(remarks)s"),
)


def tell_asked(unit: Unit, mark: OutsideMark, judge: Agency) -> None:
    """The reviewers who may approve, but not whoever asked."""
    reviewers = people(unit.session, judge.id, {RoleName.REVIEWER}, today(unit.clock))
    wanted = [person for person in reviewers if f"u{person.id}" != mark.asked_by]
    asking = unit.session.get(Agency, mark.agency_id)
    context = {"matter": mark.matter, "agency": asking.name if asking else ""}
    notify(unit, wanted, "outside.asked", f"outside:{mark.id}", context, f"/outside/{mark.id}")


def tell_decided(unit: Unit, mark: OutsideMark) -> None:
    """Whoever asked."""
    person = unit.session.get(Account, int(mark.asked_by[1:])) if mark.asked_by[:1] == "u" else None
    if person is not None:
        context = {"matter": mark.matter, "remarks": mark.remarks}
        notify(unit, [person], "outside.decided", f"outside:{mark.id}", context, f"/outside/{mark.id}")


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """Marks that wait for this reviewer's agency."""
    if RoleName.REVIEWER not in actor.roles:
        return []
    waiting = session.scalars(
        select(OutsideMark)
        .where(OutsideMark.state == MarkState.ASKED, OutsideMark.asked_by != actor.code)
        .options(joinedload(OutsideMark.agency).joinedload(Agency.region))
        .order_by(OutsideMark.id)
        .limit(MOST)
    ).all()
    judges: dict[int, int] = {}
    for mark in waiting:
        if mark.agency_id not in judges:
            judges[mark.agency_id] = approving_agency(session, mark.agency, today(clock)).id
    return [
        DueLine(
            _("Decide: outside random selection, %(matter)s", matter=mark.matter),
            mark.agency.name,
            f"/outside/{mark.id}",
            _("Open"),
            rule="R-3.3",
            kind="outside",
        )
        for mark in waiting
        if judges[mark.agency_id] == actor.agency_id
    ]
