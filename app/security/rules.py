"""Roles and what they may, as `50-security` of the design states it. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from app.kernel.decisions import ALLOWED, Decision, refused
from app.regulation import implements


class RoleName(StrEnum):
    OFFICE_ADMIN = "office_admin"
    AGENCY_ADMIN = "agency_admin"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    INSPECTOR = "inspector"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    RoleName.OFFICE_ADMIN: "Office administrator",
    RoleName.AGENCY_ADMIN: "Agency administrator",
    RoleName.CLERK: "Clerk",
    RoleName.REVIEWER: "Reviewer",
    RoleName.INSPECTOR: "Inspector",
    RoleName.AUDITOR: "Auditor",
    RoleName.SYSTEM_ADMIN: "System administrator",
    RoleName.SECURITY_ADMIN: "Security administrator",
    RoleName.AUDIT_ADMIN: "Audit administrator",
}

ROLE_NOTES = {
    RoleName.OFFICE_ADMIN: "Runs a joint meeting's office: joint lists and plans, the region's people and roles.",
    RoleName.AGENCY_ADMIN: "Keeps the own agency's directories, lists, plans and people.",
    RoleName.CLERK: "Carries out the own agency's tasks, responses, draws, matching and publication.",
    RoleName.REVIEWER: "Approves plans, results and exemptions; never what the same person submitted.",
    RoleName.INSPECTOR: "Carries out the own visits: form, conflict of interest, evidence.",
    RoleName.AUDITOR: "Reads draws, events and duty records of the region; contributes to draws, confirms voids.",
    RoleName.SYSTEM_ADMIN: "Keeps the system running; sees no business data.",
    RoleName.SECURITY_ADMIN: "Gives the regional office's roles and sets the security policy; no business data.",
    RoleName.AUDIT_ADMIN: "Reads and exports the security log; cannot change it.",
}

SEPARATE = frozenset({RoleName.SYSTEM_ADMIN, RoleName.SECURITY_ADMIN, RoleName.AUDIT_ADMIN})
BUSINESS = frozenset(RoleName) - SEPARATE


def may_hold_together(roles: frozenset[str]) -> Decision:
    """The three administrators are three people, and none of them does business (三员分立)."""
    separate = roles & SEPARATE
    if len(separate) > 1 or (separate and roles & BUSINESS):
        return refused("roles_apart", roles=sorted(roles))
    return ALLOWED


@implements("R-30.1")
def may_act(
    actor_roles: frozenset[str], actor_agency: int | None, wanted: frozenset[str], agency: int | None
) -> Decision:
    """Least privilege: one of the wanted roles, under a membership of the agency that the act belongs to.

    `agency` None: any agency of the actor's.
    """
    if not actor_roles & wanted:
        return refused("role_missing", wanted=sorted(wanted))
    if agency is not None and actor_agency != agency:
        return refused("other_agency")
    return ALLOWED


@implements("R-5.1")
def sits_in_meeting(joined_on: date, left_on: date | None, day: date) -> bool:
    """Whether a member agency sits in its joint meeting on a day; on the day it leaves it no longer does."""
    return joined_on <= day and (left_on is None or day < left_on)


def may_approve(submitter: str | None, approver: str) -> Decision:
    """Whoever submits does not approve."""
    return refused("same_person") if submitter == approver else ALLOWED
