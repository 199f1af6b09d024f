"""The manual: one page per role, in `docs/manual/`, shown beside the screens."""

from __future__ import annotations

from pathlib import Path

from app.security.rules import RoleName

MANUAL = Path(__file__).resolve().parent.parent.parent / "docs" / "manual"

PAGES = {
    RoleName.OFFICE_ADMIN: "office",
    RoleName.AGENCY_ADMIN: "agency-admin",
    RoleName.CLERK: "clerk",
    RoleName.REVIEWER: "reviewer",
    RoleName.INSPECTOR: "inspector",
    RoleName.AUDITOR: "auditor",
    RoleName.SYSTEM_ADMIN: "administrators",
    RoleName.SECURITY_ADMIN: "administrators",
    RoleName.AUDIT_ADMIN: "administrators",
}


def help_url(roles: frozenset[str]) -> str:
    """The page of the first role that has one; the public's page without a role."""
    for role, page in PAGES.items():
        if role in roles:
            return f"/help/{page}"
    return "/help/public"
