"""The directory follows its people: whoever leaves an agency is off duty there, whoever joins one is on duty."""

from __future__ import annotations

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.places import after_moving
from app.kernel.clock import today
from app.security.models import Account, Agency, Membership
from app.security.queries import roles_of
from app.security.roles.queries import agencies_administered
from app.security.rules import RoleName


def follow_leaving(unit: Unit, account: Account, agency_id: int) -> None:
    """Off duty at once; rosters follow (R-15.1). For whoever administers the agency's people."""
    inspector = _behind(unit, account)
    if inspector is None or inspector.agency_id != agency_id or not inspector.active:
        return
    if not _administers(unit, agency_id):
        return
    inspector.active = False
    unit.session.flush()
    record(unit, "inspector.left", f"inspector:{inspector.id}", {}, agency_id)


def follow_joining(unit: Unit, account: Account, agency_id: int) -> None:
    """On duty at the agency, if the person is an inspector there; the certificate goes along (R-14.1)."""
    inspector = _behind(unit, account)
    if inspector is None or (inspector.active and inspector.agency_id == agency_id):
        return
    query = select(Membership).where(Membership.user_id == account.id, Membership.agency_id == agency_id)
    membership = unit.session.scalars(query).first()
    agency = unit.session.get(Agency, agency_id)
    if membership is None or agency is None or not _administers(unit, agency_id):
        return
    if RoleName.INSPECTOR not in roles_of(membership, today(unit.clock)):
        return
    former = inspector.agency_id
    moved = former != agency_id
    inspector.agency_id, inspector.active = agency_id, True
    if moved and agency.region.code not in inspector.regions:
        inspector.regions = [agency.region.code]
    unit.session.flush()
    if moved:
        for callback in after_moving:
            callback(unit, inspector, former)
    tag = "inspector.moved" if moved else "inspector.returned"
    record(unit, tag, f"inspector:{inspector.id}", {}, agency_id)


def _behind(unit: Unit, account: Account) -> Inspector | None:
    query = select(Inspector).where(Inspector.user_id == account.id).with_for_update(of=Inspector)
    return unit.session.scalars(query.execution_options(populate_existing=True)).first()


def _administers(unit: Unit, agency_id: int) -> bool:
    return agency_id in unit.session.execute(agencies_administered(unit.session, unit.actor)).scalars().all()
