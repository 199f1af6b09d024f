"""Who may contribute to a draw, and who has downloaded what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.security.models import Account, Agency, Membership, MembershipRole
from app.security.queries import in_role
from app.security.rules import RoleName
from app.tasks.models import Task
from app.tasks.queries import active_agencies

MOST_AUDITORS = 20


@dataclass(frozen=True)
class Witness:
    """An agency (`code` is its own), or a person (`code` is the opaque `u12`) whom `agency_code` sends."""

    code: str
    label: str
    agency_id: int
    agency_code: str
    user_id: int | None = None


def possible_witnesses(session: Session, task: Task, day: date) -> list[Witness]:
    """The accepted participants, then the auditors of the task's region."""
    agencies = [
        Witness(agency.code, agency.name, agency.id, agency.code)
        for agency in active_agencies(task)
        if agency.id != task.initiator_id
    ]
    query = (
        select(Account, Agency)
        .join(Membership, Membership.user_id == Account.id)
        .join(Agency, Agency.id == Membership.agency_id)
        .join(MembershipRole, MembershipRole.membership_id == Membership.id)
        .where(
            in_role({RoleName.AUDITOR}, day),
            Membership.active,
            Account.active,
            Agency.region_id == task.region_id,
            Agency.id != task.initiator_id,
        )
        .order_by(Account.id)
        .distinct()
        .limit(MOST_AUDITORS)
    )
    auditors = [
        Witness(
            f"u{account.id}", f"{agency.name} {account.get_full_name()}", agency.id, agency.code, account.id
        )
        for account, agency in session.execute(query)
    ]
    return agencies + auditors
