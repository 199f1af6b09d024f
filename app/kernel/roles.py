"""The names of the standard roles, as `50-security` of the design lists them."""

from __future__ import annotations

from enum import StrEnum


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
