"""What the workbench shows of the directory of inspectors: certificates that end, transfers that wait."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor
from app.directories.inspectors.ending import Ending, endings, endings_of
from app.directories.inspectors.models import Inspector, Transfer
from app.directories.inspectors.rules import TransferState
from app.directories.inspectors.services.keeping import KEEPERS
from app.kernel.clock import Clock, today
from app.notifications.due import DueLine, due_lines
from app.regulation.calendar import end_of_day
from app.security.rules import RoleName
from app.security.scoping import unscoped

SHOWN = 10


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """The agency's for its administrator, the own ones for an inspector."""
    day = today(clock)
    if actor.agency_id is not None and actor.roles & KEEPERS:
        found = endings(session, day, agency_ids=[actor.agency_id], limit=SHOWN)
        return [_certificate(e) for e in found] + _transfers(session, actor.agency_id)
    if actor.user_id is not None and RoleName.INSPECTOR in actor.roles:
        return [_certificate(ending) for ending in endings_of(session, actor.user_id, day)[:SHOWN]]
    return []


def _certificate(ending: Ending) -> DueLine:
    return DueLine(
        title=_("A certificate ends: %(name)s", name=ending.name),
        detail=f"{ending.kind or _('Certificate of enforcement')} · {ending.number}",
        url=f"/inspectors/{ending.inspector_id}",
        action=_("Open"),
        due_at=end_of_day(ending.until),
        rule="R-15.1",
    )


def _transfers(session: Session, agency_id: int) -> list[DueLine]:
    query = (
        select(Transfer)
        .where(Transfer.to_agency_id == agency_id, Transfer.state == TransferState.ASKED.value)
        .options(joinedload(Transfer.from_agency))
        .order_by(Transfer.id)
        .limit(SHOWN)
    )
    waiting = session.scalars(query).all()
    if not waiting:
        return []
    with unscoped(session, "whom another agency offers to this one"):
        ids = [transfer.inspector_id for transfer in waiting]
        names = dict(session.execute(select(Inspector.id, Inspector.name).where(Inspector.id.in_(ids))).all())
    return [
        DueLine(
            title=_("Transfer: %(name)s", name=names.get(transfer.inspector_id, "")),
            detail=f"{transfer.from_agency.name} · {transfer.takes_effect_on}",
            url=f"/inspectors/transfers/{transfer.id}",
            action=_("Answer"),
            due_at=end_of_day(transfer.takes_effect_on),
            rule="R-15.1",
        )
        for transfer in waiting
    ]


def register() -> None:
    due_lines.add(lines)
